#include "run/inputs.h"

#include "base/error.h"
#include "encoder/device.h"

#include <algorithm>
#include <thread>

namespace apiary::run {

data::ScenarioOptions scenarioOptions(const RunSpec &spec)
{
    const ScenarioSpec &scenario = spec.scenario;
    data::ScenarioOptions options;
    const auto kind = data::scenarioKind(scenario.kind);
    if (!kind)
        throw InputError("there is no scenario \"" + scenario.kind + "\"", "scenario.kind",
                         "`apiary-cli spec --schema` lists them");
    options.kind = *kind;
    options.testShare = scenario.testShare;
    options.validationShare = scenario.validationShare;
    options.seed = scenario.seed;
    options.publishedDraws = scenario.draw == "as-published" ? scenario.draws : 0;
    options.folds = scenario.folds;
    options.fold = scenario.fold;
    options.sourceShare = scenario.sourceShare;
    options.folder = scenario.folder;
    return options;
}

std::string dataPlace(const RunSpec &spec)
{
    return (spec.dataset.imported.empty() ? spec.dataset.interactions : spec.dataset.imported).string();
}

Inputs loadInputs(const RunSpec &spec, const ProgressFn &progress, const std::stop_token &stop,
                  const std::filesystem::path &storedSplit)
{
    Inputs inputs;
    inputs.dataset = data::loadDataset(spec.dataset, spec.filter, progress, stop);
    const data::Interactions &interactions = inputs.dataset.interactions;
    if (interactions.count() == 0)
        throw InputError("the filter leaves no interactions", "filter",
                         "lower filter.minRating or filter.minUserInteractions, and check the column names");
    const data::ScenarioOptions options = scenarioOptions(spec);
    std::error_code ignored;
    if (storedSplit.empty() || !std::filesystem::is_directory(storedSplit, ignored)) {
        inputs.scenario = data::makeScenario(interactions, options, stop);
        return inputs;
    }
    inputs.scenario = data::loadScenario(storedSplit, interactions, stop);
    inputs.scenario.kind = options.kind;
    inputs.scenario.items.seed = options.seed;
    data::checkNoLeak(inputs.scenario, interactions);
    return inputs;
}

TestSettings testSettings(const RunSpec &spec, const Inputs &inputs, const recsys::Embeddings *embeddings)
{
    const data::Scenario &scenario = inputs.scenario;
    const bool coldItems =
        scenario.kind == data::ScenarioKind::ColdStart || scenario.kind == data::ScenarioKind::ZeroShot;
    const CsrView known = coldItems ? inputs.dataset.interactions.csr.view() : scenario.training.view();
    TestSettings settings;
    settings.popularity = eval::popularityOf(known);
    settings.options.metrics = eval::parseMetrics(spec.evaluation.metrics);
    settings.options.threads = threadCount(spec);
    settings.options.items = {settings.popularity, known.rows, embeddings};
    if (spec.evaluation.segments) {
        settings.options.itemSegments = eval::popularitySegments(settings.popularity, scenario.test.candidates);
        settings.options.userSegments = eval::activitySegments(scenario.test.sources);
    }
    return settings;
}

std::int64_t maxTokens(const RunSpec &spec, std::int64_t ofEncoder)
{
    return spec.encoder.maxTokens > 0 ? std::min(spec.encoder.maxTokens, ofEncoder) : ofEncoder;
}

embed::TextOptions textOptions(const RunSpec &spec, const embed::SentenceEncoder &encoder)
{
    embed::TextOptions options;
    options.maxTokens = spec.encoder.maxTokens;
    options.threads = threadCount(spec);
    const std::string &name = spec.encoder.prompt;
    if (name == "none")
        options.prompt = "";
    else if (!name.empty() && (encoder.card().prompts.contains(name) || encoder.folder() == spec.encoder.folder))
        options.prompt = encoder.prompt(name);
    return options;
}

int threadCount(const RunSpec &spec)
{
    return spec.threads > 0 ? spec.threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

std::unique_ptr<embed::SentenceEncoder> openEncoder(const RunSpec &spec, const std::filesystem::path &folder,
                                                    embed::Precision precision)
{
    const std::string device = precision == embed::Precision::Exact ? encoder::resolveDevice(spec.device) : "cpu";
    encoder::setThreads(threadCount(spec));
    auto opened = std::make_unique<embed::SentenceEncoder>(folder, embed::EncoderOptions{device, 0, precision});
    opened->tokenBudget = spec.training.tokenBudget;
    return opened;
}

embed::Embeddings encodeItems(embed::SentenceEncoder &encoder, const text::TokenBatch &tokens,
                              std::span<const std::int32_t> items, const ProgressFn &progress,
                              const std::stop_token &stop)
{
    text::TokenBatch some;
    some.promptTokens = tokens.promptTokens;
    for (const std::int32_t item : items) {
        const auto from = tokens.ids.begin() + tokens.offsets[static_cast<std::size_t>(item)];
        some.ids.insert(some.ids.end(), from, from + tokens.length(item));
        some.offsets.push_back(static_cast<std::int64_t>(some.ids.size()));
    }
    const embed::Embeddings rows = encoder.encode(some, progress, stop);
    embed::Embeddings all = embed::Embeddings::Zero(tokens.size(), rows.cols());
    for (std::size_t i = 0; i < items.size(); ++i)
        all.row(items[i]) = rows.row(static_cast<Eigen::Index>(i));
    return all;
}

ProgressFn renamed(ProgressFn report, std::string stage, std::string unit)
{
    if (!report)
        return {};
    return [report = std::move(report), stage = std::move(stage), unit = std::move(unit)](Progress progress) {
        progress.stage = stage;
        progress.unit = unit;
        report(progress);
    };
}

} // namespace apiary::run
