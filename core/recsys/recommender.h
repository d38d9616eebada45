#pragma once

#include "base/csr.h"
#include "base/progress.h"

#include <Eigen/Core>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <stop_token>
#include <string>

namespace apiary::recsys {

using ScoreBlock = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Embeddings = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

class StateReader;
class StateWriter;

/// Where a fit runs and whom it tells.
struct FitContext {
    int threads = 0;            ///< 0: all of the machine
    std::string device = "cpu"; ///< "cpu" or "cuda:i": for those that train in libtorch; others stay on the processor
    ProgressFn progress{};
    std::stop_token
        stop{}; ///< polled at least once a second; a stopped fit throws Cancelled and leaves the model unfitted
};

/// Scores items for users. Safe to share between threads once fitted; fit() and load are for one thread alone.
class Recommender {
public:
    virtual ~Recommender() = default;
    virtual std::string name() const = 0;
    /// Learns from users × items. Content recommenders learn nothing. A recommender that looks at the order of a user's
    /// interactions takes it from CsrView::times, here and in score(). Throws Error where memory will not do.
    virtual void fit(const CsrView &interactions, const FitContext &context = {}) = 0;
    /// Fills scores(i, c): user sources.row(firstUser + i), item candidates[c]. `scores` is sized by the caller. A score
    /// of zero or less recommends nothing. A user's scores do not depend on which users share the block (bitwise), nor
    /// on whether the user took part in fit(): they follow from the row. An item that nobody had in fit() scores 0 with
    /// every recommender that knows interactions only. Throws Error where fit() saw another number of items.
    virtual void score(const CsrView &sources, std::int64_t firstUser, std::span<const std::int32_t> candidates,
                       ScoreBlock &scores) const = 0;

    /// Its name in the table of registry.h; empty where it is not of that table.
    virtual std::string kind() const { return {}; }
    /// Hyperparameters by their published names.
    virtual nlohmann::ordered_json parameters() const;
    /// What fit() learned. For saveRecommender and loadRecommender of registry.h.
    virtual void saveState(StateWriter &) const {}
    virtual void loadState(const StateReader &) {}
};

/// relu(x·A·Aᵀ − x) over item embeddings A (normalised here); the beeFormer/ELSA prediction.
std::unique_ptr<Recommender> contentRecommender(std::string name, const Embeddings &items);
/// Scores that depend on (seed, user row, item) alone: the floor.
std::unique_ptr<Recommender> randomRecommender(std::uint64_t seed);

} // namespace apiary::recsys
