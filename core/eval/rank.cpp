#include "eval/rank.h"

#include "eval/top_selection.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <algorithm>
#include <mutex>

namespace apiary::eval {

namespace {

constexpr std::int64_t mostBlockUsers = 192;
constexpr std::int64_t leastBlockUsers = 4;
constexpr std::int64_t blocksAThread = 2;                   // at least, so that threads end together
constexpr std::int64_t blockScores = std::int64_t{4} << 20; // 16 MiB of them

/// Score blocks that tasks pass on, so that their memory is asked for once a thread.
class SpareBlocks {
public:
    recsys::ScoreBlock take(Eigen::Index users, Eigen::Index candidates)
    {
        recsys::ScoreBlock block;
        if (const std::lock_guard lock(m_mutex); !m_spare.empty()) {
            block = std::move(m_spare.back());
            m_spare.pop_back();
        }
        if (block.rows() != users || block.cols() != candidates) {
            block.resize(users, candidates);
            preferLargePages(block.data(), static_cast<std::size_t>(block.size()) * sizeof(float));
        }
        return block;
    }

    void giveBack(recsys::ScoreBlock &&block)
    {
        const std::lock_guard lock(m_mutex);
        m_spare.push_back(std::move(block));
    }

private:
    std::mutex m_mutex;
    std::vector<recsys::ScoreBlock> m_spare;
};

/// As many blocks as divide evenly among the threads, of users a block.
std::int64_t usersABlock(std::size_t candidates, std::int64_t users, int threads)
{
    const std::int64_t fit = std::clamp(blockScores / std::max<std::int64_t>(1, static_cast<std::int64_t>(candidates)),
                                        leastBlockUsers, mostBlockUsers);
    const std::int64_t turns = std::max(blocksAThread, (users + fit * threads - 1) / (fit * threads));
    return std::max(leastBlockUsers, (users + turns * threads - 1) / (turns * threads));
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
    SpareBlocks spare;
    const auto rankBlock = [&](std::int64_t block) {
        throwIfStopped(stop);
        const std::int64_t first = block * blockUsers;
        const std::int64_t count = std::min(blockUsers, users - first);
        recsys::ScoreBlock scores = spare.take(count, static_cast<Eigen::Index>(task.candidates.size()));
        model.score(task.sources, first, task.candidates, scores);
        TopSelection best(task.candidates, k);
        for (std::int64_t i = 0; i < count; ++i) {
            for (const std::int32_t item : task.sources.row(first + i))
                if (const std::int32_t c = place[static_cast<std::size_t>(item)]; c >= 0)
                    scores(i, c) = 0;
            const float *row = scores.row(i).data();
            if (const auto bad = best.select(row))
                throw Error(model.name() + " gave a score that is not a number",
                            "user row " + std::to_string(first + i) + ", item " + std::to_string(task.candidates[*bad]),
                            "check the model: its training may have diverged");
            consume(first + i, best.ranking());
        }
        spare.giveBack(std::move(scores));
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
