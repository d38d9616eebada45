#include "eval/evaluate.h"

#include "eval/parallel.h"

#include "base/cancel.h"
#include "base/error.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <functional>

namespace apiary::eval {

namespace {

constexpr std::int64_t blockUsers = 64;
constexpr int evaluationDepth = 100;

/// Orders as (score descending, item ascending) does: scores above zero order like their bits.
std::uint64_t key(float score, std::int32_t item)
{
    return (static_cast<std::uint64_t>(std::bit_cast<std::uint32_t>(score)) << 32) |
           (0xFFFFFFFFU - static_cast<std::uint32_t>(item));
}

Ranking best(std::vector<std::uint64_t> &keys, int k)
{
    const std::size_t count = std::min(keys.size(), static_cast<std::size_t>(std::max(k, 0)));
    const auto end = keys.begin() + static_cast<std::ptrdiff_t>(count);
    if (count < keys.size())
        std::nth_element(keys.begin(), end, keys.end(), std::greater<>());
    std::sort(keys.begin(), end, std::greater<>());
    Ranking ranking;
    ranking.items.reserve(count);
    ranking.scores.reserve(count);
    for (auto it = keys.begin(); it != end; ++it) {
        ranking.items.push_back(static_cast<std::int32_t>(0xFFFFFFFFU - static_cast<std::uint32_t>(*it)));
        ranking.scores.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(*it >> 32)));
    }
    return ranking;
}

using Consumer = std::function<void(std::int64_t user, Ranking &&ranking)>;

/// Hands every user's ranking to `consume`, from several threads at once; no two calls for one user.
void rankEach(const recsys::Recommender &model, const Task &task, int k, int threads, const ProgressFn &progress,
              const std::stop_token &stop, const Consumer &consume)
{
    const std::int64_t users = task.sources.rows;
    if (task.targets.rows != users)
        throw Error("a task has " + std::to_string(users) + " rows of sources and " +
                        std::to_string(task.targets.rows) + " of targets",
                    "evaluation of " + model.name(), "give each user one row of both");
    std::vector<std::int32_t> place(static_cast<std::size_t>(task.sources.cols), -1);
    for (std::size_t c = 0; c < task.candidates.size(); ++c)
        place[static_cast<std::size_t>(task.candidates[c])] = static_cast<std::int32_t>(c);

    const auto rankBlock = [&](std::int64_t block) {
        throwIfStopped(stop);
        const std::int64_t first = block * blockUsers;
        const std::int64_t count = std::min(blockUsers, users - first);
        recsys::ScoreBlock scores(count, static_cast<Eigen::Index>(task.candidates.size()));
        model.score(task.sources, first, task.candidates, scores);
        std::vector<std::uint64_t> keys;
        keys.reserve(task.candidates.size());
        for (std::int64_t i = 0; i < count; ++i) {
            for (const std::int32_t item : task.sources.row(first + i))
                if (const std::int32_t c = place[static_cast<std::size_t>(item)]; c >= 0)
                    scores(i, c) = 0;
            keys.clear();
            for (std::size_t c = 0; c < task.candidates.size(); ++c) {
                const float score = scores(i, static_cast<Eigen::Index>(c));
                if (score > 0)
                    keys.push_back(key(score, task.candidates[c]));
                else if (std::isnan(score))
                    throw Error(model.name() + " gave a score that is not a number",
                                "user row " + std::to_string(first + i) + ", item " +
                                    std::to_string(task.candidates[c]),
                                "check the model: its training may have diverged");
            }
            consume(first + i, best(keys, k));
        }
    };

    const std::int64_t blocks = (users + blockUsers - 1) / blockUsers;
    ProgressMeter meter("ranking for " + model.name(), "users", users, progress);
    std::int64_t reported = 0;
    parallelTasks(blocks, threadCount(threads, blocks), rankBlock, [&](std::int64_t done) {
        const std::int64_t advance = std::min(done * blockUsers, users - reported);
        reported += advance;
        meter.advance(advance);
    });
}

} // namespace

std::vector<Ranking> rank(const recsys::Recommender &model, const Task &task, int k, int threads,
                          const ProgressFn &progress, std::stop_token stop)
{
    std::vector<Ranking> rankings(static_cast<std::size_t>(task.sources.rows));
    rankEach(model, task, k, threads, progress, stop, [&](std::int64_t user, Ranking &&ranking) {
        rankings[static_cast<std::size_t>(user)] = std::move(ranking);
    });
    return rankings;
}

Evaluation evaluate(const recsys::Recommender &model, const Task &task, bool keepRankings, int threads,
                    const ProgressFn &progress, std::stop_token stop)
{
    for (std::int64_t u = 0; u < task.targets.rows; ++u)
        if (task.targets.row(u).empty())
            throw Error("a user of an evaluation has no target item", "user row " + std::to_string(u),
                        "leave users without targets out of the task, as RecPack does");

    const auto users = static_cast<std::size_t>(task.sources.rows);
    Evaluation result;
    result.model = model.name();
    for (const char *metric : {"recall@20", "recall@50", "ndcg@100"})
        result.metrics.push_back({metric, std::vector<double>(users)});
    if (keepRankings)
        result.rankings.resize(users);
    rankEach(model, task, evaluationDepth, threads, progress, stop, [&](std::int64_t user, Ranking &&ranking) {
        const auto u = static_cast<std::size_t>(user);
        const auto targets = task.targets.row(user);
        result.metrics[0].perUser[u] = calibratedRecall(ranking.items, targets, 20);
        result.metrics[1].perUser[u] = calibratedRecall(ranking.items, targets, 50);
        result.metrics[2].perUser[u] = ndcg(ranking.items, targets, 100);
        if (keepRankings)
            result.rankings[u] = std::move(ranking);
    });
    return result;
}

} // namespace apiary::eval
