#include "run/run_files.h"

#include "base/error.h"
#include "base/memory.h"
#include "data/stored_dataset.h"
#include "encoder/device.h"
#include "hub/card.h"
#include "hub/encoder_names.h"
#include "hub/packaged.h"
#include "run/version.h"
#include "store/project.h"

#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

namespace apiary::run {

namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json &json, int indent = -1)
{
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

const std::vector<std::string> &validationMetrics()
{
    static const std::vector<std::string> names{"recall@20", "recall@50", "ndcg@100"};
    return names;
}

/// The template that made the items' texts: the spec's, or that of the import.
std::string textTemplateOf(const RunSpec &spec)
{
    if (spec.dataset.imported.empty())
        return spec.dataset.textTemplate;
    const Json card = data::readDatasetCard(spec.dataset.imported);
    return data::importSpecOf(card.at("import"), "dataset.json").items.textTemplate;
}

/// The base's licence as a model card's front matter states it; empty where the base states none.
std::string licenceLines(const hub::EncoderCard &card)
{
    if (card.licence.empty())
        return {};
    return card.ownLicence ? "license: other\nlicense_name: " + dumped(card.licence) + "\n"
                           : "license: " + dumped(card.licence) + "\n";
}

/// How to encode in Python what the run encoded, with the prompt that it put before each text.
std::string useSection(const RunSpec &spec, const embed::EncoderCard &base)
{
    std::string names;
    for (const auto &[name, prompt] : base.prompts)
        names += (names.empty() ? "`" : ", `") + name + "`" + (prompt.empty() ? " (empty)" : "");
    const std::string &used = spec.encoder.prompt;
    std::string argument;
    if (used == "none" && !base.defaultPrompt.empty())
        argument = ", prompt=\"\"";
    else if (!used.empty() && used != "none")
        argument = ", prompt_name=" + dumped(used);
    std::string text = "## Use\n\n```python\nfrom sentence_transformers import SentenceTransformer\n"
                       "encoder = SentenceTransformer(\"path/to/this/folder\")\n"
                       "embeddings = encoder.encode([\"a text\"]" +
                       argument + ")\n```\n\n";
    if (names.empty())
        return text;
    text += "The encoder has prompts: " + names + ". `prompt_name=` puts one of them before each text";
    text += base.defaultPrompt.empty() ? "; unasked, none is put there. "
                                       : "; unasked, `" + base.defaultPrompt + "` is put there. ";
    return text + "The call above encodes as this run did.\n\n";
}

} // namespace

std::string environmentJson(const std::string &device, int threads)
{
    Json json;
    json["apiary"] = version;
    json["libtorch"] = encoder::libtorchVersion();
    json["compiler"] = __VERSION__;
    json["device"] = device;
    json["threads"] = threads;
    json["instructions"] = encoder::cpuCapability();
    for (const encoder::DeviceInfo &info : encoder::devices())
        if (info.name == "cpu" || info.name == device)
            json[info.name == "cpu" ? "processor" : "gpu"] = info.description;
    json["memory"] = machineMemory();
    return dumped(json);
}

std::string cardJson(const embed::EncoderCard &card)
{
    return dumped(Json{{"name", card.name},
                       {"architecture", card.architecture},
                       {"pooling", card.pooling},
                       {"parameters", card.parameters},
                       {"dimension", card.dimension},
                       {"maxTokens", card.maxTokens},
                       {"hash", card.hash}});
}

std::string countsJson(const data::Dataset &dataset)
{
    Json json = Json::array();
    for (const data::FilterCount &count : dataset.counts)
        json.push_back({{"step", count.step},
                        {"users", count.users},
                        {"items", count.items},
                        {"interactions", count.interactions}});
    return dumped(json);
}

