#include "eval/resample.h"

#include "base/parallel.h"

#include "base/error.h"
#include "base/random.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace apiary::eval {

namespace {

constexpr std::int64_t resamplesPerTask = 100;

/// The p-quantile of sorted values, linear between neighbours (Hyndman & Fan's type 7, numpy's default).
double quantile(const std::vector<double> &sorted, double p)
{
    const double at = p * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(std::floor(at));
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// Adds the rows of drawn users to `sums`. A fixed number of columns lets the compiler keep the sums in registers.
template <std::size_t Fixed>
void drawSums(const double *values, std::size_t columns, std::uint64_t users, CounterRng random, double *sums)
{
    const std::size_t width = Fixed ? Fixed : columns;
    for (std::uint64_t draw = 0; draw < users; ++draw) {
        const double *row = values + random.below(users) * width;
        for (std::size_t c = 0; c < width; ++c)
            sums[c] += row[c];
    }
}

} // namespace

std::vector<Interval> bootstrapColumns(const std::vector<double> &values, std::size_t columns, std::uint64_t seed,
                                       int resamples, double level)
{
    if (columns == 0)
        return {};
    const std::size_t users = values.size() / columns;
    if (users == 0)
        throw Error("there are no users to draw from", "bootstrap", "evaluate a task that has users");
    if (resamples < 1 || !(level > 0 && level < 1))
        throw Error("a bootstrap needs resamples and a level between 0 and 1",
                    std::to_string(resamples) + " resamples, level " + std::to_string(level),
                    "use 10000 resamples and 0.95");

    const auto count = static_cast<std::size_t>(resamples);
    std::vector<std::vector<double>> means(columns, std::vector<double>(count)); // column, resample
    const auto drawTask = [&](std::int64_t task) {
        std::vector<double> sums(columns);
        const std::int64_t begin = task * resamplesPerTask;
        const std::int64_t end = std::min<std::int64_t>(begin + resamplesPerTask, resamples);
        for (std::int64_t r = begin; r < end; ++r) {
            std::fill(sums.begin(), sums.end(), 0.0);
            const CounterRng random(mixKey(seed, r));
            if (columns == 1)
                drawSums<1>(values.data(), columns, users, random, sums.data());
            else
                drawSums<0>(values.data(), columns, users, random, sums.data());
            for (std::size_t c = 0; c < columns; ++c)
                means[c][static_cast<std::size_t>(r)] = sums[c] / static_cast<double>(users);
        }
    };
    const std::int64_t tasks = (resamples + resamplesPerTask - 1) / resamplesPerTask;
    const bool small = users * count < 1'000'000; // a few milliseconds: not worth a thread
    parallelTasks(tasks, threadCount(small ? 1 : 0, tasks), drawTask);

    std::vector<Interval> intervals(columns);
    for (std::size_t c = 0; c < columns; ++c) {
        double sum = 0;
        for (std::size_t u = 0; u < users; ++u)
            sum += values[u * columns + c];
        std::sort(means[c].begin(), means[c].end());
        intervals[c] = {sum / static_cast<double>(users), quantile(means[c], (1 - level) / 2),
                        quantile(means[c], (1 + level) / 2)};
    }
    return intervals;
}

Interval bootstrap(std::span<const double> values, std::uint64_t seed, int resamples, double level)
{
    return bootstrapColumns({values.begin(), values.end()}, 1, seed, resamples, level).front();
}

Interval pairedBootstrap(std::span<const double> model, std::span<const double> baseline, std::uint64_t seed,
                         int resamples, double level)
{
    if (model.size() != baseline.size())
        throw Error("two models were evaluated on different users",
                    std::to_string(model.size()) + " and " + std::to_string(baseline.size()) + " values",
                    "compare evaluations of the same task");
    std::vector<double> differences(model.size());
    std::transform(model.begin(), model.end(), baseline.begin(), differences.begin(), std::minus<>());
    return bootstrapColumns(differences, 1, seed, resamples, level).front();
}

} // namespace apiary::eval
