#include "eval/metric.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace apiary::eval {

namespace {

std::size_t depth(std::size_t length, int k)
{
    return std::min(length, static_cast<std::size_t>(std::max(k, 0)));
}

double discount(std::size_t place)
{
    return 1.0 / std::log2(static_cast<double>(place) + 2.0);
}

double idealGain(std::size_t hits)
{
    double ideal = 0;
    for (std::size_t place = 0; place < hits; ++place)
        ideal += discount(place);
    return ideal;
}

double gain(std::span<const char> top)
{
    double sum = 0;
    for (std::size_t place = 0; place < top.size(); ++place)
        if (top[place])
            sum += discount(place);
    return sum;
}

double precisionsAtHits(std::span<const char> top)
{
    double sum = 0;
    std::size_t hits = 0;
    for (std::size_t place = 0; place < top.size(); ++place)
        if (top[place])
            sum += static_cast<double>(++hits) / static_cast<double>(place + 1);
    return sum;
}

} // namespace

Hits findHits(std::span<const std::int32_t> ranking, std::span<const std::int32_t> targets)
{
    Hits hits{std::vector<char>(ranking.size()), targets.size()};
    for (std::size_t place = 0; place < ranking.size(); ++place)
        hits.at[place] = std::binary_search(targets.begin(), targets.end(), ranking[place]);
    return hits;
}

double valueOf(const Metric &metric, const Hits &hits)
{
    const std::size_t best = depth(hits.targets, metric.k);
    if (best == 0)
        return 0;
    const auto top = std::span(hits.at).first(depth(hits.at.size(), metric.k));
    const auto count = static_cast<double>(std::count(top.begin(), top.end(), 1));
    const auto first = std::find(top.begin(), top.end(), 1);
    switch (metric.kind) {
    case MetricKind::Recall:
        return count / static_cast<double>(best);
    case MetricKind::PlainRecall:
        return count / static_cast<double>(hits.targets);
    case MetricKind::Ndcg:
        return gain(top) / idealGain(best);
    case MetricKind::Precision:
        return count / metric.k;
    case MetricKind::Map:
        return precisionsAtHits(top) / static_cast<double>(best);
    case MetricKind::Mrr:
        return first == top.end() ? 0 : 1.0 / static_cast<double>(first - top.begin() + 1);
    case MetricKind::Hit:
        return first == top.end() ? 0 : 1;
    default:
        return 0; // no metric of targets
    }
}

double calibratedRecall(std::span<const std::int32_t> ranking, std::span<const std::int32_t> targets, int k)
{
    return valueOf({MetricKind::Recall, k}, findHits(ranking.first(depth(ranking.size(), k)), targets));
}

double ndcg(std::span<const std::int32_t> ranking, std::span<const std::int32_t> targets, int k)
{
    return valueOf({MetricKind::Ndcg, k}, findHits(ranking.first(depth(ranking.size(), k)), targets));
}

double novelty(std::span<const std::int32_t> ranking, std::span<const std::int64_t> popularity, std::int64_t users,
               int k)
{
    const auto top = ranking.first(depth(ranking.size(), k));
    if (top.empty() || users < 1)
        return 0;
    double sum = 0;
    for (const std::int32_t item : top) {
        const std::int64_t have = std::clamp<std::int64_t>(popularity[static_cast<std::size_t>(item)], 1, users);
        sum -= std::log2(static_cast<double>(have) / static_cast<double>(users));
    }
    return sum / static_cast<double>(top.size());
}

double gini(std::vector<std::int64_t> counts)
{
    const std::int64_t total = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
    if (total == 0)
        return 0;
    std::sort(counts.begin(), counts.end());
    const auto n = static_cast<double>(counts.size());
    double sum = 0;
    for (std::size_t j = 0; j < counts.size(); ++j)
        sum += (2 * static_cast<double>(j + 1) - n - 1) * static_cast<double>(counts[j]);
    return sum / (n * static_cast<double>(total));
}

} // namespace apiary::eval
