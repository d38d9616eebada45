#include "eval/evaluate.h"

#include "eval/rank.h"

#include "base/error.h"

#include <algorithm>
#include <atomic>
#include <numeric>

namespace apiary::eval {

namespace {

/// Mean cosine of the pairs of a list, from the sum of its unit vectors: Σ_{i≠j} a_i·a_j = |Σ a|² − Σ |a|². A row of zeros
/// has the cosine 0 to all.
class ListSimilarity {
public:
    explicit ListSimilarity(const recsys::Embeddings &items)
        : m_items(items)
        , m_scale(static_cast<std::size_t>(items.rows()))
    {
        for (Eigen::Index j = 0; j < items.rows(); ++j) {
            const double norm = items.row(j).cast<double>().norm();
            m_scale[static_cast<std::size_t>(j)] = norm > 0 ? 1 / norm : 0;
        }
    }

    double operator()(std::span<const std::int32_t> list) const
    {
        if (list.size() < 2)
            return 0;
        Eigen::VectorXd sum = Eigen::VectorXd::Zero(m_items.cols());
        double own = 0;
        for (const std::int32_t item : list) {
            const double scale = m_scale[static_cast<std::size_t>(item)];
            sum += scale * m_items.row(item).cast<double>().transpose();
            own += scale > 0 ? 1 : 0;
        }
        const auto n = static_cast<double>(list.size());
        return (sum.squaredNorm() - own) / (n * (n - 1));
    }

private:
    const recsys::Embeddings &m_items;
    std::vector<double> m_scale;
};

bool uses(const std::vector<Metric> &metrics, MetricKind kind)
{
    return std::any_of(metrics.begin(), metrics.end(), [kind](const Metric &one) { return one.kind == kind; });
}

void check(const Task &task, const EvaluationOptions &options)
{
    const auto items = static_cast<std::size_t>(task.sources.cols);
    for (std::int64_t u = 0; u < task.targets.rows; ++u)
        if (task.targets.row(u).empty())
            throw Error("a user of an evaluation has no target item", "user row " + std::to_string(u),
                        "leave users without targets out of the task, as RecPack does");
    if (options.metrics.empty())
        throw Error("no metric is asked for", "evaluation", "name at least one, such as recall@20");
    const ItemFacts &facts = options.items;
    if (uses(options.metrics, MetricKind::Novelty) && facts.popularity.size() != items)
        throw Error("novelty needs the number of users of each item", "evaluation", "give the popularity of all items");
    if (uses(options.metrics, MetricKind::Similarity) &&
        (!facts.embeddings || static_cast<std::size_t>(facts.embeddings->rows()) != items))
        throw Error("similarity needs an embedding of each item", "evaluation", "give the embeddings of an encoder");
    if (options.itemSegments && options.itemSegments->of.size() != items)
        throw Error("the item segments are those of other items", "evaluation", "make them from the task's items");
    if (options.userSegments && options.userSegments->of.size() != static_cast<std::size_t>(task.sources.rows))
        throw Error("the user segments are those of other users", "evaluation", "make them from the task's users");
}

/// Collects the values of all metrics while lists arrive from several threads.
class Collector {
public:
    Collector(const Task &task, const EvaluationOptions &options) : m_task(task), m_options(options)
    {
        const auto users = static_cast<std::size_t>(task.sources.rows);
        for (const Metric &metric : options.metrics) {
            if (metric.perUser())
                m_values.push_back({metric.name(), std::vector<double>(users)});
            else
                m_counts.emplace_back(static_cast<std::size_t>(task.sources.cols));
            if (options.itemSegments && metric.ofTargets())
                m_ofTargets.push_back(metric);
        }
        if (uses(options.metrics, MetricKind::Similarity))
            m_similarity.emplace(*options.items.embeddings);
        if (options.itemSegments)
            m_segmentValues.assign(options.itemSegments->names.size(), std::vector<double>(users * m_ofTargets.size()));
    }

    void add(std::int64_t user, const std::vector<std::int32_t> &list)
    {
        const auto u = static_cast<std::size_t>(user);
        const auto targets = m_task.targets.row(user);
        const Hits hits = findHits(list, targets);
        std::size_t value = 0, count = 0;
        for (const Metric &metric : m_options.metrics) {
            const auto top = std::span(list).first(std::min(list.size(), static_cast<std::size_t>(metric.k)));
            if (metric.perUser())
                m_values[value++].perUser[u] = valueOfUser(metric, top, hits);
            else
                countItems(top, m_counts[count++]);
        }
        if (m_options.itemSegments)
            addSegments(u, list, targets);
    }

    void finish(Evaluation &result)
    {
        std::size_t count = 0;
        for (const Metric &metric : m_options.metrics)
            if (!metric.perUser())
                result.totals.push_back({metric.name(), total(metric, m_counts[count++])});
        result.metrics = std::move(m_values);
        if (m_options.itemSegments)
            finishItemSegments(result);
        if (m_options.userSegments)
            finishUserSegments(result);
    }

private:
    double valueOfUser(const Metric &metric, std::span<const std::int32_t> top, const Hits &hits) const
    {
        if (metric.kind == MetricKind::Novelty)
            return novelty(top, m_options.items.popularity, m_options.items.users, metric.k);
        if (metric.kind == MetricKind::Similarity)
            return (*m_similarity)(top);
        return valueOf(metric, hits);
    }

