#include "eval/evaluate.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace apiary::eval {

namespace {

std::size_t depth(std::size_t length, int k)
{
    return std::min(length, static_cast<std::size_t>(std::max(k, 0)));
}

bool isTarget(std::span<const std::int32_t> targets, std::int32_t item)
{
    return std::binary_search(targets.begin(), targets.end(), item);
}

double discount(std::size_t place)
{
    return 1.0 / std::log2(static_cast<double>(place) + 2.0);
}

} // namespace

double MetricValues::mean() const
{
    if (perUser.empty())
        return 0;
    return std::accumulate(perUser.begin(), perUser.end(), 0.0) / static_cast<double>(perUser.size());
}

double calibratedRecall(std::span<const std::int32_t> ranking, std::span<const std::int32_t> targets, int k)
{
    const std::size_t best = depth(targets.size(), k);
    if (best == 0)
        return 0;
    const auto top = ranking.first(depth(ranking.size(), k));
    const auto hits = std::count_if(top.begin(), top.end(), [&](std::int32_t item) { return isTarget(targets, item); });
    return static_cast<double>(hits) / static_cast<double>(best);
}

double ndcg(std::span<const std::int32_t> ranking, std::span<const std::int32_t> targets, int k)
{
    const std::size_t best = depth(targets.size(), k);
    if (best == 0)
        return 0;
    double ideal = 0;
    for (std::size_t place = 0; place < best; ++place)
        ideal += discount(place);
    double gain = 0;
    for (std::size_t place = 0; place < depth(ranking.size(), k); ++place)
        if (isTarget(targets, ranking[place]))
            gain += discount(place);
    return gain / ideal;
}

} // namespace apiary::eval
