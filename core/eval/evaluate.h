#pragma once

#include "base/csr.h"
#include "base/progress.h"
#include "eval/metric.h"
#include "eval/segments.h"
#include "recsys/recommender.h"

#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace apiary::eval {

/// A user's list, best first: at most k items with scores above zero; ties break by the smaller item index.
struct Ranking {
    std::vector<std::int32_t> items;
    std::vector<float> scores;
};

/// Metric values of every user of a task, in the task's order.
struct MetricValues {
    std::string metric; ///< "recall@20", "recall@50", "ndcg@100"
    std::vector<double> perUser;
    double mean() const;
};

/// A metric of all lists together (coverage, Gini), which no user has a value of.
struct TotalValue {
    std::string metric;
    double value = 0;
};

/// Metrics of some users, or of some targets.
struct SegmentValues {
    std::string segment;               ///< "items: tail", "users: light"
    std::vector<std::int32_t> users;   ///< rows of the task that have a target in the segment, or belong to it
    std::vector<MetricValues> metrics; ///< values beside `users`
    bool ofUsers = false;              ///< users belong to it: their values are those of the whole evaluation
};

struct Evaluation {
    std::string model;
    std::vector<MetricValues> metrics;
    std::vector<Ranking> rankings; ///< kept only where asked for
    std::vector<TotalValue> totals;
    std::vector<SegmentValues> segments;
};

/// What is evaluated: users × all items sources and targets, and the items that may be recommended.
struct Task {
    CsrView sources;
    CsrView targets;
    std::span<const std::int32_t> candidates;
};

/// What some metrics know of the items.
struct ItemFacts {
    std::span<const std::int64_t> popularity;       ///< users of each item: for novelty
    std::int64_t users = 0;                         ///< of how many
    const recsys::Embeddings *embeddings = nullptr; ///< a row an item, any length: for similarity
};

struct EvaluationOptions {
    std::vector<Metric> metrics = defaultMetrics();
    bool keepRankings = false;
    int threads = 0; ///< 0: all
    ItemFacts items;
    /// Metrics of targets once more for the targets of each item segment alone. The lists stay the same.
    std::optional<Segments> itemSegments; ///< one entry an item
    /// Metrics of users once more for each user segment.
    std::optional<Segments> userSegments; ///< one entry a row of the task
};

/// Ranks the candidates for every user (source items masked), top `k`, in fixed blocks on `threads` threads (0: all). A
/// thread holds the scores of one block, at most 16 MiB of them or four users' where those need more.
std::vector<Ranking> rank(const recsys::Recommender &model, const Task &task, int k, int threads = 0,
                          const ProgressFn &progress = {}, std::stop_token stop = {});

/// All metrics from one pass over top lists as deep as the deepest metric; no users × items matrix. The values do not
/// depend on threads or blocks. Throws Error where a user has no target or a metric lacks the facts it needs.
Evaluation evaluate(const recsys::Recommender &model, const Task &task, const EvaluationOptions &options,
                    const ProgressFn &progress = {}, std::stop_token stop = {});

/// Segments × metrics in aligned columns, a column a model: means over the users of the segment, "-" where it has none. All
/// evaluations are of one task with the same options. Empty where they have no segments.
std::string formatSegments(const std::vector<Evaluation> &evaluations);

/// The default metrics.
Evaluation evaluate(const recsys::Recommender &model, const Task &task, bool keepRankings = false, int threads = 0,
                    const ProgressFn &progress = {}, std::stop_token stop = {});

} // namespace apiary::eval
