#include "text/unigram.h"

#include "base/error.h"
#include "text/byte_tokens.h"
#include "text/utf8.h"
#include "text/word_cache.h"

#include <algorithm>
#include <limits>

namespace apiary::text {

namespace {

/// How much worse than the worst token the unknown one is.
constexpr double unknownPenalty = 10;

/// The largest vocabularies in use have 3 MB of text; a tree node takes 32 bytes at most.
constexpr std::size_t mostText = 32U << 20;

/// The best way to a place in a word: by the token that ends there.
struct Node {
    static constexpr std::size_t none = SIZE_MAX;

    double score = 0;
    std::size_t begin = none;
    std::int32_t id = -1;

    void offer(double other, std::size_t from, std::int32_t token)
    {
        if (begin == none || other > score)
            *this = {other, from, token};
    }
};

std::size_t textOf(const std::vector<ScoredToken> &tokens, const std::string &where)
{
    std::size_t bytes = 0;
    for (const ScoredToken &token : tokens)
        bytes += token.text.size();
    if (tokens.empty() || bytes > mostText || tokens.size() > INT32_MAX)
        throw InputError(tokens.empty() ? "the vocabulary is empty" : "the vocabulary holds too much text", where,
                         "get the encoder's files again");
    return bytes;
}

} // namespace

Unigram::Unigram(const std::vector<ScoredToken> &tokens, const Options &options, const std::string &where)
    : m_number(nextModelNumber())
    , m_tree(textOf(tokens, where))
    , m_byteFallback(options.byteFallback)
{
    if (options.unknownId < 0 || options.unknownId >= static_cast<std::int64_t>(tokens.size()))
        throw InputError("the unknown token's id " + std::to_string(options.unknownId) + " is not in the vocabulary",
                         where, "get the encoder's files again");
    m_unknownId = static_cast<std::int32_t>(options.unknownId);
    m_vocabulary.reserve(tokens.size(), textOf(tokens, where));
    m_scores.reserve(tokens.size());
    double least = std::numeric_limits<double>::infinity();
    // From the end, because a vocabulary keeps the first of two.
    for (std::size_t i = tokens.size(); i-- > 0;)
        m_vocabulary.add(tokens[i].text, static_cast<std::int32_t>(i));
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        m_scores.push_back(tokens[i].score);
        least = std::min(least, tokens[i].score);
        if (!tokens[i].text.empty())
            m_tree.add(tokens[i].text, static_cast<std::int32_t>(i));
    }
    m_unknownScore = least - unknownPenalty;
    m_byteIds = byteTokens(m_vocabulary);
}

void Unigram::tokenize(std::string_view word, std::vector<std::int32_t> &ids) const
{
    WordCache &cache = localCache(m_number);
    if (cache.find(word, ids))
        return;
    const std::size_t before = ids.size();
    search(word, ids);
    cache.add(word, std::span(ids).subspan(before));
}

void Unigram::search(std::string_view word, std::vector<std::int32_t> &ids) const
{
    thread_local std::vector<Node> nodes;
    nodes.assign(word.size() + 1, Node{});
    for (std::size_t begin = 0, next = 0; begin < word.size(); begin = next) {
        nextScalar(word, next);
        const double here = nodes[begin].score;
        bool hasSingle = false;
        PrefixTree::Step step{PrefixTree::root, -1};
        for (std::size_t end = begin; end < word.size();) {
            step = m_tree.step(step.node, word[end]);
            if (step.node == PrefixTree::none)
                break;
            ++end;
            if (step.id < 0)
                continue;
            nodes[end].offer(m_scores[static_cast<std::size_t>(step.id)] + here, begin, step.id);
            hasSingle |= end == next;
        }
        if (!hasSingle)
            nodes[next].offer(m_unknownScore + here, begin, m_unknownId);
    }

    const std::size_t before = ids.size();
    // Backwards; unknown pieces in a row become one. A piece that holds the unknown token's own text counts as one.
    for (std::size_t end = word.size(); end > 0;) {
        std::size_t begin = nodes[end].begin;
        if (nodes[end].id != m_unknownId) {
            ids.push_back(nodes[end].id);
        } else {
            while (begin > 0 && nodes[begin].id == m_unknownId)
                begin = nodes[begin].begin;
            const std::size_t first = ids.size();
            appendUnknown(word.substr(begin, end - begin), ids);
            std::reverse(ids.begin() + static_cast<std::ptrdiff_t>(first), ids.end());
        }
        end = begin;
    }
    std::reverse(ids.begin() + static_cast<std::ptrdiff_t>(before), ids.end());
    if (nodes.size() > 65536)
        std::vector<Node>().swap(nodes); // keep no large memory for a rare long word
}

void Unigram::appendUnknown(std::string_view text, std::vector<std::int32_t> &ids) const
{
    if (const std::int32_t id = m_vocabulary.find(text); id >= 0)
        ids.push_back(id);
    else if (!m_byteFallback || !appendByteTokens(m_byteIds, text, ids))
        ids.push_back(m_unknownId);
}

} // namespace apiary::text
