#include "encoder/model_config.h"

#include "base/error.h"
#include "encoder/architecture.h"
#include "encoder/json_file.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace apiary::encoder {

namespace {

namespace fs = std::filesystem;

struct Module {
    std::string kind; ///< last part of the module's type: "Transformer", "Pooling", "Normalize"
    fs::path path;
    std::string where;
};

/// The boolean fields that older sentence-transformers write, and the names newer ones give the modes.
constexpr std::pair<const char *, const char *> poolingFields[] = {
    {"pooling_mode_cls_token", "cls"},
    {"pooling_mode_max_tokens", "max"},
    {"pooling_mode_mean_tokens", "mean"},
    {"pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens"},
    {"pooling_mode_weightedmean_tokens", "weightedmean"},
    {"pooling_mode_lasttoken", "lasttoken"},
};

/// A path inside the folder, or an error: modules.json must not lead out of it.
fs::path insideFolder(const std::string &text, const std::string &where)
{
    const fs::path path = fs::path(text).lexically_normal();
    const bool leavesFolder = path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end();
    if (leavesFolder || text.find('\0') != std::string::npos)
        throw InputError("the path \"" + text + "\" leads out of the encoder's folder", where,
                         "correct modules.json, or download the encoder's folder again");
    return path == "." ? fs::path() : path;
}

std::vector<Module> readModules(const fs::path &folder)
{
    const fs::path path = folder / "modules.json";
    if (!fs::exists(path))
        return {{"Transformer", {}, path.string()}, {"Pooling", {}, path.string()}};
    const JsonFile file = JsonFile::read(path);
    std::vector<Module> modules;
    for (const nlohmann::json &entry : file.root()) {
        const std::string where = file.where("module " + std::to_string(modules.size()));
        const bool complete = entry.is_object() && entry.contains("type") && entry["type"].is_string() &&
                              entry.contains("path") && entry["path"].is_string();
        if (!complete)
            throw InputError("expected an object with the texts \"type\" and \"path\"", where,
                             "download the encoder's folder again");
        const std::string type = entry["type"].get<std::string>();
        modules.push_back(
            {type.substr(type.rfind('.') + 1), insideFolder(entry["path"].get<std::string>(), where), where});
    }
    return modules;
}

Pooling poolingFromName(const std::string &name, const std::string &where)
{
    for (const Pooling pooling : {Pooling::Mean, Pooling::Cls, Pooling::Max})
        if (name == poolingName(pooling))
            return pooling;
    throw InputError("unknown pooling mode \"" + name + "\"", where, "this version knows: mean, cls, max");
}

Pooling readPooling(const fs::path &path, std::int64_t hiddenSize)
{
    const JsonFile file = JsonFile::read(path);
    for (const char *field : {"word_embedding_dimension", "embedding_dimension"}) {
        if (file.integer(field, 1, 1 << 20, hiddenSize) != hiddenSize)
            throw InputError("the pooling expects vectors of " + file.root().at(field).dump() +
                                 " values, the Transformer's have " + std::to_string(hiddenSize),
                             file.where(field), "the folder mixes two encoders: download it again");
    }
    std::vector<std::string> modes;
    if (file.has("pooling_mode")) {
        const nlohmann::json &mode = file.root().at("pooling_mode");
        for (const nlohmann::json &one : mode.is_array() ? mode : nlohmann::json::array({mode}))
            modes.push_back(one.is_string() ? one.get<std::string>() : one.dump());
    } else {
        for (const auto &[field, name] : poolingFields)
            if (file.boolean(field, false))
                modes.push_back(name);
        if (modes.empty())
            modes.push_back("mean");
    }
    if (modes.size() != 1)
        throw InputError("combines " + std::to_string(modes.size()) + " pooling modes", file.where("pooling_mode"),
                         "this version pools with exactly one of: mean, cls, max");
    return poolingFromName(modes.front(), file.where("pooling_mode"));
}

void readNetwork(const fs::path &path, ModelConfig &config)
{
    const JsonFile file = JsonFile::read(path);
    config.modelType = file.string("model_type");
    architecture(config.modelType, file.where("model_type"));
    config.hiddenSize = file.integer("hidden_size", 1, 1 << 16);
    config.layers = file.integer("num_hidden_layers", 1, 1000);
    config.heads = file.integer("num_attention_heads", 1, config.hiddenSize);
    config.intermediateSize = file.integer("intermediate_size", 1, 1 << 20);
    config.vocabularySize = file.integer("vocab_size", 1, 1 << 24);
    config.maxPositions = file.integer("max_position_embeddings", 1, 1 << 20);
    config.typeVocabularySize = file.integer("type_vocab_size", 1, 1 << 16, 2);
    config.layerNormEps = file.number("layer_norm_eps", 0, 1, 1e-12);
    config.hiddenDropout = file.number("hidden_dropout_prob", 0, 0.999, 0.1);
    config.attentionDropout = file.number("attention_probs_dropout_prob", 0, 0.999, 0.1);
    config.activation = file.string("hidden_act", "gelu");
    if (config.activation != "gelu")
        throw InputError("unknown activation \"" + config.activation + "\"", file.where("hidden_act"),
                         "this version knows: gelu");
    if (config.hiddenSize % config.heads != 0)
        throw InputError("a hidden size of " + std::to_string(config.hiddenSize) + " does not divide among " +
                             std::to_string(config.heads) + " heads",
                         file.where("num_attention_heads"), "download the encoder's folder again");
    const std::string positions = file.string("position_embedding_type", "absolute");
    if (positions != "absolute")
        throw InputError("unknown position embedding \"" + positions + "\"", file.where("position_embedding_type"),
                         "this version knows: absolute");
    if (file.boolean("is_decoder", false))
        throw InputError("the network is a decoder", file.where("is_decoder"), "choose an encoder");
}

void readMaxTokens(const fs::path &folder, ModelConfig &config)
{
    const fs::path tokenizerPath = folder / "tokenizer_config.json";
    double length = static_cast<double>(config.maxPositions);
    bool casedTokenizer = false;
    if (fs::exists(tokenizerPath)) {
        const JsonFile file = JsonFile::read(tokenizerPath);
        length = file.number("model_max_length", 1, 1e300, length); // "no limit" is written as 1e30
        casedTokenizer = !file.boolean("do_lower_case", true);
    }
    const fs::path path = folder / "sentence_bert_config.json";
    if (fs::exists(path)) {
        const JsonFile file = JsonFile::read(path);
        if (file.has("max_seq_length"))
            length = static_cast<double>(file.integer("max_seq_length", 1, INT32_MAX));
        if (casedTokenizer && file.boolean("do_lower_case", false))
            throw InputError("asks for lower case before a tokenizer that keeps case", file.where("do_lower_case"),
                             "set do_lower_case in tokenizer_config.json instead");
    }
    config.maxTokens = static_cast<std::int64_t>(std::min(length, static_cast<double>(config.maxPositions)));
}

/// A prompt that sentence-transformers would put before every text must not be left out in silence.
void refuseDefaultPrompt(const fs::path &folder)
{
    const fs::path path = folder / "config_sentence_transformers.json";
    if (!fs::exists(path))
        return;
    const JsonFile file = JsonFile::read(path);
    if (!file.has("default_prompt_name"))
        return;
    const std::string name = file.string("default_prompt_name");
    if (file.has("prompts") && file.root().at("prompts").value(name, std::string()).empty())
        return;
    throw InputError(
        "puts the prompt \"" + name + "\" before every text", file.where("default_prompt_name"),
        "this version adds no prompts: set default_prompt_name to null and write the prompt into the text template");
}

} // namespace

