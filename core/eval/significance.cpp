#include "eval/significance.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace apiary::eval {

namespace {

/// Twice the chance of a rank sum of at most `sum` over `pairs` ranks whose signs are tossed. Counts how many subsets of
/// 1 … n have each sum, rank by rank; up to 2⁵⁰, which doubles hold exactly.
double exactP(std::size_t pairs, double sum)
{
    std::vector<double> subsets(pairs * (pairs + 1) / 2 + 1);
    subsets[0] = 1;
    for (std::size_t rank = 1; rank <= pairs; ++rank)
        for (std::size_t s = rank * (rank + 1) / 2; s >= rank; --s)
            subsets[s] += subsets[s - rank];
    const auto below = subsets.begin() + static_cast<std::ptrdiff_t>(sum) + 1;
    return std::min(1.0, 2 * std::ldexp(std::accumulate(subsets.begin(), below, 0.0), -static_cast<int>(pairs)));
}

} // namespace

SignedRank wilcoxon(std::span<const double> model, std::span<const double> baseline)
{
    if (model.size() != baseline.size())
        throw Error("two models were evaluated on different users",
                    std::to_string(model.size()) + " and " + std::to_string(baseline.size()) + " values",
                    "compare evaluations of the same task");
    std::vector<double> differences;
    for (std::size_t u = 0; u < model.size(); ++u)
        if (model[u] != baseline[u])
            differences.push_back(model[u] - baseline[u]);
    std::sort(differences.begin(), differences.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });

    SignedRank result;
    result.pairs = static_cast<std::int64_t>(differences.size());
    if (differences.empty())
        return result;
    double positive = 0, ties = 0;
    for (std::size_t from = 0; from < differences.size();) {
        std::size_t to = from;
        while (to < differences.size() && std::abs(differences[to]) == std::abs(differences[from]))
            ++to;
        const double rank = static_cast<double>(from + to + 1) / 2; // mean of the places from + 1 … to
        positive += rank * static_cast<double>(std::count_if(differences.begin() + static_cast<std::ptrdiff_t>(from),
                                                             differences.begin() + static_cast<std::ptrdiff_t>(to),
                                                             [](double d) { return d > 0; }));
        const auto equal = static_cast<double>(to - from);
        ties += equal * equal * equal - equal;
        from = to;
    }
    const auto n = static_cast<double>(differences.size());
    const double all = n * (n + 1) / 2;
    result.statistic = std::min(positive, all - positive);
    if (ties == 0 && differences.size() == model.size() && model.size() <= exactPairs) {
        result.exact = true;
        result.p = exactP(differences.size(), result.statistic);
        return result;
    }
    const double variance = (n * (n + 1) * (2 * n + 1) - ties / 2) / 24;
    result.p = std::erfc((all / 2 - result.statistic) / std::sqrt(variance) / std::sqrt(2.0));
    return result;
}

std::vector<double> holm(std::span<const double> p)
{
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
    std::vector<double> corrected(p.size());
    double least = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        least = std::max(least, std::min(1.0, p[order[i]] * static_cast<double>(p.size() - i)));
        corrected[order[i]] = least;
    }
    return corrected;
}

Spread spread(std::span<const double> runs)
{
    Spread result;
    result.runs = static_cast<std::int64_t>(runs.size());
    if (runs.empty())
        return result;
    const auto n = static_cast<double>(runs.size());
    result.mean = std::accumulate(runs.begin(), runs.end(), 0.0) / n;
    double squares = 0;
    for (const double value : runs)
        squares += (value - result.mean) * (value - result.mean);
    result.deviation = runs.size() > 1 ? std::sqrt(squares / (n - 1)) : 0;
    return result;
}

} // namespace apiary::eval
