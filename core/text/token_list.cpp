#include "text/token_list.h"

#include <algorithm>
#include <charconv>

namespace apiary::text {

namespace {

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

} // namespace

TokenList::TokenList(const JsonField &config, const Model &model)
    : m_config(config)
    , m_model(model)
    , m_nextId(model.maxId() + 1)
{
    if (const auto decoder = config.find("added_tokens_decoder"))
        for (const auto &[key, value] : decoder->object().value().items())
            addListed(key, JsonField(value, decoder->where() + "." + key));
}

std::int32_t TokenList::addSpecial(const std::string &key, const AddedToken &usual, Missing missing)
{
    if (const auto field = m_config.find(key)) {
        // A bare text keeps the flags that the tokenizer's kind gives that token.
        AddedToken token = field->value().is_object() ? tokenFrom(*field, true) : usual;
        token.content = tokenContent(*field);
        return add(std::move(token), *field, missing);
    }
    const nlohmann::json content = usual.content;
    return add(usual, JsonField(content, m_config.where() + ": " + key), missing);
}

std::int32_t TokenList::addSpecial(const std::string &key, const char *usual, Missing missing)
{
    AddedToken token;
    token.content = usual;
    token.special = true;
    token.normalized = false;
    return addSpecial(key, token, missing);
}

std::int32_t TokenList::add(AddedToken token, const JsonField &field, Missing missing)
{
    const auto known = std::find_if(m_tokens.begin(), m_tokens.end(),
                                    [&](const AddedToken &candidate) { return candidate.content == token.content; });
    if (known != m_tokens.end())
        return known->id;
    token.id = m_model.idOf(token.content);
    if (token.id < 0 && missing == Missing::Fail)
        field.fail("the token \"" + token.content + "\" is not in the vocabulary", "name a token that is");
    if (token.id < 0 && missing == Missing::Append && m_nextId < INT32_MAX)
        token.id = m_nextId++;
    if (token.id >= 0)
        m_tokens.push_back(token);
    return token.id;
}

/// An entry of added_tokens_decoder: the id is the field's name.
void TokenList::addListed(const std::string &key, const JsonField &field)
{
    AddedToken token = tokenFrom(field.object(), false);
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), token.id);
    if (error != std::errc() || end != key.data() + key.size() || token.id < 0 || token.id == INT32_MAX)
        field.fail("the field's name is no token id");
    const std::int32_t known = m_model.idOf(token.content);
    if (known >= 0 ? known != token.id : token.id <= m_model.maxId())
        field.fail("the id of the added token \"" + token.content + "\" does not agree with the vocabulary");
    m_nextId = std::max(m_nextId, token.id + 1);
    m_tokens.push_back(std::move(token));
}

void TokenList::finish(PipelineParts &parts)
{
    if (const auto more = m_config.find("additional_special_tokens"))
        for (std::size_t i = 0; i < more->size(); ++i)
            add(tokenFrom(more->at(i), true), more->at(i), Missing::Fail);
    parts.addedTokens = AddedTokens(m_tokens, parts.normalizer.get(), m_config.where());
    parts.maxId = m_model.maxId();
    for (const AddedToken &token : m_tokens)
        parts.maxId = std::max(parts.maxId, token.id);
}

} // namespace apiary::text