const char *poolingName(Pooling pooling)
{
    switch (pooling) {
    case Pooling::Cls:
        return "cls";
    case Pooling::Max:
        return "max";
    case Pooling::Mean:
        break;
    }
    return "mean";
}

ModelConfig readModelConfig(const fs::path &folder)
{
    if (!fs::is_directory(folder))
        throw InputError("no such folder", folder.string(),
                         "choose the folder of an encoder saved by sentence-transformers");
    const std::vector<Module> modules = readModules(folder);
    ModelConfig config;
    bool pooled = false;
    for (std::size_t i = 0; i < modules.size(); ++i) {
        const Module &module = modules[i];
        if (i == 0 && module.kind == "Transformer") {
            config.transformerPath = module.path;
            readNetwork(folder / module.path / "config.json", config);
            readMaxTokens(folder / module.path, config);
        } else if (i == 1 && module.kind == "Pooling") {
            pooled = true;
            if (!module.path.empty())
                config.pooling = readPooling(folder / module.path / "config.json", config.hiddenSize);
        } else if (i >= 2 && module.kind == "Normalize") {
            config.normalize = true;
        } else {
            throw InputError("a module of type \"" + module.kind + "\" is not supported here", module.where,
                             "this version reads encoders made of Transformer, Pooling and, after them, Normalize");
        }
    }
    if (!pooled)
        throw InputError("names no Pooling after a Transformer", (folder / "modules.json").string(),
                         "this version reads encoders made of Transformer, Pooling and, after them, Normalize");
    refuseDefaultPrompt(folder);
    return config;
}

} // namespace apiary::encoder
