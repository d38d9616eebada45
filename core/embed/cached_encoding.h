#pragma once

#include "embed/embedding_cache.h"

namespace apiary::embed {

/// SentenceEncoder::encode(), reading from the cache what it has and keeping there what it had not. Texts that are not
/// there are encoded in parts that are kept one by one, so that a stop loses at most the part in work. `cache` may be
/// null. The encoder's weights must be those that it was opened with: they are what its hash stands for. Rows from the cache carry the bits of their first encoding. Progress counts all texts.
Embeddings encodeCached(SentenceEncoder &encoder, const text::TokenBatch &tokens, EmbeddingCache *cache,
                        const ProgressFn &progress = {}, std::stop_token stop = {});

/// Keeps rows that the encoder gave with other weights than those it was opened with, under the hash of the folder that
/// these were saved to.
void keepEncoded(EmbeddingCache &cache, const std::string &hash, const SentenceEncoder &encoder,
                 const text::TokenBatch &tokens, const Embeddings &rows);

} // namespace apiary::embed
