#include "run/item_embeddings.h"

#include "base/error.h"
#include "embed/cached_encoding.h"
#include "hub/library.h"

namespace apiary::run {

std::shared_ptr<embed::EmbeddingCache> openCache()
{
    auto cache = std::make_shared<embed::EmbeddingCache>();
    std::int64_t limit = hub::Settings().embeddingCacheBytes;
    try {
        limit = hub::loadSettings().embeddingCacheBytes;
    } catch (const Error &) {
        // Whoever shows the settings reports them.
    }
    if (cache->working() && cache->limit() != limit)
        cache->setLimit(limit);
    return cache;
}

embed::Embeddings encodeItemsCached(const RunSpec &spec, const data::Catalog &catalog, embed::SentenceEncoder &encoder,
                                    embed::EmbeddingCache *cache, const std::string &stage, const ProgressFn &progress,
                                    const std::stop_token &stop)
{
    const auto tokens = encoder.tokenize(catalog.texts, textOptions(spec, encoder), stop);
    return embed::encodeCached(encoder, tokens, cache, renamed(progress, stage), stop);
}

} // namespace apiary::run
