#include "text/wordpiece.h"

#include "base/error.h"
#include "text/utf8.h"

#include <algorithm>
#include <iterator>

namespace apiary::text {

namespace {

/// Throws where an id is negative or two tokens have one. There is at least one token.
void checkIds(const std::vector<TokenEntry> &tokens, const std::string &where)
{
    std::vector<const TokenEntry *> byId;
    byId.reserve(tokens.size());
    for (const TokenEntry &token : tokens)
        byId.push_back(&token);
    std::sort(byId.begin(), byId.end(), [](const TokenEntry *a, const TokenEntry *b) { return a->id < b->id; });
    if (byId.front()->id < 0)
        throw InputError("the id of the token \"" + byId.front()->text + "\" is negative", where,
                         "get the encoder's files again");
    const auto twice = std::adjacent_find(byId.begin(), byId.end(),
                                          [](const TokenEntry *a, const TokenEntry *b) { return a->id == b->id; });
    if (twice != byId.end())
        throw InputError("the tokens \"" + (*twice)->text + "\" and \"" + (*std::next(twice))->text +
                             "\" share the id " + std::to_string((*twice)->id),
                         where, "get the encoder's files again");
}

} // namespace

WordPiece::WordPiece(const std::vector<TokenEntry> &tokens, const Options &options, const std::string &where)
    : m_maxCharacters(options.maxCharacters)
{
    if (tokens.empty())
        throw InputError("the vocabulary is empty", where, "get the encoder's files again");
    checkIds(tokens, where);
    std::size_t bytes = 0;
    for (const TokenEntry &token : tokens)
        bytes += token.text.size();
    m_whole.reserve(tokens.size(), bytes);
    for (const TokenEntry &token : tokens) {
        const std::string_view text = token.text;
        if (!m_whole.add(text, token.id))
            throw InputError("the token \"" + token.text + "\" comes twice", where, "get the encoder's files again");
        if (text.starts_with(options.continuationPrefix))
            m_continuation.add(text.substr(options.continuationPrefix.size()), token.id);
        m_maxId = std::max(m_maxId, token.id);
    }
    m_unknownId = m_whole.find(options.unknown);
    if (m_unknownId < 0)
        throw InputError("the unknown token \"" + options.unknown + "\" is not in the vocabulary", where,
                         "name a token of the vocabulary as unk_token");
}

void WordPiece::tokenize(std::string_view word, std::vector<std::int32_t> &ids) const
{
    if (word.size() > m_maxCharacters && scalarCount(word) > m_maxCharacters) {
        ids.push_back(m_unknownId);
        return;
    }
    const std::size_t before = ids.size();
    const Vocabulary *pieces = &m_whole;
    while (!word.empty()) {
        const Vocabulary::Match match = pieces->longest(word);
        if (match.id < 0) {
            ids.resize(before);
            ids.push_back(m_unknownId);
            return;
        }
        ids.push_back(match.id);
        word.remove_prefix(match.length);
        pieces = &m_continuation;
    }
}

} // namespace apiary::text
