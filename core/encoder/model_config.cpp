#include "encoder/model_config.h"

#include "base/error.h"
#include "base/file_inside.h"
#include "encoder/architecture.h"
#include "encoder/json_file.h"

#include <algorithm>
#include <iterator>

namespace apiary::encoder {

namespace {

namespace fs = std::filesystem;

/// The names that sentence-transformers looks for, in its order.
constexpr const char *sentenceConfigs[] = {
    "sentence_bert_config.json",      "sentence_roberta_config.json", "sentence_distilbert_config.json",
    "sentence_camembert_config.json", "sentence_albert_config.json",  "sentence_xlm-roberta_config.json",
    "sentence_xlnet_config.json",
};

void readTextLimits(const fs::path &folder, ModelConfig &config)
{
    double length = static_cast<double>(config.maxPositions);
    if (fs::exists(folder / "tokenizer_config.json")) {
        const JsonFile file = JsonFile::read(fileInside(folder, "tokenizer_config.json"));
        length = file.number("model_max_length", 1, 1e300, length); // "no limit" is written as 1e30
    }
    const auto *name = std::find_if(std::begin(sentenceConfigs), std::end(sentenceConfigs),
                                    [&](const char *one) { return fs::exists(folder / one); });
    if (name != std::end(sentenceConfigs)) {
        const JsonFile file = JsonFile::read(fileInside(folder, *name));
        if (file.has("max_seq_length"))
            length = static_cast<double>(file.integer("max_seq_length", 1, INT32_MAX));
        config.lowercase = file.boolean("do_lower_case", false);
    }
    config.maxTokens = static_cast<std::int64_t>(std::min(length, static_cast<double>(config.maxPositions)));
}

/// Matryoshka truncation that the folder asks for: the first values of an embedding, as they are.
void readTruncation(const JsonFile &file, ModelConfig &config)
{
    if (!file.has("truncate_dim"))
        return;
    Module module;
    module.kind = Module::Kind::Truncate;
    module.in = config.head.back().out;
    module.out = std::min(module.in, file.integer("truncate_dim", 1, INT32_MAX));
    if (module.out < module.in)
        config.head.push_back(module);
}

void readSentenceTransformers(const fs::path &folder, ModelConfig &config)
{
    if (!fs::exists(folder / "config_sentence_transformers.json"))
        return;
    const JsonFile file = JsonFile::read(fileInside(folder, "config_sentence_transformers.json"));
    readTruncation(file, config);
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
    readTextLimits(folder / config.transformerPath, config);
    config.head = readHead(folder, file, config.hiddenSize);
    readSentenceTransformers(folder, config);
    return config;
}

} // namespace apiary::encoder