std::string modelCard(const RunSpec &spec, const embed::EncoderCard &base, const data::Dataset &dataset, int steps,
                      int bestStep, const eval::Comparison *comparison)
{
    const auto &interactions = dataset.interactions;
    const hub::EncoderCard card = hub::readCard(spec.encoder.folder);
    const std::string name = hub::encoderName(spec.encoder.folder);
    const std::string repository = hub::repositoryOf(spec.encoder.folder);
    std::string text = "---\nlibrary_name: sentence-transformers\npipeline_tag: sentence-similarity\n"
                       "base_model: " +
                       dumped(repository.empty() ? name : repository) + "\n" + licenceLines(card) +
                       "tags:\n- sentence-transformers\n- feature-extraction\n"
                       "- sentence-similarity\n- beeformer\n- recommender-systems\n---\n\n";
    text += "# " + name + ", tuned on " + dataset.name + "\n\n";
    text += "A sentence encoder that learned from interactions between users and items (beeFormer, arXiv 2409.10309), "
            "made with Apiary " +
            std::string(version) + ".\n\n";
    text += "- Base encoder: `" + (repository.empty() ? name : repository) + "` (" + base.architecture + ", " +
            std::to_string(card.parameters > 0 ? card.parameters : base.parameters) + " parameters, " +
            std::to_string(base.dimension) + " dimensions, " + base.pooling + " pooling), hash `" + base.hash + "`\n";
    if (!card.licence.empty())
        text += "- Licence of the base encoder: " + card.licence + "\n";
    text += "- Data: " + dataset.name + ", " + std::to_string(interactions.userCount()) + " users, " +
            std::to_string(interactions.itemCount()) + " items, " + std::to_string(interactions.count()) +
            " interactions after the filter, hash `" + dataset.hash + "`\n";
    text += "- Text of an item: `" + textTemplateOf(spec) + "`, at most " +
            std::to_string(maxTokens(spec, base.maxTokens)) + " tokens\n";
    if (!spec.encoder.prompt.empty())
        text += "- prompt before each text: " + spec.encoder.prompt + "\n";
    text += "- Weights: of step " + std::to_string(bestStep) + ", the best by " + spec.training.monitor +
            " on validation items, of " + std::to_string(steps) + " steps\n\n";
    text += useSection(spec, base);
    text += "## Results on test items\n\n";
    if (comparison)
        text += (spec.scenario.kind == "cold-start" ? "Items that training never saw (" : "Interactions held out (") +
                spec.scenario.kind + ").\n\n```\n" + eval::formatTable(*comparison) + "```\n\n";
    else
        text += "The run was stopped before its evaluation on test items.\n\n";
    // An encoder folder is made to be passed on: names of files, not where they lay on this machine.
    RunSpec shown = spec;
    for (std::filesystem::path *path : {&shown.dataset.interactions, &shown.dataset.items, &shown.dataset.imported,
                                        &shown.encoder.folder, &shown.scenario.folder})
        *path = (*path / "").parent_path().filename();
    text += "## What the run did\n\n```json\n" + toText(shown) + "```\n";
    return text;
}

void keepSplit(const std::filesystem::path &staging, const store::Project &project, const Inputs &inputs)
{
    const data::Scenario &scenario = inputs.scenario;
    data::saveScenario(scenario, inputs.dataset.interactions, project.folder() / "splits" / scenario.hash);
    writeText(staging / "split.json",
              dumped(Json{{"kind", data::name(scenario.kind)}, {"hash", scenario.hash}}, 2) + "\n");
}

std::filesystem::path storedSplit(const store::Project &project, const store::RunRecord &run)
{
    if (run.folder.empty())
        return {};
    std::ifstream in(run.folder / "split.json", std::ios::binary);
    const Json json = Json::parse(std::string{std::istreambuf_iterator<char>(in), {}}, nullptr, false);
    if (!json.is_object() || !json.contains("hash") || !json["hash"].is_string())
        return {};
    const auto hash = json["hash"].get<std::string>();
    const bool digest = hash.size() == 64 && hash.find_first_not_of("0123456789abcdef") == std::string::npos;
    return digest ? project.folder() / "splits" / hash : std::filesystem::path();
}

