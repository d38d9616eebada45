#include "base/error.h"
#include "base/random.h"
#include "data/scenario_parts.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace apiary::data {

namespace {

/// Keep the draws of the user split apart from other uses of the same seed.
constexpr std::uint64_t userStream = 0x7573657273706C74ULL;   // "usersplt"
constexpr std::uint64_t sourceStream = 0x736F757263657370ULL; // "sourcesp"

void requireShare(double share, const std::string &field)
{
    if (!(share > 0 && share < 1))
        throw InputError("must lie between 0 and 1, not be " + std::to_string(share), field, "0.2 and 0.1 are usual");
}

/// The moment from which on the last `share` of the times lie; `times` ascending.
std::int64_t moment(std::span<const std::int64_t> times, double share, const std::string &field)
{
    const auto count = static_cast<std::size_t>(std::llround(share * static_cast<double>(times.size())));
    if (count == 0)
        throw InputError("leaves no interaction of " + std::to_string(times.size()), field, "raise it");
    const std::int64_t at = times[times.size() - std::min(count, times.size())];
    if (at == times.front())
        throw InputError("leaves nothing before it: the interactions have too few different times", field,
                         "lower it, or check the column with the times");
    return at;
}

} // namespace

void divideByTime(const Interactions &interactions, const ScenarioOptions &options, Scenario &scenario)
{
    requireTimes(interactions, scenario.kind);
    requireShare(options.testShare, "scenario.testShare");
    requireShare(options.validationShare, "scenario.validationShare");
    std::vector<std::int64_t> times = interactions.timestamps;
    std::sort(times.begin(), times.end());
    const std::int64_t test = moment(times, options.testShare, "scenario.testShare");
    const std::span<const std::int64_t> earlier(times.begin(), std::lower_bound(times.begin(), times.end(), test));
    const std::int64_t validation = moment(earlier, options.validationShare, "scenario.validationShare");
    std::vector<Part> parts;
    parts.reserve(interactions.timestamps.size());
    for (const std::int64_t time : interactions.timestamps)
        parts.push_back(time >= test ? Part::Test : time >= validation ? Part::Validation : Part::Training);
    divideRows(interactions, parts, scenario);
}

void divideLastOut(const Interactions &interactions, Scenario &scenario)
{
    requireTimes(interactions, scenario.kind);
    std::vector<Part> parts(interactions.timestamps.size(), Part::Training);
    std::vector<std::size_t> order;
    for (std::size_t user = 0; user + 1 < interactions.csr.offsets.size(); ++user) {
        const auto from = static_cast<std::size_t>(interactions.csr.offsets[user]);
        order.resize(static_cast<std::size_t>(interactions.csr.offsets[user + 1]) - from);
        if (order.size() < 3)
            continue;
        std::iota(order.begin(), order.end(), from);
        std::stable_sort(order.begin(), order.end(), [&interactions](std::size_t a, std::size_t b) {
            return interactions.timestamps[a] < interactions.timestamps[b];
        });
        parts[order[order.size() - 1]] = Part::Test;
        parts[order[order.size() - 2]] = Part::Validation;
    }
    divideRows(interactions, parts, scenario);
}

void divideByUsers(const Interactions &interactions, const ScenarioOptions &options, Scenario &scenario)
{
    requireShare(options.validationShare, "scenario.validationShare");
    requireShare(options.sourceShare, "scenario.sourceShare");
    if (options.folds < 2 || options.fold < 0 || options.fold >= options.folds)
        throw InputError("there is no fold " + std::to_string(options.fold) + " of " + std::to_string(options.folds),
                         "scenario.fold", "take at least two folds, and number them from 0");
    const CsrView rows = interactions.csr;
    std::vector<std::int32_t> order(static_cast<std::size_t>(rows.rows));
    std::iota(order.begin(), order.end(), 0);
    CounterRng(mixKey(options.seed, userStream)).shuffle(order);
    const std::int64_t begin = rows.rows * options.fold / options.folds;
    const std::int64_t end = rows.rows * (options.fold + 1) / options.folds;
    const std::int64_t validations = std::llround(options.validationShare * static_cast<double>(rows.rows));
    if (validations + end - begin >= rows.rows)
        throw InputError("leaves no user of " + std::to_string(rows.rows) + " to train on", "scenario.validationShare",
                         "lower it, or take more folds");
    std::vector<ItemRole> roles(order.size(), ItemRole::Train);
    for (std::int64_t place = begin; place < end + validations; ++place)
        roles[static_cast<std::size_t>(order[static_cast<std::size_t>(place % rows.rows)])] =
            place < end ? ItemRole::Test : ItemRole::Validation;

    scenario.training.cols = rows.cols;
    for (EvaluationTask *task : {&scenario.validation, &scenario.test}) {
        task->sources.cols = task->targets.cols = rows.cols;
        task->candidates = allItems(rows.cols);
    }
    for (std::int64_t user = 0; user < rows.rows; ++user) {
        const auto row = rows.row(user);
        const ItemRole role = roles[static_cast<std::size_t>(user)];
        if (role == ItemRole::Train && !row.empty()) {
            scenario.training.addRow(row);
            scenario.trainingUsers.push_back(static_cast<std::int32_t>(user));
        }
        if (role == ItemRole::Train || row.size() < 2)
            continue;
        std::vector<std::int32_t> items(row.begin(), row.end());
        CounterRng(mixKey(options.seed, sourceStream, user)).shuffle(items);
        const auto wanted = std::llround(options.sourceShare * static_cast<double>(items.size()));
        const auto middle =
            items.begin() + std::clamp<std::ptrdiff_t>(wanted, 1, static_cast<std::ptrdiff_t>(items.size()) - 1);
        std::sort(items.begin(), middle);
        std::sort(middle, items.end());
        EvaluationTask &task = role == ItemRole::Test ? scenario.test : scenario.validation;
        task.users.push_back(static_cast<std::int32_t>(user));
        task.sources.addRow(std::span(items.begin(), middle));
        task.targets.addRow(std::span(middle, items.end()));
    }
}

} // namespace apiary::data
