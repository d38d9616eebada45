#pragma once

#include "base/csr.h"

#include <cstdint>
#include <vector>

namespace apiary::train {

/// Who and what takes part in one step. Items are unique: the positives first (every item that one of the users
/// touched), then the negatives, each ascending.
struct StepSample {
    int epoch = 0;
    std::vector<std::int32_t> items; ///< indices into the catalogue
    Csr users;                       ///< the users' rows; columns are positions among the positives
    std::vector<float> multiplicity; ///< times an item was drawn, beside items; empty where all are 1
    std::int64_t positives() const { return users.cols; }
};

struct SamplerConfig {
    std::int64_t usersPerStep = 1024;
    std::int64_t itemsPerStep = 10000;
    bool negativesWithReplacement = false;
    std::uint64_t seed = 42;
};

/// Draws the steps of a training: a pure function of (seed, step). Each epoch visits every user once in a new order.
class Sampler {
public:
    /// `interactions`: users × items, training entries only. Users without an entry are never drawn. `items` ascending.
    Sampler(CsrView interactions, std::vector<std::int32_t> items, SamplerConfig config);

    std::int64_t users() const { return static_cast<std::int64_t>(m_users.size()); }
    int stepsPerEpoch() const;
    StepSample sample(int step) const; ///< 1-based

private:
    CsrView m_interactions;
    std::vector<std::int32_t> m_items;
    std::vector<std::int32_t> m_users;
    SamplerConfig m_config;
};

} // namespace apiary::train
