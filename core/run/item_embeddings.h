#pragma once

#include "embed/embedding_cache.h"
#include "run/inputs.h"

#include <memory>
#include <string>

namespace apiary::run {

/// The user's embedding cache under the limit of the settings. Broken settings count as the default ones.
std::shared_ptr<embed::EmbeddingCache> openCache();

/// Embeddings of all items by an opened encoder whose weights are those of its folder, through the cache (may be null).
/// `stage` names the work in progress.
embed::Embeddings encodeItemsCached(const RunSpec &spec, const data::Catalog &catalog, embed::SentenceEncoder &encoder,
                                    embed::EmbeddingCache *cache, const std::string &stage, const ProgressFn &progress,
                                    const std::stop_token &stop);

} // namespace apiary::run
