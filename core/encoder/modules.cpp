#include "encoder/modules.h"

#include "base/error.h"
#include "base/file_inside.h"
#include "encoder/json_file.h"

#include <algorithm>
#include <utility>

namespace apiary::encoder {

namespace {

namespace fs = std::filesystem;

constexpr std::pair<Pooling, const char *> poolings[] = {
    {Pooling::Cls, "cls"},
    {Pooling::Max, "max"},
    {Pooling::Mean, "mean"},
    {Pooling::MeanSqrtLength, "mean_sqrt_len_tokens"},
    {Pooling::WeightedMean, "weightedmean"},
    {Pooling::LastToken, "lasttoken"},
};

/// The boolean fields that older sentence-transformers write, in the order in which it joins the modes' vectors.
constexpr std::pair<const char *, Pooling> olderPoolingFields[] = {
    {"pooling_mode_cls_token", Pooling::Cls},
    {"pooling_mode_max_tokens", Pooling::Max},
    {"pooling_mode_mean_tokens", Pooling::Mean},
    {"pooling_mode_mean_sqrt_len_tokens", Pooling::MeanSqrtLength},
    {"pooling_mode_weightedmean_tokens", Pooling::WeightedMean},
    {"pooling_mode_lasttoken", Pooling::LastToken},
};

constexpr std::pair<const char *, DenseActivation> activations[] = {
    {"Identity", DenseActivation::Identity}, {"Tanh", DenseActivation::Tanh}, {"ReLU", DenseActivation::Relu},
    {"GELU", DenseActivation::Gelu},         {"SiLU", DenseActivation::Silu}, {"Sigmoid", DenseActivation::Sigmoid},
};

constexpr const char *known = "this version reads a Transformer, then Pooling, Dense, LayerNorm and Normalize modules";

template <typename List>
std::string names(const List &list)
{
    std::string text;
    for (const auto &[first, second] : list) {
        if constexpr (std::is_same_v<std::decay_t<decltype(first)>, const char *>)
            text += (text.empty() ? "" : ", ") + std::string(first);
        else
            text += (text.empty() ? "" : ", ") + std::string(second);
    }
    return text;
}

/// A line of modules.json.
struct Entry {
    std::string kind; ///< last part of the module's type: "Transformer", "Pooling" …
    fs::path path;
    std::string where;
};

/// A path inside the folder, or an error: modules.json must not lead out of it.
fs::path insidePath(const std::string &text, const std::string &where)
{
    const fs::path path = fs::path(text).lexically_normal();
    const bool leavesFolder = path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end();
    if (leavesFolder || text.find('\0') != std::string::npos)
        throw InputError("the path \"" + text + "\" leads out of the encoder's folder", where,
                         "correct modules.json, or download the encoder's folder again");
    return path == "." ? fs::path() : path;
}

std::vector<Entry> readEntries(const fs::path &folder)
{
    const fs::path path = folder / "modules.json";
    if (!fs::exists(path))
        return {{"Transformer", {}, path.string()}};
    const JsonFile file = JsonFile::read(fileInside(folder, "modules.json"));
    std::vector<Entry> entries;
    for (const nlohmann::json &entry : file.root()) {
        const std::string where = file.where("module " + std::to_string(entries.size()));
        const bool complete = entry.is_object() && entry.contains("type") && entry["type"].is_string() &&
                              entry.contains("path") && entry["path"].is_string();
        if (!complete)
            throw InputError("expected an object with the texts \"type\" and \"path\"", where,
                             "download the encoder's folder again");
        const std::string type = entry["type"].get<std::string>();
        entries.push_back(
            {type.substr(type.rfind('.') + 1), insidePath(entry["path"].get<std::string>(), where), where});
    }
    if (entries.empty() || entries.front().kind != "Transformer")
        throw InputError("does not begin with a Transformer", path.string(), known);
    return entries;
}

Pooling poolingFromName(const std::string &name, const std::string &where)
{
    for (const auto &[pooling, text] : poolings)
        if (name == text)
            return pooling;
    throw InputError("unknown pooling mode \"" + name + "\"", where, "this version knows: " + names(poolings));
}

std::vector<Pooling> readModes(const JsonFile &file)
{
    std::vector<Pooling> modes;
    if (file.has("pooling_mode")) {
        const nlohmann::json &mode = file.root().at("pooling_mode");
        for (const nlohmann::json &one : mode.is_array() ? mode : nlohmann::json::array({mode}))
            modes.push_back(
                poolingFromName(one.is_string() ? one.get<std::string>() : one.dump(), file.where("pooling_mode")));
    } else {
        for (const auto &[field, pooling] : olderPoolingFields)
            if (file.boolean(field, false))
                modes.push_back(pooling);
        if (modes.empty())
            modes.push_back(Pooling::Mean);
    }
    if (modes.empty() || modes.size() > std::size(poolings))
        throw InputError("names " + std::to_string(modes.size()) + " pooling modes", file.where("pooling_mode"),
                         "name at least one, and none twice");
    return modes;
}

/// A width that a module's configuration states must be that of what comes before it.
void checkWidth(const JsonFile &file, const char *field, std::int64_t width, const std::string &whose)
{
    if (file.integer(field, 1, 1 << 20, width) != width)
        throw InputError("this module expects vectors of " + file.root().at(field).dump() + " values, " + whose +
                             " have " + std::to_string(width),
                         file.where(field), "the folder mixes two encoders: download it again");
}

void readPooling(const JsonFile &file, Module &module)
{
    for (const char *field : {"word_embedding_dimension", "embedding_dimension"})
        checkWidth(file, field, module.in, "the Transformer's");
    module.modes = readModes(file);
    module.includePrompt = file.boolean("include_prompt", true);
    module.out = module.in * static_cast<std::int64_t>(module.modes.size());
}

void readDense(const JsonFile &file, Module &module)
{
    checkWidth(file, "in_features", module.in, "those before it");
    module.out = file.integer("out_features", 1, 1 << 20);
    module.bias = file.boolean("bias", true);
    module.residual = file.boolean("use_residual", false);
    for (const char *field : {"module_input_name", "module_output_name"})
        if (file.string(field, "sentence_embedding") != "sentence_embedding")
            throw InputError("this Dense module works on \"" + file.string(field) + "\"", file.where(field),
                             "this version reads those that work on the sentence embedding");
    const std::string name = file.string("activation_function", "torch.nn.modules.activation.Tanh");
    for (const auto &[text, activation] : activations) {
        if (name.substr(name.rfind('.') + 1) == text) {
            module.activation = activation;
            return;
        }
    }
    throw InputError("unknown activation \"" + name + "\"", file.where("activation_function"),
                     "this version knows: " + names(activations));
}

Module readModule(const fs::path &folder, const Entry &entry, std::int64_t width, bool pooled)
{
    Module module;
    module.path = entry.path;
    module.in = module.out = width;
    const auto file = [&] { return JsonFile::read(fileInside(folder, entry.path / "config.json")); };
    if (entry.kind == "Pooling" && !pooled) {
        readPooling(file(), module);
    } else if (entry.kind == "Dense" && pooled) {
        module.kind = Module::Kind::Dense;
        readDense(file(), module);
    } else if (entry.kind == "LayerNorm" && pooled) {
        module.kind = Module::Kind::LayerNorm;
        checkWidth(file(), "dimension", width, "those before it");
    } else if (entry.kind == "Normalize" && pooled) {
        module.kind = Module::Kind::Normalize;
    } else {
        throw InputError("a module of type \"" + entry.kind + "\" is not supported here", entry.where, known);
    }
    return module;
}

/// Whether a Transformer was made for generating text, as sentence-transformers 6.2 judges it.
bool generatesText(const JsonFile &network)
{
    const auto architectures = network.root().find("architectures");
    const bool named = architectures != network.root().end() && architectures->is_array() && !architectures->empty() &&
                       architectures->front().is_string();
    return named && architectures->front().get<std::string>().ends_with("ForCausalLM") &&
           network.boolean("is_causal", true);
}

} // namespace

const char *poolingName(Pooling pooling)
{
    for (const auto &[one, name] : poolings)
        if (one == pooling)
            return name;
    return "";
}

std::string poolingName(const std::vector<Pooling> &modes)
{
    std::string text;
    for (const Pooling mode : modes)
        text += (text.empty() ? "" : "+") + std::string(poolingName(mode));
    return text;
}

fs::path readTransformerPath(const fs::path &folder)
{
    return readEntries(folder).front().path;
}

std::vector<Module> readHead(const fs::path &folder, const JsonFile &network, std::int64_t hiddenSize)
{
    const std::vector<Entry> entries = readEntries(folder);
    std::vector<Module> head;
    std::int64_t width = hiddenSize;
    if (!fs::exists(folder / "modules.json")) {
        Module pooling;
        pooling.in = pooling.out = width;
        pooling.modes = {generatesText(network) ? Pooling::LastToken : Pooling::Mean};
        return {pooling};
    }
    for (std::size_t i = 1; i < entries.size(); ++i) {
        head.push_back(readModule(folder, entries[i], width, !head.empty()));
        width = head.back().out;
    }
    if (head.empty())
        throw InputError("names no Pooling after a Transformer", (folder / "modules.json").string(), known);
    return head;
}

} // namespace apiary::encoder
