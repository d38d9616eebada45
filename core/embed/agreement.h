#pragma once

#include "embed/embedding_cache.h"

#include <cstdint>
#include <stop_token>

namespace apiary::embed {

/// How near the embeddings of an approximate mode come to the exact ones.
struct Agreement {
    std::int64_t texts = 0; ///< that were encoded both ways
    double meanCosine = 1;
    double leastCosine = 1;
};

/// Cosines between rows of equal number and length. Rows of zeros count as 0.
Agreement agreement(const Embeddings &exact, const Embeddings &approximate);

/// Encodes up to `texts` of the tokens, evenly spread, once more and exactly, and compares with `rows`, which the
/// encoder gave for all of them. `cache` may be null. Throws as the encoder's opening does, Cancelled.
Agreement measureAgreement(const SentenceEncoder &approximate, const text::TokenBatch &tokens, const Embeddings &rows,
                           std::int64_t texts = 64, EmbeddingCache *cache = nullptr, std::stop_token stop = {});

} // namespace apiary::embed
