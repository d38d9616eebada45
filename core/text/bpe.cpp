#include "text/bpe.h"

#include "base/error.h"
#include "text/byte_tokens.h"
#include "text/utf8.h"
#include "text/word_cache.h"

#include <algorithm>
#include <queue>

namespace apiary::text {

namespace {

/// Up to here looking for the best pair anew after every merge is faster than keeping a queue.
constexpr std::size_t shortWord = 48;

} // namespace

Bpe::Bpe(const std::vector<TokenEntry> &tokens, const std::vector<Pair> &merges, const Options &options,
         const std::string &where)
    : m_number(nextModelNumber())
    , m_merges(merges.size())
    , m_options(options)
{
    if (tokens.empty())
        throw InputError("the vocabulary is empty", where, "get the encoder's files again");
    std::size_t bytes = 0;
    for (const TokenEntry &token : tokens)
        bytes += token.text.size();
    m_vocabulary.reserve(tokens.size(), bytes);
    for (const TokenEntry &token : tokens) {
        if (token.id < 0)
            throw InputError("the id of the token \"" + token.text + "\" is negative", where,
                             "get the encoder's files again");
        if (!m_vocabulary.add(token.text, token.id))
            throw InputError("the token \"" + token.text + "\" comes twice", where, "get the encoder's files again");
        m_maxId = std::max(m_maxId, token.id);
    }
    if (options.unknown)
        m_unknownId = m_vocabulary.find(*options.unknown);
    m_byteIds = byteTokens(m_vocabulary);
    for (char32_t c = 0; c < m_characters.size(); ++c) {
        std::string text;
        appendScalar(text, c);
        m_characters[c] = m_vocabulary.find(text);
    }
    addMerges(merges, where);
}

void Bpe::addMerges(const std::vector<Pair> &merges, const std::string &where)
{
    const auto idOrFail = [&](const std::string &token, std::size_t rank) {
        const std::int32_t id = m_vocabulary.find(token);
        if (id < 0)
            throw InputError("the merge number " + std::to_string(rank) + " needs the token \"" + token +
                                 "\", which is not in the vocabulary",
                             where, "get the encoder's files again");
        return id;
    };
    for (std::size_t rank = 0; rank < merges.size(); ++rank) {
        const auto &[left, right] = merges[rank];
        const std::int32_t leftId = idOrFail(left, rank);
        const std::int32_t rightId = idOrFail(right, rank);
        if (right.size() < m_options.continuationPrefix.size())
            throw InputError("the merge number " + std::to_string(rank) + " lacks the prefix of what continues a word",
                             where, "get the encoder's files again");
        const std::int32_t id = idOrFail(left + right.substr(m_options.continuationPrefix.size()), rank);
        m_merges.add(leftId, rightId, {static_cast<std::uint32_t>(rank), id});
    }
}

void Bpe::tokenize(std::string_view word, std::vector<std::int32_t> &ids) const
{
    WordCache &cache = localCache(m_number);
    if (cache.find(word, ids))
        return;
    const std::size_t before = ids.size();
    const std::int32_t whole = m_options.ignoreMerges ? m_vocabulary.find(word) : -1;
    if (whole >= 0) {
        ids.push_back(whole);
    } else {
        thread_local std::vector<std::int32_t> symbols;
        symbols.clear();
        appendSymbols(word, symbols);
        if (symbols.size() <= shortWord)
            mergeShort(symbols);
        else
            mergeLong(symbols);
        ids.insert(ids.end(), symbols.begin(), symbols.end());
        if (symbols.capacity() > 65536)
            std::vector<std::int32_t>().swap(symbols);
    }
    cache.add(word, std::span(ids).subspan(before));
}

std::int32_t Bpe::symbolOf(std::string_view character, bool isFirst, bool isLast) const
{
    const bool prefixed = !isFirst && !m_options.continuationPrefix.empty();
    const bool suffixed = isLast && !m_options.wordSuffix.empty();
    if (!prefixed && !suffixed) {
        std::size_t position = 0;
        const char32_t scalar = nextScalar(character, position);
        return scalar < m_characters.size() ? m_characters[scalar] : m_vocabulary.find(character);
    }
    std::string written;
    if (prefixed)
        written = m_options.continuationPrefix;
    written += character;
    if (suffixed)
        written += m_options.wordSuffix;
    return m_vocabulary.find(written);
}

/// The characters of a word as tokens.
void Bpe::appendSymbols(std::string_view word, std::vector<std::int32_t> &symbols) const
{
    bool pending = false; // an unknown token that may still grow
    for (std::size_t position = 0; position < word.size();) {
        const std::size_t begin = position;
        nextScalar(word, position);
        const std::string_view character = word.substr(begin, position - begin);
        const std::int32_t id = symbolOf(character, begin == 0, position == word.size());
        if (id >= 0) {
            if (pending)
                symbols.push_back(m_unknownId);
            pending = false;
            symbols.push_back(id);
            continue;
        }
        if (m_options.byteFallback) {
            // As the package has it: prefix and suffix fall back as well, and an unknown token waits behind the bytes.
            std::string written = begin == 0 ? "" : m_options.continuationPrefix;
            written += character;
            if (position == word.size())
                written += m_options.wordSuffix;
            if (appendByteTokens(m_byteIds, written, symbols))
                continue;
        }
        if (m_unknownId < 0)
            continue;
        if (pending && !m_options.fuseUnknown)
            symbols.push_back(m_unknownId);
        pending = true;
    }
    if (pending)
        symbols.push_back(m_unknownId);
}

void Bpe::mergeShort(std::vector<std::int32_t> &symbols) const
{
    if (symbols.size() < 2)
        return;
    std::array<Merges::Merge, shortWord> pairs;
    std::size_t count = symbols.size();
    for (std::size_t i = 0; i + 1 < count; ++i)
        pairs[i] = m_merges.find(symbols[i], symbols[i + 1]);
    for (;;) {
        std::size_t best = 0;
        std::uint32_t rank = Merges::none;
        for (std::size_t i = 0; i + 1 < count; ++i)
            if (pairs[i].rank < rank) {
                rank = pairs[i].rank;
                best = i;
            }
        if (rank == Merges::none)
            break;
        symbols[best] = pairs[best].id;
        --count;
        for (std::size_t i = best + 1; i < count; ++i) {
            symbols[i] = symbols[i + 1];
            pairs[i - 1] = pairs[i];
        }
        if (best > 0)
            pairs[best - 1] = m_merges.find(symbols[best - 1], symbols[best]);
        if (best + 1 < count)
            pairs[best] = m_merges.find(symbols[best], symbols[best + 1]);
    }
    symbols.resize(count);
}

void Bpe::mergeLong(std::vector<std::int32_t> &symbols) const
{
    struct Candidate {
        std::uint32_t rank;
        std::uint32_t at;
        std::int32_t id;

        bool operator<(const Candidate &other) const // the queue gives the largest
        {
            return rank != other.rank ? rank > other.rank : at > other.at;
        }
    };
    constexpr std::uint32_t end = UINT32_MAX;
    const auto size = static_cast<std::uint32_t>(symbols.size());
    std::vector<std::uint32_t> next(size), previous(size);
    std::priority_queue<Candidate> queue;
    const auto offer = [&](std::uint32_t left, std::uint32_t right) {
        const Merges::Merge merge = m_merges.find(symbols[left], symbols[right]);
        if (merge.rank != Merges::none)
            queue.push({merge.rank, left, merge.id});
    };
    for (std::uint32_t i = 0; i < size; ++i) {
        previous[i] = i == 0 ? end : i - 1;
        next[i] = i + 1 == size ? end : i + 1;
        if (next[i] != end)
            offer(i, i + 1);
    }
    while (!queue.empty()) {
        const Candidate top = queue.top();
        queue.pop();
        const std::uint32_t left = top.at;
        if (symbols[left] < 0 || next[left] == end)
            continue;
        const std::uint32_t right = next[left];
        if (m_merges.find(symbols[left], symbols[right]).id != top.id)
            continue; // one of the two has changed since
        symbols[left] = top.id;
        symbols[right] = -1;
        next[left] = next[right];
        if (next[left] != end) {
            previous[next[left]] = left;
            offer(left, next[left]);
        }
        if (previous[left] != end)
            offer(previous[left], left);
    }
    std::erase(symbols, -1);
}

} // namespace apiary::text
