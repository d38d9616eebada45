#include "embed/cached_encoding.h"

#include "base/cancel.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace apiary::embed {

namespace {

constexpr std::size_t textsAPart = 2048;

std::span<const std::int32_t> idsOf(const text::TokenBatch &tokens, std::int64_t text)
{
    return std::span(tokens.ids)
        .subspan(static_cast<std::size_t>(tokens.offsets[static_cast<std::size_t>(text)]),
                 static_cast<std::size_t>(tokens.length(text)));
}

CacheSpace spaceOf(const std::string &hash, const SentenceEncoder &encoder, const text::TokenBatch &tokens)
{
    const bool exact = encoder.options().precision == Precision::Exact;
    return {hash, exact ? "exact" : "int8", encoder.card().dimension, tokens.promptTokens};
}

std::vector<CacheKey> keysOf(const text::TokenBatch &tokens)
{
    std::vector<CacheKey> keys;
    for (std::int64_t text = 0; text < tokens.size(); ++text)
        keys.push_back(cacheKey(idsOf(tokens, text)));
    return keys;
}

text::TokenBatch picked(const text::TokenBatch &tokens, std::span<const std::int64_t> texts)
{
    text::TokenBatch some;
    some.promptTokens = tokens.promptTokens;
    for (const std::int64_t text : texts) {
        const auto ids = idsOf(tokens, text);
        some.ids.insert(some.ids.end(), ids.begin(), ids.end());
        some.offsets.push_back(static_cast<std::int64_t>(some.ids.size()));
    }
    return some;
}

/// Parts of about equal size with short and long texts in each alike, so that batches by length stay full and the first
/// part's pace is that of all.
std::vector<std::vector<std::int64_t>> parts(const text::TokenBatch &tokens, std::vector<std::int64_t> texts)
{
    const std::size_t count = (texts.size() + textsAPart - 1) / textsAPart;
    if (count <= 1)
        return {std::move(texts)};
    std::stable_sort(texts.begin(), texts.end(),
                     [&](std::int64_t a, std::int64_t b) { return tokens.length(a) < tokens.length(b); });
    std::vector<std::vector<std::int64_t>> out(count);
    for (std::size_t i = 0; i < texts.size(); ++i)
        out[i % count].push_back(texts[i]);
    return out;
}

/// The progress of a part as that of the whole.
ProgressFn shifted(const ProgressFn &progress, std::int64_t before, std::int64_t total)
{
    if (!progress)
        return {};
    return [&progress, before, total](Progress now) {
        now.done += before;
        now.total = total;
        now.secondsLeft = now.rate > 0 ? static_cast<double>(total - now.done) / now.rate : -1;
        progress(now);
    };
}

} // namespace

Embeddings encodeCached(SentenceEncoder &encoder, const text::TokenBatch &tokens, EmbeddingCache *cache,
                        const ProgressFn &progress, std::stop_token stop)
{
    if (!cache || tokens.size() == 0)
        return encoder.encode(tokens, progress, stop);
    throwIfStopped(stop);
    const CacheSpace space = spaceOf(encoder.card().hash, encoder, tokens);
    const std::vector<CacheKey> keys = keysOf(tokens);
    EmbeddingCache::Found found = cache->find(space, keys);

    std::map<CacheKey, std::vector<std::int64_t>> places; // of each missing key
    for (const std::int64_t text : found.missing)
        places[keys[static_cast<std::size_t>(text)]].push_back(text);
    std::vector<std::int64_t> wanted; // a text of each missing key, in the texts' order
    for (const std::int64_t text : found.missing)
        if (places.at(keys[static_cast<std::size_t>(text)]).front() == text)
            wanted.push_back(text);

    std::int64_t done = tokens.size() - static_cast<std::int64_t>(found.missing.size());
    if (progress)
        progress({"encoding texts", "texts", done, tokens.size(), 0, wanted.empty() ? 0.0 : -1.0});
    if (wanted.empty())
        return std::move(found.rows);
    for (const std::vector<std::int64_t> &part : parts(tokens, std::move(wanted))) {
        const Embeddings rows = encoder.encode(picked(tokens, part), shifted(progress, done, tokens.size()), stop);
        std::vector<CacheKey> partKeys;
        for (std::size_t i = 0; i < part.size(); ++i) {
            partKeys.push_back(keys[static_cast<std::size_t>(part[i])]);
            for (const std::int64_t text : places.at(partKeys.back())) {
                found.rows.row(text) = rows.row(static_cast<Eigen::Index>(i));
                ++done;
            }
        }
        cache->store(space, partKeys, rows);
    }
    return std::move(found.rows);
}

void keepEncoded(EmbeddingCache &cache, const std::string &hash, const SentenceEncoder &encoder,
                 const text::TokenBatch &tokens, const Embeddings &rows)
{
    cache.store(spaceOf(hash, encoder, tokens), keysOf(tokens), rows);
}

} // namespace apiary::embed
