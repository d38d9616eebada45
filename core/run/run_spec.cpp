#include "run/run_spec.h"

#include "base/error.h"
#include "data/stored_dataset.h"
#include "hub/sha256.h"
#include "recsys/registry.h"
#include "run/recommenders.h"
#include "run/spec_fields.h"

#include <fstream>
#include <iterator>

namespace apiary::run {

namespace {

using Json = nlohmann::ordered_json;

std::filesystem::path resolved(const std::filesystem::path &path, const std::filesystem::path &base)
{
    if (path.empty() || path.is_absolute())
        return path;
    std::error_code ignored;
    const auto beside = std::filesystem::absolute(base / path).lexically_normal();
    const auto here = std::filesystem::absolute(path).lexically_normal();
    return !std::filesystem::exists(beside, ignored) && std::filesystem::exists(here, ignored) ? here : beside;
}

Json &place(Json &root, const std::string &path, bool inProperties)
{
    const auto dot = path.find('.');
    if (dot == std::string::npos)
        return root[path];
    Json &section = root[path.substr(0, dot)];
    return (inProperties ? section["properties"] : section)[path.substr(dot + 1)];
}

RunSpec quickstart()
{
    RunSpec spec;
    spec.name = "Quickstart: ml-100k with all-MiniLM-L6-v2";
    spec.description =
        "Tunes a small sentence encoder on MovieLens ratings: a fifth of the films is new to it at the end.";
    spec.dataset.name = "ml-100k";
    spec.dataset.interactions = ".apiary/data/ml-100k/ml-100k.inter";
    spec.dataset.items = ".apiary/data/ml-100k/ml-100k.item";
    spec.dataset.ratingColumn = "rating";
    spec.dataset.timestampColumn = "timestamp";
    spec.dataset.titleColumn = "movie_title";
    spec.dataset.titleTemplate = "{movie_title} ({release_year})";
    spec.dataset.textTemplate = "{movie_title} ({release_year}). Genres: {class}";
    spec.encoder.folder = ".apiary/encoders/all-MiniLM-L6-v2";
    spec.training.usersPerStep = 256;
    spec.training.learningRate = 5e-5;
    spec.training.epochs = 10;
    spec.training.maxSteps = 30;
    spec.training.evaluateEvery = 2;
    spec.training.patience = 4;
    return spec;
}

/// The settings of the publication (arXiv 2409.10309) for GoodBooks-10k; the data is the user's own.
RunSpec paper()
{
    RunSpec spec;
    spec.name = "As published";
    spec.description =
        "The settings of the beeFormer paper: 1024 users and 10,000 items a step, five epochs, no early stop.";
    spec.scenario.testShare = 0.2;
    spec.scenario.validationShare = 0.2;
    spec.encoder.maxTokens = 384;
    spec.training.negativesWithReplacement = true;
    spec.training.evaluateEvery = 10;
    spec.training.patience = 0;
    return spec;
}

/// Throws InputError where what the spec wants needs times and its data have none.
void requireTimes(const RunSpec &spec, bool imported)
{
    const char *remedy = imported ? "import the dataset again with a column of times, or choose another"
                                  : "name the column in dataset.timestampColumn, or choose another";
    if (spec.scenario.kind == "time-split" || spec.scenario.kind == "leave-last-out")
        throw InputError("the scenario " + spec.scenario.kind + " needs times, and the dataset has none",
                         "scenario.kind", remedy);
    for (const RecommenderChoice &choice : parseRecommenders(spec.evaluation.recommenders))
        if (needsTimes(choice))
            throw InputError(choice.name + " needs times, and the dataset has none", "evaluation.recommenders", remedy);
}

/// The list in one spelling; one that cannot be read stays as it is.
std::string recommenderNames(const std::string &list)
{
    std::string names;
    try {
        for (const RecommenderChoice &choice : parseRecommenders(list))
            names += (names.empty() ? "" : ", ") + choice.name;
    } catch (const InputError &) {
        return list;
    }
    return names;
}

} // namespace

bool operator==(const RunSpec &a, const RunSpec &b)
{
    return toJson(a) == toJson(b);
}

nlohmann::ordered_json toJson(const RunSpec &spec)
{
    Json root = Json::object();
    for (const Binding &binding : bindings())
        place(root, binding.info.path, false) = binding.get(spec);
    return root;
}

std::string toText(const RunSpec &spec)
{
    return toJson(spec).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

RunSpec loadSpec(const std::filesystem::path &file)
{
    std::ifstream in(file, std::ios::binary);
    if (!in || std::filesystem::is_directory(file))
        throw InputError("the file cannot be read", file.string(), "name a RunSpec file; `apiary-cli spec` prints one");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    RunSpec spec = parseSpec(text, file.string());
    const auto base = std::filesystem::absolute(file).parent_path();
    spec.dataset.interactions = resolved(spec.dataset.interactions, base);
    spec.dataset.items = resolved(spec.dataset.items, base);
    spec.encoder.folder = resolved(spec.encoder.folder, base);
    spec.scenario.folder = resolved(spec.scenario.folder, base);
    if (const auto imported = resolved(spec.dataset.imported, base); std::filesystem::exists(imported / "dataset.json"))
        spec.dataset.imported = imported; // else a name or a hash
    return spec;
}

void checkInputs(const RunSpec &spec)
{
    checkSpec(spec);
    const auto present = [](const std::filesystem::path &path, const std::string &field, bool folder) {
        const char *kind = folder ? "folder" : "file";
        if (path.empty())
            throw InputError("is empty", field, std::string("name a ") + kind);
        std::error_code ignored;
        const bool there =
            folder ? std::filesystem::is_directory(path, ignored)
                   : std::filesystem::exists(path, ignored) && !std::filesystem::is_directory(path, ignored);
        if (!there)
            throw InputError(std::string("there is no such ") + kind + ": " + path.string(), field,
                             "check the path; a relative one starts at the folder of the spec's file");
    };
    const bool imported = !spec.dataset.imported.empty();
    if (imported) {
        const Json card = data::readDatasetCard(spec.dataset.imported);
        const auto time = card.find("import") == card.end() ? Json() : card["import"].value("interactions", Json());
        if (time.is_object() && time.value("time", "-").empty())
            requireTimes(spec, true);
    } else {
        present(spec.dataset.interactions, "dataset.interactions", false);
        present(spec.dataset.items, "dataset.items", false);
        if (spec.dataset.timestampColumn.empty())
            requireTimes(spec, false);
    }
    present(spec.encoder.folder, "encoder.folder", true);
    if (spec.scenario.kind == "ready-made")
        present(spec.scenario.folder, "scenario.folder", true);
    if (!imported && spec.dataset.textTemplate.empty())
        throw InputError("is empty", "dataset.textTemplate",
                         "say what the encoder reads, e.g. \"{title}. {description}\"");
}

nlohmann::ordered_json specSchema()
{
    Json root;
    root["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    root["title"] = "RunSpec";
    root["description"] = "What an Apiary run does. Every field may be left out and then has its default.";
    root["type"] = "object";
    root["additionalProperties"] = false;
    root["properties"] = Json::object();
    Json &properties = root["properties"];
    const RunSpec defaults;
    for (const Binding &binding : bindings()) {
        const FieldInfo &field = binding.info;
        if (const auto dot = field.path.find('.'); dot != std::string::npos) {
            Json &section = properties[field.path.substr(0, dot)];
            section["type"] = "object";
            section["additionalProperties"] = false;
        }
        Json entry;
        entry["type"] = field.type == "enum" ? "string" : field.type;
        entry["title"] = field.label;
        entry["description"] = field.help + (field.unit.empty() ? "" : " Unit: " + field.unit + ".");
        entry["default"] = binding.get(defaults);
        if (!field.choices.empty())
            entry["enum"] = field.choices;
        if (field.minimum != field.maximum) {
            entry["minimum"] = field.minimum;
            entry["maximum"] = field.maximum;
        }
        place(properties, field.path, true) = std::move(entry);
    }
    for (const recsys::RecommenderInfo &info : recsys::recommenders()) {
        const Json kind = recsys::described(info);
        root["$defs"]["recommenders"][info.kind] = {{"type", "object"},
                                                    {"title", info.label},
                                                    {"description", info.help + " " + info.source + "."},
                                                    {"additionalProperties", false},
                                                    {"properties", kind.at("parameters")}};
    }
    return root;
}

RunSpec preset(const std::string &name)
{
    if (name == "default")
        return {};
    if (name == "quickstart")
        return quickstart();
    if (name == "paper")
        return paper();
    throw InputError("there is no preset \"" + name + "\"", {}, "take default, quickstart or paper");
}

std::string specHash(const RunSpec &spec)
{
    Json deciding = Json::object();
    for (const Binding &binding : bindings())
        if (binding.info.decides && scenarioReads(spec.scenario, binding.info.path))
            deciding[binding.info.path] = binding.get(spec);
    deciding["evaluation.recommenders"] = recommenderNames(spec.evaluation.recommenders);
    hub::Sha256 hash;
    hash.update(deciding.dump(-1, ' ', false, Json::error_handler_t::replace));
    return hash.hex();
}

std::string specHash(const std::string &specJson, const std::string &stored)
{
    try {
        return specHash(parseSpec(specJson, "stored spec"));
    } catch (const InputError &) {
        return stored;
    }
}

} // namespace apiary::run
