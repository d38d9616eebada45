#include "text/tokenizer_files.h"

#include "base/error.h"

namespace apiary::text {

std::string tokenContent(const JsonField &token)
{
    return token.value().is_object() ? token.at("content").string() : token.string();
}

TokenizerConfig readTokenizerConfig(const std::filesystem::path &folder)
{
    TokenizerConfig config;
    // The later file counts where both name a pad token.
    for (const char *name : {"special_tokens_map.json", "tokenizer_config.json"}) {
        const std::filesystem::path file = folder / name;
        if (!std::filesystem::exists(file))
            continue;
        config.where = file.string();
        config.json = readJsonFile(file);
        if (const auto pad = JsonField(config.json, config.where).find("pad_token"))
            config.padToken = tokenContent(*pad);
        if (std::string_view(name) == "special_tokens_map.json") {
            config.where.clear();
            config.json = nlohmann::json::object();
        }
    }
    config.tokenizerClass = JsonField(config.json, config.where).stringOr("tokenizer_class", "");
    return config;
}

BertNormalizer::Options bertOptions(const std::optional<JsonField> &normalizer, const TokenizerConfig &config)
{
    BertNormalizer::Options options{};
    if (normalizer) {
        options.cleanText = normalizer->booleanOr("clean_text", true);
        options.chineseChars = normalizer->booleanOr("handle_chinese_chars", true);
        options.lowercase = normalizer->booleanOr("lowercase", true);
        if (const auto strip = normalizer->find("strip_accents"))
            options.stripAccents = strip->boolean();
    }
    if (normalizer && !config.tokenizerClass.starts_with("Bert") && !config.tokenizerClass.starts_with("DistilBert"))
        return options;
    const JsonField fields(config.json, config.where);
    options.lowercase = fields.booleanOr("do_lower_case", options.lowercase);
    options.chineseChars = fields.booleanOr("tokenize_chinese_chars", options.chineseChars);
    if (config.json.contains("strip_accents")) {
        options.stripAccents.reset();
        if (const auto strip = fields.find("strip_accents"))
            options.stripAccents = strip->boolean();
    }
    return options;
}

std::shared_ptr<const Tokenizer> loadTokenizer(const std::filesystem::path &folder)
{
    const std::filesystem::path json = folder / "tokenizer.json";
    const std::filesystem::path vocabulary = folder / "vocab.txt";
    if (std::filesystem::exists(json))
        return std::make_shared<Pipeline>(partsFromTokenizerJson(json, readTokenizerConfig(folder)));
    if (std::filesystem::exists(vocabulary))
        return std::make_shared<Pipeline>(partsFromVocabTxt(vocabulary, readTokenizerConfig(folder)));
    throw InputError("there is no tokenizer: neither tokenizer.json nor vocab.txt", folder.string(),
                     "choose the folder of a sentence encoder");
}

} // namespace apiary::text
