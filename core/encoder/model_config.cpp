#include "encoder/model_config.h"

#include "base/error.h"
#include "encoder/architecture.h"
#include "encoder/json_file.h"

#include <algorithm>

namespace apiary::encoder {

namespace {

namespace fs = std::filesystem;

void readMaxTokens(const fs::path &folder, ModelConfig &config)
{
    double length = static_cast<double>(config.maxPositions);
    bool casedTokenizer = false;
    if (fs::exists(folder / "tokenizer_config.json")) {
        const JsonFile file = JsonFile::read(fileInside(folder, "tokenizer_config.json"));
        length = file.number("model_max_length", 1, 1e300, length); // "no limit" is written as 1e30
        casedTokenizer = !file.boolean("do_lower_case", true);
    }
    if (fs::exists(folder / "sentence_bert_config.json")) {
        const JsonFile file = JsonFile::read(fileInside(folder, "sentence_bert_config.json"));
        if (file.has("max_seq_length"))
            length = static_cast<double>(file.integer("max_seq_length", 1, INT32_MAX));
        if (casedTokenizer && file.boolean("do_lower_case", false))
            throw InputError("asks for lower case before a tokenizer that keeps case", file.where("do_lower_case"),
                             "set do_lower_case in tokenizer_config.json instead");
    }
    config.maxTokens = static_cast<std::int64_t>(std::min(length, static_cast<double>(config.maxPositions)));
}

void readPrompts(const fs::path &folder, ModelConfig &config)
{
    if (!fs::exists(folder / "config_sentence_transformers.json"))
        return;
    const JsonFile file = JsonFile::read(fileInside(folder, "config_sentence_transformers.json"));
    if (file.has("prompts")) {
        const nlohmann::json &prompts = file.root().at("prompts");
        if (!prompts.is_object())
            throw InputError("expected an object from names to texts", file.where("prompts"),
                             "correct the file, or download the encoder's folder again");
        for (const auto &[name, text] : prompts.items()) {
            if (!text.is_string() && !text.is_null())
                throw InputError("the prompt \"" + name + "\" is no text", file.where("prompts"),
                                 "correct the file, or download the encoder's folder again");
            config.prompts[name] = text.is_null() ? std::string() : text.get<std::string>();
        }
    }
    if (!file.has("default_prompt_name"))
        return;
    config.defaultPrompt = file.string("default_prompt_name");
    if (!config.defaultPrompt.empty() && !config.prompts.contains(config.defaultPrompt))
        throw InputError("names the prompt \"" + config.defaultPrompt + "\", which is not among the prompts",
                         file.where("default_prompt_name"), "add it there, or set default_prompt_name to null");
}

} // namespace

ModelConfig readModelConfig(const fs::path &folder)
{
    if (!fs::is_directory(folder))
        throw InputError("no such folder", folder.string(),
                         "choose the folder of an encoder saved by sentence-transformers");
    ModelConfig config;
    config.transformerPath = readTransformerPath(folder);
    const JsonFile file = JsonFile::read(fileInside(folder, config.transformerPath / "config.json"));
    config.modelType = file.string("model_type");
    const NetworkSize size = architecture(config.modelType, file.where("model_type")).size(file);
    config.hiddenSize = size.hiddenSize;
    config.layers = size.layers;
    config.vocabularySize = size.vocabularySize;
    config.maxPositions = size.maxPositions;
    readMaxTokens(folder / config.transformerPath, config);
    config.head = readHead(folder, config.hiddenSize);
    readPrompts(folder, config);
    return config;
}

} // namespace apiary::encoder
