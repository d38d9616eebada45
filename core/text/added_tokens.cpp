#include "text/added_tokens.h"

#include "base/error.h"
#include "text/unicode.h"
#include "text/utf8.h"

#include <algorithm>

namespace apiary::text {

namespace {

bool endsWithWord(std::string_view text)
{
    std::size_t position = text.size();
    return position > 0 && unicode::isWordCharacter(previousScalar(text, position));
}

bool startsWithWord(std::string_view text)
{
    std::size_t position = 0;
    return !text.empty() && unicode::isWordCharacter(nextScalar(text, position));
}

/// Where the white space at the end of a text begins.
std::size_t spaceAtEnd(std::string_view text)
{
    std::size_t position = text.size();
    while (position > 0) {
        std::size_t before = position;
        if (!unicode::isWhitespace(previousScalar(text, before)))
            break;
        position = before;
    }
    return position;
}

/// Length of the white space at the start of a text.
std::size_t spaceAtStart(std::string_view text)
{
    std::size_t position = 0;
    while (position < text.size()) {
        std::size_t after = position;
        if (!unicode::isWhitespace(nextScalar(text, after)))
            break;
        position = after;
    }
    return position;
}

bool sameKind(const AddedToken &a, const AddedToken &b)
{
    return a.id == b.id && a.special == b.special && a.singleWord == b.singleWord && a.stripLeft == b.stripLeft &&
           a.stripRight == b.stripRight && a.normalized == b.normalized;
}

} // namespace

void AddedTokens::Matcher::add(const std::string &pattern, const AddedToken &token)
{
    if (!m_patterns.add(pattern, static_cast<std::int32_t>(m_tokens.size())))
        return; // of two with one normal form the first counts
    m_tokens.push_back(token);
    const char first = pattern.front();
    if (!m_isFirst[static_cast<unsigned char>(first)])
        m_firsts += first;
    m_isFirst[static_cast<unsigned char>(first)] = true;
}

/// The next byte that a token may start with, text.size() where there is none.
std::size_t AddedTokens::Matcher::nextStart(std::string_view text, std::size_t from) const
{
    if (m_firsts.size() == 1)
        return std::min(text.find(m_firsts.front(), from), text.size());
    while (from < text.size() && !m_isFirst[static_cast<unsigned char>(text[from])])
        ++from;
    return from;
}

void AddedTokens::Matcher::split(std::string_view text, std::vector<Piece> &pieces) const
{
    std::size_t done = 0; // all before it is in pieces
    for (std::size_t at = nextStart(text, 0); at < text.size();) {
        const Vocabulary::Match match = m_patterns.longest(text.substr(at));
        if (match.id < 0) {
            at = nextStart(text, at + 1);
            continue;
        }
        const AddedToken &token = m_tokens[static_cast<std::size_t>(match.id)];
        std::size_t start = at;
        std::size_t stop = at + match.length;
        at = nextStart(text, stop);
        if (token.singleWord && (endsWithWord(text.substr(0, start)) || startsWithWord(text.substr(stop))))
            continue;
        if (token.stripLeft)
            start = std::max(spaceAtEnd(text.substr(0, start)), done);
        if (token.stripRight)
            stop += spaceAtStart(text.substr(stop));
        if (done < start)
            pieces.push_back({text.substr(done, start - done), -1});
        pieces.push_back({{}, token.id});
        done = stop;
    }
    if (done < text.size())
        pieces.push_back({text.substr(done), -1});
}

AddedTokens::AddedTokens(const std::vector<AddedToken> &tokens, const Normalizer *normalizer, const std::string &where)
{
    std::vector<const AddedToken *> kept;
    Vocabulary seen;
    for (const AddedToken &token : tokens) {
        if (token.content.empty())
            throw InputError("an added token is empty", where, "take it out of the file");
        if (seen.add(token.content, static_cast<std::int32_t>(kept.size()))) {
            kept.push_back(&token);
            continue;
        }
        if (!sameKind(*kept[static_cast<std::size_t>(seen.find(token.content))], token))
            throw InputError("the added token \"" + token.content + "\" comes twice, in different kinds", where,
                             "keep one of them");
    }
    // Special tokens come first where two have one normal form.
    std::stable_partition(kept.begin(), kept.end(), [](const AddedToken *token) { return token->special; });
    for (const AddedToken *token : kept) {
        std::string pattern = token->content;
        if (token->normalized && normalizer) {
            pattern.clear();
            normalizer->normalize(token->content, pattern);
        }
        if (pattern.empty())
            throw InputError("nothing is left of the added token \"" + token->content + "\" after normalization", where,
                             "take it out of the file, or set its field normalized to false");
        (token->normalized ? m_normalized : m_raw).add(pattern, *token);
    }
}

} // namespace apiary::text
