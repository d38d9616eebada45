#include "embed/agreement.h"

#include "embed/cached_encoding.h"

#include <algorithm>
#include <cassert>

namespace apiary::embed {

Agreement agreement(const Embeddings &exact, const Embeddings &approximate)
{
    assert(exact.rows() == approximate.rows() && exact.cols() == approximate.cols());
    Agreement result{exact.rows(), 0, 1};
    for (Eigen::Index i = 0; i < exact.rows(); ++i) {
        const double length = exact.row(i).cast<double>().norm() * approximate.row(i).cast<double>().norm();
        const double dot = exact.row(i).cast<double>().dot(approximate.row(i).cast<double>());
        const double cosine = length > 0 ? dot / length : 0;
        result.meanCosine += cosine / static_cast<double>(exact.rows());
        result.leastCosine = std::min(result.leastCosine, cosine);
    }
    return result;
}

Agreement measureAgreement(const SentenceEncoder &approximate, const text::TokenBatch &tokens, const Embeddings &rows,
                           std::int64_t texts, EmbeddingCache *cache, std::stop_token stop)
{
    const std::int64_t count = std::min(texts, tokens.size());
    text::TokenBatch some;
    some.promptTokens = tokens.promptTokens;
    Embeddings found(count, rows.cols());
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t text = i * tokens.size() / count;
        const auto from = tokens.ids.begin() + tokens.offsets[static_cast<std::size_t>(text)];
        some.ids.insert(some.ids.end(), from, from + tokens.length(text));
        some.offsets.push_back(static_cast<std::int64_t>(some.ids.size()));
        found.row(i) = rows.row(text);
    }
    EncoderOptions options = approximate.options();
    options.precision = Precision::Exact;
    SentenceEncoder exact(approximate.folder(), options);
    return agreement(encodeCached(exact, some, cache, {}, stop), found);
}

} // namespace apiary::embed
