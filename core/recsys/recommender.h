#pragma once

#include "base/csr.h"

#include <Eigen/Core>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace apiary::recsys {

using ScoreBlock = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Embeddings = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Scores items for users. Safe to share between threads once fitted.
class Recommender {
public:
    virtual ~Recommender() = default;
    virtual std::string name() const = 0;
    /// Learns from users × items. Content recommenders learn nothing.
    virtual void fit(const CsrView &interactions) = 0;
    /// Fills scores(i, c): user sources.row(firstUser + i), item candidates[c]. `scores` is sized by the caller. A score
    /// of zero or less recommends nothing. A user's scores do not depend on which users share the block (bitwise).
    virtual void score(const CsrView &sources, std::int64_t firstUser, std::span<const std::int32_t> candidates,
                       ScoreBlock &scores) const = 0;
};

/// relu(x·A·Aᵀ − x) over item embeddings A (normalised here); the beeFormer/ELSA prediction.
std::unique_ptr<Recommender> contentRecommender(std::string name, Embeddings items);
/// Scores that depend on (seed, user row, item) alone: the floor.
std::unique_ptr<Recommender> randomRecommender(std::uint64_t seed);

} // namespace apiary::recsys
