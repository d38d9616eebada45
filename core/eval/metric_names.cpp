#include "eval/metric.h"

#include "base/error.h"

#include <algorithm>
#include <charconv>

namespace apiary::eval {

namespace {

std::string trimmed(const std::string &text)
{
    const auto from = text.find_first_not_of(" \t\r\n");
    return from == std::string::npos ? std::string() : text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

std::string names()
{
    std::string out;
    for (const MetricInfo &info : metricInfos())
        out += (out.empty() ? "" : ", ") + info.name;
    return out;
}

} // namespace

const std::vector<MetricInfo> &metricInfos()
{
    static const std::vector<MetricInfo> infos{
        {MetricKind::Recall, "recall", "hits among the first k, of the most that were possible (calibrated)"},
        {MetricKind::PlainRecall, "plain-recall", "hits among the first k, of all targets"},
        {MetricKind::Ndcg, "ndcg", "hits, worth less the lower they stand, of the best possible"},
        {MetricKind::Precision, "precision", "hits among the first k, of k"},
        {MetricKind::Map, "map", "mean average precision"},
        {MetricKind::Mrr, "mrr", "one divided by the place of the first hit"},
        {MetricKind::Hit, "hit", "users with at least one hit"},
        {MetricKind::Novelty, "novelty", "how unpopular recommended items are, in bits"},
        {MetricKind::Similarity, "similarity", "how alike the items of a list are: mean cosine of its pairs"},
        {MetricKind::Coverage, "coverage", "share of the candidates that anybody gets recommended"},
        {MetricKind::Gini, "gini", "how unevenly recommendations fall on the candidates"},
    };
    return infos;
}

std::string Metric::name() const
{
    return metricInfos()[static_cast<std::size_t>(kind)].name + "@" + std::to_string(k);
}

Metric parseMetric(const std::string &name)
{
    const std::string shown = "\"" + name + "\"";
    const auto at = name.find('@');
    if (at == std::string::npos)
        throw InputError(shown + " does not say how many places of a list it reads", "metric",
                         "write it with an @, such as recall@20");
    const std::string kind = name.substr(0, at), depth = name.substr(at + 1);
    const auto info = std::find_if(metricInfos().begin(), metricInfos().end(),
                                   [&](const MetricInfo &one) { return one.name == kind; });
    if (info == metricInfos().end())
        throw InputError("there is no metric \"" + kind + "\"", "metric", "there are " + names());
    int k = 0;
    const auto [end, error] = std::from_chars(depth.data(), depth.data() + depth.size(), k);
    if (error != std::errc{} || end != depth.data() + depth.size() || k < 1 || k > deepestList)
        throw InputError(shown + " reads \"" + depth + "\" places of a list", "metric",
                         "write a whole number from 1 to " + std::to_string(deepestList) + " after the @");
    return {info->kind, k};
}

std::vector<Metric> parseMetrics(const std::string &list)
{
    std::vector<Metric> metrics;
    for (std::size_t from = 0; from <= list.size();) {
        const std::size_t comma = std::min(list.find(',', from), list.size());
        const std::string name = trimmed(list.substr(from, comma - from));
        from = comma + 1;
        if (name.empty() && comma == list.size() && !metrics.empty())
            break; // a comma at the end
        if (name.empty())
            throw InputError("a metric has no name", "metrics", "write them as recall@20, ndcg@100");
        const Metric metric = parseMetric(name);
        if (std::find(metrics.begin(), metrics.end(), metric) != metrics.end())
            throw InputError(metric.name() + " stands there twice", "metrics", "name each metric once");
        metrics.push_back(metric);
    }
    return metrics;
}

const std::vector<Metric> &defaultMetrics()
{
    static const std::vector<Metric> metrics{
        {MetricKind::Recall, 20}, {MetricKind::Recall, 50}, {MetricKind::Ndcg, 100}};
    return metrics;
}

int deepest(std::span<const Metric> metrics)
{
    int k = 0;
    for (const Metric &metric : metrics)
        k = std::max(k, metric.k);
    return k;
}

} // namespace apiary::eval
