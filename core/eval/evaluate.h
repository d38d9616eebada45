#pragma once

#include "base/csr.h"
#include "base/progress.h"
#include "recsys/recommender.h"

#include <map>
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

struct Evaluation {
    std::string model;
    std::vector<MetricValues> metrics;
    std::vector<Ranking> rankings; ///< kept only where asked for
};

/// What is evaluated: users × all items sources and targets, and the items that may be recommended.
struct Task {
    CsrView sources;
    CsrView targets;
    std::span<const std::int32_t> candidates;
};

/// RecPack 0.3.6's CalibratedRecallK: hits among the first k ÷ min(k, |targets|).
double calibratedRecall(std::span<const std::int32_t> ranking, std::span<const std::int32_t> targets, int k);
/// RecPack 0.3.6's NDCGK: binary gains, discount 1 / log2(rank + 1), ideal of min(k, |targets|).
double ndcg(std::span<const std::int32_t> ranking, std::span<const std::int32_t> targets, int k);

/// Ranks the candidates for every user (source items masked), top `k`, in fixed blocks on `threads` threads (0: all).
std::vector<Ranking> rank(const recsys::Recommender &model, const Task &task, int k, int threads = 0,
                          const ProgressFn &progress = {}, std::stop_token stop = {});

/// Recall@20, Recall@50 and NDCG@100 over the top 100.
Evaluation evaluate(const recsys::Recommender &model, const Task &task, bool keepRankings = false, int threads = 0,
                    const ProgressFn &progress = {}, std::stop_token stop = {});

} // namespace apiary::eval
