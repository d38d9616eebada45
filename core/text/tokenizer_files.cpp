#include "text/tokenizer_files.h"

#include "base/error.h"
#include "text/simple_normalizers.h"

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

bool isLeft(const JsonField &side)
{
    const std::string name = side.string();
    if (name == "left" || name == "Left")
        return true;
    if (name != "right" && name != "Right")
        side.fail("\"" + name + "\" is no side to truncate", "write left or right");
    return false;
}

namespace {

std::unique_ptr<const Normalizer> lowercaseFirst(std::unique_ptr<const Normalizer> then)
{
    std::vector<std::unique_ptr<const Normalizer>> stages;
    stages.push_back(makeLowercase());
    if (then)
        stages.push_back(std::move(then));
    return std::make_unique<NormalizerSequence>(std::move(stages));
}

} // namespace

std::shared_ptr<const Tokenizer> loadTokenizer(const std::filesystem::path &folder, const TokenizerOptions &options)
{
    const auto has = [&](const char *name) { return std::filesystem::exists(folder / name); };
    const TokenizerConfig config = readTokenizerConfig(folder);
    const auto make = [&](PipelineParts parts) {
        if (options.lowercase)
            parts.normalizer = lowercaseFirst(std::move(parts.normalizer));
        if (const auto side = JsonField(config.json, config.where).find("truncation_side"))
            parts.truncateLeft = isLeft(*side);
        return std::make_shared<Pipeline>(std::move(parts));
    };
    if (has("tokenizer.json"))
        return make(partsFromTokenizerJson(folder / "tokenizer.json", config));
    if (has("sentencepiece.bpe.model"))
        return make(partsFromSentencePiece(folder / "sentencepiece.bpe.model", config));
    if (has("vocab.json") && has("merges.txt"))
        return make(partsFromMergesTxt(folder / "vocab.json", folder / "merges.txt", config));
    if (has("vocab.txt"))
        return make(partsFromVocabTxt(folder / "vocab.txt", config));
    throw InputError("there is no tokenizer: neither tokenizer.json nor vocab.txt, vocab.json with merges.txt or "
                     "sentencepiece.bpe.model",
                     folder.string(), "choose the folder of a sentence encoder");
}

} // namespace apiary::text
