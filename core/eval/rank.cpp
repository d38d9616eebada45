#include "eval/rank.h"

#include "base/parallel.h"

#include "base/cancel.h"
#include "base/error.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

namespace apiary::eval {

namespace {

constexpr std::int64_t mostBlockUsers = 192;
constexpr std::int64_t leastBlockUsers = 4;
constexpr std::int64_t blocksAThread = 4;                   // at least, so that threads end together
constexpr std::int64_t blockScores = std::int64_t{4} << 20; // 16 MiB of them

/// Orders as (score descending, item ascending) does: scores above zero order like their bits.
std::uint64_t key(float score, std::int32_t item)
{
    return (static_cast<std::uint64_t>(std::bit_cast<std::uint32_t>(score)) << 32) |
           (0xFFFFFFFFU - static_cast<std::uint32_t>(item));
}

/// Keeps the k best of many scores: what is worse than k others is passed over at the cost of one comparison.
class TopList {
public:
    explicit TopList(int k) : m_k(static_cast<std::size_t>(std::max(k, 0))), m_room(2 * m_k + 64)
    {
        m_keys.reserve(m_room);
    }

    /// Scores below it are out already; one equal to it may still win by its item.
    float floor() const { return m_floor; }

    void add(float score, std::int32_t item)
    {
        if (m_keys.size() == m_room)
            shrink();
        m_keys.push_back(key(score, item));
    }

    Ranking take()
    {
        shrink();
        std::sort(m_keys.begin(), m_keys.end(), std::greater<>());
        Ranking ranking;
        ranking.items.reserve(m_keys.size());
        ranking.scores.reserve(m_keys.size());
        for (const std::uint64_t one : m_keys) {
            ranking.items.push_back(static_cast<std::int32_t>(0xFFFFFFFFU - static_cast<std::uint32_t>(one)));
            ranking.scores.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(one >> 32)));
        }
        m_keys.clear();
        m_floor = 0;
        return ranking;
    }

private:
    void shrink()
    {
        if (m_keys.size() <= m_k)
            return;
        const auto end = m_keys.begin() + static_cast<std::ptrdiff_t>(m_k);
        std::nth_element(m_keys.begin(), end, m_keys.end(), std::greater<>());
        m_keys.erase(end, m_keys.end());
        if (!m_keys.empty())
            m_floor =
                std::bit_cast<float>(static_cast<std::uint32_t>(*std::min_element(m_keys.begin(), m_keys.end()) >> 32));
    }

    std::size_t m_k;
    std::size_t m_room;
    std::vector<std::uint64_t> m_keys;
    float m_floor = 0;
};

std::int64_t usersABlock(std::size_t candidates, std::int64_t users, int threads)
{
    const std::int64_t fit = blockScores / std::max<std::int64_t>(1, static_cast<std::int64_t>(candidates));
    const std::int64_t share = users / (threads * blocksAThread);
    return std::clamp(std::min(fit, share), leastBlockUsers, mostBlockUsers);
}

/// Whether one of the scores reaches `floor`, or is not a number.
template <std::size_t Count>
bool anyReaches(const float *scores, float floor)
{
    bool any = false;
    for (std::size_t i = 0; i < Count; ++i)
        any |= !(scores[i] < floor);
    return any;
}

} // namespace

void rankEach(const recsys::Recommender &model, const Task &task, int k, int threads, const ProgressFn &progress,
              const std::stop_token &stop, const RankingConsumer &consume)
{
    const std::int64_t users = task.sources.rows;
    if (task.targets.rows != users)
        throw Error("a task has " + std::to_string(users) + " rows of sources and " +
                        std::to_string(task.targets.rows) + " of targets",
                    "evaluation of " + model.name(), "give each user one row of both");
    std::vector<std::int32_t> place(static_cast<std::size_t>(task.sources.cols), -1);
    for (std::size_t c = 0; c < task.candidates.size(); ++c)
        place[static_cast<std::size_t>(task.candidates[c])] = static_cast<std::int32_t>(c);

    const int workers = threadCount(threads, users);
    const std::int64_t blockUsers = usersABlock(task.candidates.size(), users, workers);
    const auto rankBlock = [&](std::int64_t block) {
        throwIfStopped(stop);
        const std::int64_t first = block * blockUsers;
        const std::int64_t count = std::min(blockUsers, users - first);
        recsys::ScoreBlock scores(count, static_cast<Eigen::Index>(task.candidates.size()));
        model.score(task.sources, first, task.candidates, scores);
        TopList best(k);
        for (std::int64_t i = 0; i < count; ++i) {
            for (const std::int32_t item : task.sources.row(first + i))
                if (const std::int32_t c = place[static_cast<std::size_t>(item)]; c >= 0)
                    scores(i, c) = 0;
            const float *row = scores.row(i).data();
            const auto look = [&](std::size_t c) {
                if (row[c] > 0 && row[c] >= best.floor())
                    best.add(row[c], task.candidates[c]);
                else if (std::isnan(row[c]))
                    throw Error(model.name() + " gave a score that is not a number",
                                "user row " + std::to_string(first + i) + ", item " +
                                    std::to_string(task.candidates[c]),
                                "check the model: its training may have diverged");
            };
            std::size_t c = 0;
            for (constexpr std::size_t strip = 16; c + strip <= task.candidates.size(); c += strip)
                if (anyReaches<strip>(row + c, best.floor()))
                    for (std::size_t n = c; n < c + strip; ++n)
                        if (!(row[n] < best.floor()))
                            look(n);
            for (; c < task.candidates.size(); ++c)
                look(c);
            consume(first + i, best.take());
        }
    };

    const std::int64_t blocks = (users + blockUsers - 1) / blockUsers;
    ProgressMeter meter("ranking for " + model.name(), "users", users, progress);
    std::int64_t reported = 0;
    parallelTasks(blocks, threadCount(workers, blocks), rankBlock, [&](std::int64_t done) {
        const std::int64_t advance = std::min(done * blockUsers, users - reported);
        reported += advance;
        meter.advance(advance);
    });
}

std::vector<Ranking> rank(const recsys::Recommender &model, const Task &task, int k, int threads,
                          const ProgressFn &progress, std::stop_token stop)
{
    std::vector<Ranking> rankings(static_cast<std::size_t>(task.sources.rows));
    rankEach(model, task, k, threads, progress, stop, [&](std::int64_t user, Ranking &&ranking) {
        rankings[static_cast<std::size_t>(user)] = std::move(ranking);
    });
    return rankings;
}

} // namespace apiary::eval
