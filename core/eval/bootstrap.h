#pragma once

#include <cstdint>
#include <span>

namespace apiary::eval {

/// A mean with its interval.
struct Interval {
    double mean = 0;
    double low = 0;
    double high = 0;
    bool holdsZero() const { return low <= 0 && high >= 0; }
};

/// Paired bootstrap over users (Efron & Tibshirani 1993, percentile): mean of model − baseline with a `level` interval.
/// Both spans hold the same users in the same order.
Interval pairedBootstrap(std::span<const double> model, std::span<const double> baseline, std::uint64_t seed,
                         int resamples = 10000, double level = 0.95);
/// The same for one model's mean.
Interval bootstrap(std::span<const double> values, std::uint64_t seed, int resamples = 10000, double level = 0.95);

} // namespace apiary::eval
