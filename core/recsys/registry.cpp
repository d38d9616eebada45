#include "recsys/registry.h"

#include "recsys/kinds.h"
#include "recsys/state.h"

#include "base/error.h"
#include "encoder/durable_file.h"
#include "encoder/json_file.h"

#include <algorithm>
#include <limits>

namespace apiary::recsys {

namespace {

constexpr const char *describingFile = "recommender.json";
constexpr const char *stateFile = "state.safetensors";
constexpr int formatVersion = 1;

const std::vector<Kind> &kinds()
{
    static const std::vector<Kind> table{randomKind(), popularityKind(), itemKnnKind(), ialsKind(),
                                         easeKind(),   sansaKind(),      elsaKind(),    multVaeKind(),
                                         sasRecKind(), contentKind(),    mixKind(),     heaterKind()};
    return table;
}

const Kind &findKind(const std::string &name, const std::string &where)
{
    std::string known;
    for (const Kind &kind : kinds()) {
        if (kind.info.kind == name)
            return kind;
        known += (known.empty() ? "" : ", ") + kind.info.kind;
    }
    throw InputError("there is no recommender \"" + name + "\"", where, "there are " + known);
}

} // namespace

nlohmann::ordered_json Recommender::parameters() const
{
    return nlohmann::ordered_json::object();
}

const std::vector<RecommenderInfo> &recommenders()
{
    static const std::vector<RecommenderInfo> infos = [] {
        std::vector<RecommenderInfo> all;
        for (const Kind &kind : kinds())
            all.push_back(kind.info);
        return all;
    }();
    return infos;
}

const RecommenderInfo &recommenderInfo(const std::string &kind)
{
    return findKind(kind, "recommender").info;
}

nlohmann::ordered_json defaultParameters(const std::string &kind)
{
    return findKind(kind, "recommender").defaults;
}

nlohmann::ordered_json described(const RecommenderInfo &info)
{
    const Json defaults = defaultParameters(info.kind);
    Json parameters = Json::object();
    for (const ParameterInfo &each : info.parameters) {
        Json &entry = parameters[each.name];
        entry["type"] = each.type == "enum" ? "string" : each.type;
        entry["description"] = each.help;
        entry["default"] = defaults.at(each.name);
        if (each.type == "enum")
            entry["enum"] = each.choices;
        if (each.type == "integer" || each.type == "number") {
            const auto bound = [&each](double value) {
                return each.type == "integer" ? Json(static_cast<std::int64_t>(value)) : Json(value);
            };
            entry["minimum"] = bound(each.minimum);
            entry["maximum"] = bound(each.maximum);
        }
    }
    return {{"recommender", info.kind},
            {"label", info.label},
            {"help", info.help},
            {"source", info.source},
            {"needsEmbeddings", info.needsEmbeddings},
            {"coldItems", info.coldItems},
            {"usesTimes", info.usesTimes},
            {"parameters", std::move(parameters)}};
}

std::unique_ptr<Recommender> makeRecommender(const std::string &kind, const nlohmann::ordered_json &parameters,
                                             const std::string &where, std::shared_ptr<const Embeddings> embeddings)
{
    const Kind &found = findKind(kind, where);
    if (found.info.needsEmbeddings && !embeddings)
        throw InputError(found.info.label + " needs the items' embeddings", where, "name an encoder for it");
    return found.make(parameters, where, std::move(embeddings));
}

void saveRecommender(const Recommender &model, const std::filesystem::path &folder)
{
    if (model.kind().empty())
        throw Error("the recommender " + model.name() + " cannot be saved", folder.string(),
                    "save one of a kind that is listed");
    std::error_code ignored;
    if (std::filesystem::exists(folder, ignored))
        throw Error("there is something already", folder.string(), "choose another folder or remove it");
    StateWriter::Tensors tensors;
    StateWriter writer(tensors);
    model.saveState(writer);

    const std::filesystem::path temporary = encoder::temporarySibling(folder);
    struct Remove {
        const std::filesystem::path &path;
        ~Remove()
        {
            std::error_code error;
            std::filesystem::remove_all(path, error);
        }
    } const remove{temporary};
    std::error_code failed;
    std::filesystem::create_directories(temporary, failed);
    if (failed)
        throw Error("the folder cannot be made: " + failed.message(), folder.string(), "choose another place");
    const Json description{{"format", formatVersion}, {"kind", model.kind()}, {"parameters", model.parameters()}};
    encoder::DurableFile file(temporary / describingFile);
    file.write(description.dump(2) + "\n");
    file.finish();
    encoder::writeSafetensors(temporary / stateFile, tensors);
    encoder::syncFolder(temporary);
    encoder::renameDurably(temporary, folder);
}

std::unique_ptr<Recommender> loadRecommender(const std::filesystem::path &folder)
{
    const auto description = encoder::JsonFile::read(folder / describingFile);
    description.integer("format", formatVersion, formatVersion);
    const std::string where = (folder / describingFile).string();
    const auto parameters = description.root().find("parameters");
    if (parameters == description.root().end())
        throw InputError("the field is missing", description.where("parameters"), "save the recommender again");
    auto model = findKind(description.string("kind"), where).make(Json(*parameters), where, {});
    const auto file = encoder::SafetensorsFile::open(folder / stateFile);
    model->loadState(StateReader(file));
    return model;
}

void checkItems(const std::string &name, std::int64_t fitted, const CsrView &sources)
{
    if (fitted == 0)
        throw Error(name + " has learned nothing yet", "recommender " + name, "fit or load it first");
    if (sources.cols != fitted)
        throw Error(name + " was fitted to " + std::to_string(fitted) + " items, the users' rows have " +
                        std::to_string(sources.cols) + " columns",
                    "recommender " + name, "use interactions of the same dataset");
}

std::vector<std::int32_t> places(std::int64_t items, std::span<const std::int32_t> candidates)
{
    std::vector<std::int32_t> place(static_cast<std::size_t>(items), -1);
    for (std::size_t c = 0; c < candidates.size(); ++c)
        place[static_cast<std::size_t>(candidates[c])] = static_cast<std::int32_t>(c);
    return place;
}

} // namespace apiary::recsys
