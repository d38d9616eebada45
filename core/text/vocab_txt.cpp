#include "base/error.h"
#include "text/character_split.h"
#include "text/token_list.h"
#include "text/tokenizer_files.h"
#include "text/unicode.h"
#include "text/utf8.h"
#include "text/wordpiece.h"

#include <algorithm>
#include <unordered_map>

namespace apiary::text {

namespace {

std::string_view withoutSpaceAtEnd(std::string_view text)
{
    while (!text.empty()) {
        std::size_t before = text.size();
        if (!unicode::isWhitespace(previousScalar(text, before)))
            break;
        text = text.substr(0, before);
    }
    return text;
}

/// A token a line, without white space at its end; of a token that comes twice the last line counts, as in transformers.
std::vector<TokenEntry> readLines(const std::filesystem::path &file)
{
    const std::string content = readWholeFile(file);
    std::vector<TokenEntry> tokens;
    std::unordered_map<std::string, std::size_t> places;
    std::string_view rest = content;
    for (std::int32_t line = 0; !rest.empty(); ++line) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view text = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (validPrefix(text) != text.size())
            throw InputError("this is no UTF-8", file.string() + ":" + std::to_string(line + 1),
                             "get the encoder's files again");
        text = withoutSpaceAtEnd(text);
        const auto [place, isNew] = places.emplace(text, tokens.size());
        if (isNew)
            tokens.push_back({std::string(text), line});
        else
            tokens[place->second].id = line;
    }
    return tokens;
}

/// The special tokens of a tokenizer that reads vocab.txt.
struct SpecialTokens {
    const char *first;
    const char *last;
    const char *pad;
    const char *unknown;
    const char *mask;
    bool maskTakesSpace; ///< the mask takes white space before it along
    bool normalizes;     ///< they are looked for in the normal text too
};
constexpr SpecialTokens bertTokens = {"[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]", false, false};
constexpr SpecialTokens mpnetTokens = {"<s>", "</s>", "<pad>", "[UNK]", "<mask>", true, true};

/// MPNet's or else BERT's (DistilBERT's as well), by the configuration, or by the vocabulary where that is silent.
const SpecialTokens &tokensFor(const TokenizerConfig &config, const std::vector<TokenEntry> &tokens)
{
    if (!config.tokenizerClass.empty())
        return config.tokenizerClass.starts_with("MPNet") ? mpnetTokens : bertTokens;
    const auto holds = [&](std::string_view text) {
        return std::any_of(tokens.begin(), tokens.end(), [&](const TokenEntry &token) { return token.text == text; });
    };
    return holds("<s>") && !holds("[CLS]") ? mpnetTokens : bertTokens;
}

} // namespace

PipelineParts partsFromVocabTxt(const std::filesystem::path &file, const TokenizerConfig &config)
{
    const JsonField fields(config.json, config.where.empty() ? file.string() : config.where);
    PipelineParts parts;
    const std::vector<TokenEntry> tokens = readLines(file);
    const SpecialTokens &usual = tokensFor(config, tokens);
    WordPiece::Options options;
    options.unknown = usual.unknown;
    if (const auto unknown = fields.find("unk_token"))
        options.unknown = tokenContent(*unknown);
    parts.model = std::make_unique<WordPiece>(tokens, options, file.string());
    parts.normalizer = std::make_unique<BertNormalizer>(bertOptions(std::nullopt, config));
    parts.preTokenizer = makeBertPreTokenizer();

    using Missing = TokenList::Missing;
    TokenList list(fields, *parts.model);
    const auto add = [&](const char *key, const char *content, Missing missing, bool isMask = false) {
        AddedToken token;
        token.content = content;
        token.special = true;
        token.normalized = usual.normalizes;
        token.stripLeft = isMask && usual.maskTakesSpace;
        return list.addSpecial(key, token, missing);
    };
    parts.before = {add("cls_token", usual.first, Missing::Fail)};
    parts.after = {add("sep_token", usual.last, Missing::Fail)};
    const bool namesPad = fields.find("pad_token").has_value();
    parts.padId = std::max(add("pad_token", usual.pad, namesPad ? Missing::Fail : Missing::Skip), 0);
    add("unk_token", usual.unknown, Missing::Fail);
    add("mask_token", usual.mask, Missing::Skip, true);
    list.finish(parts);
    return parts;
}

} // namespace apiary::text
