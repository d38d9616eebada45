#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace apiary::eval {

/// Wilcoxon's signed-rank test of paired values, two-sided.
struct SignedRank {
    std::int64_t pairs = 0; ///< that differ
    double statistic = 0;   ///< the smaller of the rank sums of positive and of negative differences
    double p = 1;
    bool exact = false; ///< p comes from the statistic's own distribution
};

/// Most pairs whose p-value is taken from the exact distribution.
constexpr std::size_t exactPairs = 50;

/// Tests whether model − baseline is symmetric about zero (Wilcoxon 1945). Pairs without a difference are dropped, as
/// Wilcoxon did; |differences| that are equal share their mean rank.
///
/// With at most `exactPairs` pairs, all of which differ and no two of them alike, p is exact: twice the share of the 2ⁿ
/// equally likely signs whose rank sum is no larger than the statistic, what scipy.stats.wilcoxon(method="exact") gives.
/// Otherwise it comes from the normal approximation with the variance corrected for ties, (n(n + 1)(2n + 1) −
/// Σ(t³ − t) ÷ 2) ÷ 24 over groups of t equal ones, and without a continuity correction: method="approx". That is rough
/// below some ten pairs. Where no pair differs p is 1. Both spans hold the same users in the same order: Error where
/// their sizes differ.
SignedRank wilcoxon(std::span<const double> model, std::span<const double> baseline);

/// p-values of a family of tests, corrected so that the chance of any false rejection among them stays below the level
/// (Holm 1979): the i-th smallest of m is multiplied by m − i + 1, and none is smaller than one before it, nor above 1.
std::vector<double> holm(std::span<const double> p);

/// How far a figure depends on the seed of a run or of a split.
struct Spread {
    std::int64_t runs = 0;
    double mean = 0;
    double deviation = 0; ///< standard deviation over runs (n − 1 in the denominator); 0 for one run
};
Spread spread(std::span<const double> runs);

} // namespace apiary::eval
