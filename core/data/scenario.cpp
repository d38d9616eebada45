#include "data/scenario.h"

#include "base/cancel.h"
#include "base/error.h"
#include "data/scenario_parts.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace apiary::data {

namespace {

constexpr std::array kindNames{"cold-start", "zero-shot", "time-split", "user-split", "leave-last-out", "ready-made"};

void divideByItems(const Interactions &interactions, const ScenarioOptions &options, Scenario &scenario)
{
    scenario.items = options.publishedDraws > 0 ? publishedSplit(interactions, options.publishedDraws, options.seed)
                                                : coldStartSplit(interactions.itemCount(), options.testShare,
                                                                 options.validationShare, options.seed);
    scenario.training = trainingRows(interactions.csr, scenario.items, &scenario.trainingUsers);
    scenario.validation = coldStartTask(interactions.csr, scenario.items, ItemRole::Validation);
    scenario.test = coldStartTask(interactions.csr, scenario.items, ItemRole::Test);
}

void requireUsers(const Scenario &scenario)
{
    const bool byItems = scenario.kind == ScenarioKind::ColdStart || scenario.kind == ScenarioKind::ZeroShot;
    for (const ItemRole role : {ItemRole::Validation, ItemRole::Test}) {
        const EvaluationTask &task = role == ItemRole::Test ? scenario.test : scenario.validation;
        if (!task.users.empty())
            continue;
        if (byItems)
            throw InputError(std::string("no user has both a training item and a ") + name(role) + " item", "scenario",
                             "hold out a larger share of the items, or lower filter.minUserInteractions");
        throw InputError(std::string("no user has both a source and a ") + name(role) + " item", "scenario",
                         "hold out another share, or lower filter.minUserInteractions");
    }
    if (scenario.training.rows() == 0)
        throw InputError("no interaction is left to train on", "scenario", "hold out less");
}

} // namespace

const char *name(ScenarioKind kind)
{
    return kindNames[static_cast<std::size_t>(kind)];
}

std::optional<ScenarioKind> scenarioKind(const std::string &name)
{
    const auto place = std::find(kindNames.begin(), kindNames.end(), name);
    if (place == kindNames.end())
        return std::nullopt;
    return static_cast<ScenarioKind>(place - kindNames.begin());
}

std::vector<std::int32_t> allItems(std::int64_t items)
{
    std::vector<std::int32_t> all(static_cast<std::size_t>(items));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

void requireTimes(const Interactions &interactions, ScenarioKind kind)
{
    if (interactions.timestamps.size() != interactions.csr.columns.size())
        throw InputError(std::string("the scenario ") + name(kind) + " needs the time of each interaction",
                         "dataset.timestampColumn", "name the column that holds times, or choose another scenario");
}

void divideRows(const Interactions &interactions, const std::vector<Part> &parts, Scenario &scenario)
{
    const CsrView rows = interactions.csr;
    scenario.training.cols = rows.cols;
    for (EvaluationTask *task : {&scenario.validation, &scenario.test}) {
        task->sources.cols = task->targets.cols = rows.cols;
        task->candidates = allItems(rows.cols);
    }
    std::vector<std::int32_t> training, earlier, validation, test;
    for (std::int64_t user = 0; user < rows.rows; ++user) {
        for (auto *list : {&training, &earlier, &validation, &test})
            list->clear();
        const auto from = static_cast<std::size_t>(rows.offsets[static_cast<std::size_t>(user)]);
        const auto row = rows.row(user);
        for (std::size_t i = 0; i < row.size(); ++i) {
            const Part part = parts[from + i];
            if (part == Part::Training)
                training.push_back(row[i]);
            if (part == Part::Training || part == Part::Validation)
                earlier.push_back(row[i]);
            if (part == Part::Validation || part == Part::Test)
                (part == Part::Test ? test : validation).push_back(row[i]);
        }
        const auto add = [user](EvaluationTask &task, const auto &sources, const auto &targets) {
            if (sources.empty() || targets.empty())
                return;
            task.users.push_back(static_cast<std::int32_t>(user));
            task.sources.addRow(sources);
            task.targets.addRow(targets);
        };
        add(scenario.validation, training, validation);
        add(scenario.test, earlier, test);
        if (!training.empty()) {
            scenario.training.addRow(training);
            scenario.trainingUsers.push_back(static_cast<std::int32_t>(user));
        }
    }
}

ItemSplit rolesOf(const Scenario &scenario, std::int64_t items)
{
    enum : unsigned { trained = 1, validationCandidate = 2, testCandidate = 4, validationTarget = 8 };
    std::vector<unsigned> marks(static_cast<std::size_t>(items));
    const auto mark = [&marks](const std::vector<std::int32_t> &list, unsigned bit) {
        for (const std::int32_t item : list)
            marks[static_cast<std::size_t>(item)] |= bit;
    };
    mark(scenario.training.columns, trained);
    mark(scenario.validation.candidates, validationCandidate);
    mark(scenario.test.candidates, testCandidate);
    mark(scenario.validation.targets.columns, validationTarget);
    ItemSplit split{std::vector<ItemRole>(marks.size(), ItemRole::Test), 0};
    for (std::size_t j = 0; j < marks.size(); ++j) {
        const bool validation = marks[j] & validationCandidate, test = marks[j] & testCandidate;
        if (marks[j] & trained)
            split.roles[j] = ItemRole::Train;
        else if (validation == test ? (marks[j] & validationTarget) != 0 : validation)
            split.roles[j] = ItemRole::Validation;
    }
    return split;
}

Scenario makeScenario(const Interactions &interactions, const ScenarioOptions &options, std::stop_token stop)
{
    throwIfStopped(stop);
    Scenario scenario;
    scenario.kind = options.kind;
    switch (options.kind) {
    case ScenarioKind::ColdStart:
    case ScenarioKind::ZeroShot:
        divideByItems(interactions, options, scenario);
        break;
    case ScenarioKind::TimeSplit:
        divideByTime(interactions, options, scenario);
        break;
    case ScenarioKind::UserSplit:
        divideByUsers(interactions, options, scenario);
        break;
    case ScenarioKind::LeaveLastOut:
        divideLastOut(interactions, scenario);
        break;
    case ScenarioKind::ReadyMade:
        return loadScenario(options.folder, interactions, stop);
    }
    requireUsers(scenario);
    if (scenario.items.roles.empty())
        scenario.items = rolesOf(scenario, interactions.itemCount());
    scenario.items.seed = options.seed;
    throwIfStopped(stop);
    checkNoLeak(scenario, interactions);
    throwIfStopped(stop);
    scenario.hash = scenarioHash(scenario, interactions);
    return scenario;
}

Scenario loadScenario(const std::filesystem::path &folder, const Interactions &interactions, std::stop_token stop)
{
    Scenario scenario;
    scenario.kind = ScenarioKind::ReadyMade;
    readLists(folder, interactions, scenario, stop);
    requireUsers(scenario);
    scenario.items = rolesOf(scenario, interactions.itemCount());
    throwIfStopped(stop);
    checkNoLeak(scenario, interactions, [&](const std::string &list, std::int32_t user, std::int32_t item) {
        return rowPlace(folder, interactions, list, user, item);
    });
    const std::string claimed = std::move(scenario.hash);
    scenario.hash = scenarioHash(scenario, interactions);
    if (!claimed.empty() && claimed != scenario.hash)
        throw InputError("the lists are not those that split.json names: they have changed, or belong to other data",
                         folder.string(), "restore the files, or remove split.json where the change is meant");
    return scenario;
}

} // namespace apiary::data
