#include "text/bpe.h"
#include "text/json_number.h"
#include "text/json_readers.h"
#include "text/unigram.h"
#include "text/word_level.h"
#include "text/wordpiece.h"

#include <algorithm>
#include <numeric>

namespace apiary::text {

namespace {

ModelParts withIds(std::unique_ptr<const Model> model, const std::vector<TokenEntry> &tokens)
{
    ModelParts parts{std::move(model), {}};
    parts.ids.reserve(tokens.size());
    for (const TokenEntry &token : tokens)
        parts.ids.push_back(token.id);
    std::sort(parts.ids.begin(), parts.ids.end());
    return parts;
}

ModelParts makeWordPiece(const JsonField &field)
{
    WordPiece::Options options;
    options.unknown = field.stringOr("unk_token", options.unknown);
    options.continuationPrefix = field.stringOr("continuing_subword_prefix", options.continuationPrefix);
    if (const auto most = field.find("max_input_chars_per_word"))
        options.maxCharacters = static_cast<std::size_t>(most->integer(0, INT32_MAX));
    const JsonField vocabulary = field.at("vocab");
    const std::vector<TokenEntry> tokens = readVocabulary(vocabulary);
    return withIds(std::make_unique<WordPiece>(tokens, options, vocabulary.where()), tokens);
}

ModelParts makeWordLevel(const JsonField &field)
{
    const JsonField vocabulary = field.at("vocab");
    const std::vector<TokenEntry> tokens = readVocabulary(vocabulary);
    return withIds(std::make_unique<WordLevel>(tokens, field.stringOr("unk_token", "<unk>"), vocabulary.where()),
                   tokens);
}

ModelParts makeUnigram(const JsonField &field)
{
    const JsonField vocabulary = field.at("vocab");
    const std::size_t count = vocabulary.size();
    std::vector<ScoredToken> tokens;
    tokens.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const nlohmann::json &entry = vocabulary.value()[i];
        const bool isPair = entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_number();
        if (!isPair)
            vocabulary.at(i).fail("a token and its score are needed here");
        tokens.push_back({entry[0].get<std::string>(), asPackageReads(entry[1].get<double>())});
    }
    Unigram::Options options;
    options.unknownId = field.at("unk_id").integer(0, INT32_MAX);
    options.byteFallback = field.booleanOr("byte_fallback", false);
    ModelParts parts{std::make_unique<Unigram>(tokens, options, vocabulary.where()), {}};
    parts.ids.resize(count);
    std::iota(parts.ids.begin(), parts.ids.end(), 0);
    return parts;
}

/// "left right", or a list of the two.
std::vector<Bpe::Pair> readMerges(const JsonField &field)
{
    std::vector<Bpe::Pair> merges;
    const std::size_t count = field.size();
    merges.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const nlohmann::json &entry = field.value()[i];
        if (entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_string()) {
            merges.emplace_back(entry[0].get<std::string>(), entry[1].get<std::string>());
            continue;
        }
        const std::string text = field.at(i).string();
        if (text.starts_with("#version"))
            continue;
        const std::size_t space = text.find(' ');
        if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos)
            field.at(i).fail("two tokens with a space between are needed here");
        merges.emplace_back(text.substr(0, space), text.substr(space + 1));
    }
    return merges;
}

ModelParts makeBpe(const JsonField &field)
{
    if (const auto dropout = field.find("dropout"); dropout && dropout->value() != 0)
        dropout->fail("merges that are left out by chance (dropout) are for training only", "set the field to null");
    Bpe::Options options;
    if (const auto unknown = field.find("unk_token"))
        options.unknown = unknown->string();
    options.continuationPrefix = field.stringOr("continuing_subword_prefix", "");
    options.wordSuffix = field.stringOr("end_of_word_suffix", "");
    options.fuseUnknown = field.booleanOr("fuse_unk", false);
    options.byteFallback = field.booleanOr("byte_fallback", false);
    options.ignoreMerges = field.booleanOr("ignore_merges", false);
    const std::vector<TokenEntry> tokens = readVocabulary(field.at("vocab"));
    return withIds(std::make_unique<Bpe>(tokens, readMerges(field.at("merges")), options, field.where()), tokens);
}

constexpr Maker<ModelParts(const JsonField &)> makers[] = {
    {"BPE", makeBpe},
    {"Unigram", makeUnigram},
    {"WordLevel", makeWordLevel},
    {"WordPiece", makeWordPiece},
};

} // namespace

std::vector<TokenEntry> readVocabulary(const JsonField &field)
{
    std::vector<TokenEntry> tokens;
    tokens.reserve(field.object().value().size());
    for (const auto &[text, id] : field.value().items()) {
        const bool isId = id.is_number_unsigned() && id.get<std::uint64_t>() <= INT32_MAX;
        if (!isId)
            field.fail("the token \"" + text + "\" has no id from 0 to " + std::to_string(INT32_MAX));
        tokens.push_back({text, id.get<std::int32_t>()});
    }
    return tokens;
}

ModelParts readModel(const JsonField &field)
{
    // Files of old versions do not name the type.
    if (!field.find("type")) {
        if (field.find("merges"))
            return makeBpe(field);
        if (field.find("continuing_subword_prefix"))
            return makeWordPiece(field);
        if (const auto vocabulary = field.find("vocab"); vocabulary && vocabulary->value().is_array())
            return makeUnigram(field);
    }
    return makeByType(makers, "tokenizer model", field);
}

} // namespace apiary::text