void writeTestFiles(const std::filesystem::path &folder, const std::vector<eval::Evaluation> &evaluations)
{
    std::string totals, segments;
    for (const eval::Evaluation &evaluation : evaluations) {
        for (const eval::TotalValue &total : evaluation.totals)
            totals += csvField(evaluation.model) + "," + total.metric + "," + csvNumber(total.value) + "\n";
        for (const eval::SegmentValues &segment : evaluation.segments)
            for (const eval::MetricValues &values : segment.metrics)
                segments += csvField(evaluation.model) + "," + csvField(segment.segment) + "," + values.metric + "," +
                            std::to_string(segment.users.size()) + "," + csvNumber(values.mean()) + "\n";
    }
    if (!totals.empty())
        writeText(folder / "totals.csv", "model,metric,value\n" + totals);
    if (!segments.empty())
        writeText(folder / "segments.csv", "model,segment,metric,users,mean\n" + segments);
}

void writeItems(const std::filesystem::path &file, const Inputs &inputs)
{
    std::string text = "row,item,role,title\n";
    const data::Catalog &catalog = inputs.dataset.catalog;
    for (std::size_t i = 0; i < catalog.ids.size(); ++i)
        text += std::to_string(i) + "," + csvField(catalog.ids[i]) + "," + data::name(inputs.scenario.items.roles[i]) +
                "," + csvField(i < catalog.titles.size() ? catalog.titles[i] : std::string()) + "\n";
    writeText(file, text);
}

std::string scalarsCsv(const store::Project &project, std::int64_t run, bool header)
{
    struct Row {
        const store::StepRecord *step = nullptr;
        std::map<std::string, double> metrics;
    };
    const auto steps = project.steps(run);
    std::map<int, Row> rows;
    for (const store::StepRecord &step : steps)
        rows[step.step].step = &step;
    for (const store::ValidationRecord &record : project.validation(run))
        rows[record.step].metrics[record.metric] = record.value;

    std::string text;
    if (header) {
        text = "run,step,epoch,time,loss,learning_rate,gradient_norm,seconds,tokens,items,passes,resident,allocated,"
               "gpu_allocated,gpu_reserved";
        for (const std::string &metric : validationMetrics())
            text += ",validation_" + metric;
        text += "\n";
    }
    for (const auto &[number, row] : rows) {
        text += std::to_string(run) + "," + std::to_string(number);
        if (const store::StepRecord *step = row.step) {
            text += "," + std::to_string(step->epoch);
            for (const double value : {step->time, step->loss, step->learningRate, step->gradientNorm, step->seconds})
                text += "," + csvNumber(value);
            text += "," + std::to_string(step->tokens) + "," + std::to_string(step->items) + "," +
                    std::to_string(step->passes) + "," + std::to_string(step->resident) + "," +
                    std::to_string(step->allocated);
            for (const std::int64_t value : {step->gpuAllocated, step->gpuReserved})
                text += "," + (value < 0 ? std::string() : std::to_string(value));
        } else {
            text += std::string(13, ',');
        }
        for (const std::string &metric : validationMetrics()) {
            const auto value = row.metrics.find(metric);
            text += "," + (value == row.metrics.end() ? std::string() : csvNumber(value->second));
        }
        text += "\n";
    }
    return text;
}

std::string csvField(const std::string &value)
{
    if (value.find_first_of(",\"\r\n") == std::string::npos)
        return value;
    std::string out = "\"";
    for (const char c : value) {
        if (c == '"')
            out += '"';
        out += c;
    }
    return out + "\"";
}

std::string csvNumber(double value)
{
    if (!std::isfinite(value))
        return {};
    char text[32];
    const auto result = std::to_chars(text, text + sizeof text, value);
    return {text, result.ptr};
}

void writeText(const std::filesystem::path &file, const std::string &text)
{
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out)
        throw Error("the file cannot be written", file.string(), "check the folder and the disk's free space");
}

} // namespace apiary::run
