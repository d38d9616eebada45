#include "text/tokenizer_files.h"

#include "base/error.h"
#include "text/unicode.h"
#include "text/utf8.h"
#include "text/wordpiece.h"

#include <algorithm>
#include <charconv>
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

/// A token as a text (then special) or as an object with its flags.
AddedToken tokenFrom(const JsonField &field, bool special)
{
    AddedToken token;
    token.content = tokenContent(field);
    token.special = special;
    token.normalized = !special;
    if (field.value().is_object()) {
        token.special = special || field.booleanOr("special", false);
        token.singleWord = field.booleanOr("single_word", false);
        token.stripLeft = field.booleanOr("lstrip", false);
        token.stripRight = field.booleanOr("rstrip", false);
        token.normalized = field.booleanOr("normalized", !token.special);
    }
    return token;
}

/// Gathers the added tokens of tokenizer_config.json on top of a vocabulary.
class TokenList {
public:
    TokenList(const JsonField &config, const Model &model) : m_config(config), m_model(model)
    {
        if (const auto decoder = config.find("added_tokens_decoder"))
            for (const auto &[key, value] : decoder->object().value().items())
                addWithId(key, JsonField(value, decoder->where() + "." + key));
    }

    /// Adds the special token that the configuration names under `key`, or else the `usual` one. Returns its id, -1
    /// where it is in no vocabulary.
    std::int32_t addSpecial(const std::string &key, const char *usual, bool isNeeded)
    {
        const nlohmann::json fallback = usual;
        const JsonField field = m_config.find(key).value_or(JsonField(fallback, m_config.where() + ": " + key));
        return add(field, isNeeded);
    }

    std::int32_t add(const JsonField &field, bool isNeeded)
    {
        AddedToken token = tokenFrom(field, true);
        const auto known = std::find_if(m_tokens.begin(), m_tokens.end(), [&](const AddedToken &candidate) {
            return candidate.content == token.content;
        });
        if (known != m_tokens.end())
            return known->id;
        token.id = m_model.idOf(token.content);
        if (token.id < 0 && isNeeded)
            field.fail("the token \"" + token.content + "\" is not in the vocabulary", "name a token that is");
        if (token.id >= 0)
            m_tokens.push_back(token);
        return token.id;
    }

    const std::vector<AddedToken> &tokens() const { return m_tokens; }

private:
    /// An entry of added_tokens_decoder: the id is the field's name.
    void addWithId(const std::string &key, const JsonField &field)
    {
        AddedToken token = tokenFrom(field.object(), false);
        const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), token.id);
        if (error != std::errc() || end != key.data() + key.size() || token.id < 0)
            field.fail("the field's name is no token id");
        const std::int32_t known = m_model.idOf(token.content);
        if (known >= 0 ? known != token.id : token.id <= m_model.maxId())
            field.fail("the id of the added token \"" + token.content + "\" does not agree with the vocabulary");
        m_tokens.push_back(std::move(token));
    }

    const JsonField &m_config;
    const Model &m_model;
    std::vector<AddedToken> m_tokens;
};

} // namespace

PipelineParts partsFromVocabTxt(const std::filesystem::path &file, const TokenizerConfig &config)
{
    const JsonField fields(config.json, config.where.empty() ? file.string() : config.where);
    PipelineParts parts;
    WordPiece::Options options;
    if (const auto unknown = fields.find("unk_token"))
        options.unknown = tokenContent(*unknown);
    parts.model = std::make_unique<WordPiece>(readLines(file), options, file.string());
    parts.normalizer = std::make_unique<BertNormalizer>(bertOptions(std::nullopt, config));
    parts.preTokenizer = std::make_unique<BertPreTokenizer>();

    TokenList list(fields, *parts.model);
    parts.before = {list.addSpecial("cls_token", "[CLS]", true)};
    parts.after = {list.addSpecial("sep_token", "[SEP]", true)};
    parts.padId = std::max(list.addSpecial("pad_token", "[PAD]", fields.find("pad_token").has_value()), 0);
    list.addSpecial("unk_token", "[UNK]", true);
    list.addSpecial("mask_token", "[MASK]", false);
    if (const auto more = fields.find("additional_special_tokens"))
        for (std::size_t i = 0; i < more->size(); ++i)
            list.add(more->at(i), true);
    parts.addedTokens = AddedTokens(list.tokens(), parts.normalizer.get(), fields.where());
    parts.maxId = parts.model->maxId();
    for (const AddedToken &token : list.tokens())
        parts.maxId = std::max(parts.maxId, token.id);
    return parts;
}

} // namespace apiary::text
