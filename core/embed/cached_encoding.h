#pragma once

#include "embed/embedding_cache.h"

namespace apiary::embed {

/// SentenceEncoder::encode(), reading from the cache what it has and keeping there what it had not. Texts that are not
/// there are encoded in parts that are kept one by one, so that a stop loses at most the part in work. `cache` may be
/// null. Rows from the cache carry the bits of their first encoding. Progress counts all texts.
Embeddings encodeCached(SentenceEncoder &encoder, const text::TokenBatch &tokens, EmbeddingCache *cache,
                        const ProgressFn &progress = {}, std::stop_token stop = {});

} // namespace apiary::embed