    /// Whole numbers: their sums do not depend on who adds first.
    static void countItems(std::span<const std::int32_t> top, std::vector<std::int64_t> &counts)
    {
        for (const std::int32_t item : top)
            std::atomic_ref(counts[static_cast<std::size_t>(item)]).fetch_add(1, std::memory_order_relaxed);
    }

    double total(const Metric &metric, const std::vector<std::int64_t> &counts) const
    {
        std::vector<std::int64_t> ofCandidates;
        for (const std::int32_t item : m_task.candidates)
            ofCandidates.push_back(counts[static_cast<std::size_t>(item)]);
        if (metric.kind == MetricKind::Gini)
            return gini(std::move(ofCandidates));
        const auto shown =
            std::count_if(ofCandidates.begin(), ofCandidates.end(), [](auto count) { return count > 0; });
        return ofCandidates.empty() ? 0 : static_cast<double>(shown) / static_cast<double>(ofCandidates.size());
    }

    /// The targets of one segment.
    std::vector<std::int32_t> part(std::span<const std::int32_t> targets, std::size_t segment) const
    {
        std::vector<std::int32_t> some;
        for (const std::int32_t item : targets)
            if (m_options.itemSegments->of[static_cast<std::size_t>(item)] == static_cast<std::int8_t>(segment))
                some.push_back(item);
        return some;
    }

    void addSegments(std::size_t user, const std::vector<std::int32_t> &list, std::span<const std::int32_t> targets)
    {
        for (std::size_t s = 0; s < m_segmentValues.size(); ++s) {
            const auto some = part(targets, s);
            if (some.empty())
                continue;
            const Hits hits = findHits(list, some);
            for (std::size_t m = 0; m < m_ofTargets.size(); ++m)
                m_segmentValues[s][user * m_ofTargets.size() + m] = valueOf(m_ofTargets[m], hits);
        }
    }

    void finishItemSegments(Evaluation &result) const
    {
        for (std::size_t s = 0; s < m_segmentValues.size(); ++s) {
            SegmentValues segment{m_options.itemSegments->names[s], {}, {}};
            for (std::int64_t u = 0; u < m_task.targets.rows; ++u)
                if (!part(m_task.targets.row(u), s).empty())
                    segment.users.push_back(static_cast<std::int32_t>(u));
            for (std::size_t m = 0; m < m_ofTargets.size(); ++m) {
                MetricValues values{m_ofTargets[m].name(), {}};
                for (const std::int32_t u : segment.users)
                    values.perUser.push_back(m_segmentValues[s][static_cast<std::size_t>(u) * m_ofTargets.size() + m]);
                segment.metrics.push_back(std::move(values));
            }
            result.segments.push_back(std::move(segment));
        }
    }

    void finishUserSegments(Evaluation &result) const
    {
        for (std::size_t s = 0; s < m_options.userSegments->names.size(); ++s) {
            SegmentValues segment{m_options.userSegments->names[s], {}, {}, true};
            const auto &of = m_options.userSegments->of;
            for (std::size_t u = 0; u < of.size(); ++u)
                if (of[u] == static_cast<std::int8_t>(s))
                    segment.users.push_back(static_cast<std::int32_t>(u));
            for (const MetricValues &all : result.metrics) {
                MetricValues values{all.metric, {}};
                for (const std::int32_t u : segment.users)
                    values.perUser.push_back(all.perUser[static_cast<std::size_t>(u)]);
                segment.metrics.push_back(std::move(values));
            }
            result.segments.push_back(std::move(segment));
        }
    }

    const Task &m_task;
    const EvaluationOptions &m_options;
    std::vector<MetricValues> m_values;
    std::vector<std::vector<std::int64_t>> m_counts; ///< one a total metric, one entry an item
    std::optional<ListSimilarity> m_similarity;
    std::vector<Metric> m_ofTargets;
    std::vector<std::vector<double>> m_segmentValues; ///< segment; users × metrics of targets
};

} // namespace

double MetricValues::mean() const
{
    if (perUser.empty())
        return 0;
    return std::accumulate(perUser.begin(), perUser.end(), 0.0) / static_cast<double>(perUser.size());
}

Evaluation evaluate(const recsys::Recommender &model, const Task &task, const EvaluationOptions &options,
                    const ProgressFn &progress, std::stop_token stop)
{
    check(task, options);
    Evaluation result;
    result.model = model.name();
    if (options.keepRankings)
        result.rankings.resize(static_cast<std::size_t>(task.sources.rows));
    Collector collector(task, options);
    rankEach(model, task, deepest(options.metrics), options.threads, progress, stop,
             [&](std::int64_t user, Ranking &&ranking) {
                 collector.add(user, ranking.items);
                 if (options.keepRankings)
                     result.rankings[static_cast<std::size_t>(user)] = std::move(ranking);
             });
    collector.finish(result);
    return result;
}

Evaluation evaluate(const recsys::Recommender &model, const Task &task, bool keepRankings, int threads,
                    const ProgressFn &progress, std::stop_token stop)
{
    EvaluationOptions options;
    options.keepRankings = keepRankings;
    options.threads = threads;
    return evaluate(model, task, options, progress, std::move(stop));
}

} // namespace apiary::eval
