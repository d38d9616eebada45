#include "data/scenario.h"

#include "base/error.h"
#include "data/scenario_parts.h"

#include <algorithm>
#include <limits>
#include <span>

namespace apiary::data {

namespace {

using Row = std::span<const std::int32_t>;

bool ascending(Row list)
{
    return std::adjacent_find(list.begin(), list.end(), [](auto a, auto b) { return a >= b; }) == list.end();
}

std::int32_t firstShared(Row a, Row b)
{
    for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();)
        if (*i == *j)
            return *i;
        else
            *i < *j ? ++i : ++j;
    return -1;
}

class LeakCheck {
public:
    LeakCheck(const Scenario &scenario, const Interactions &interactions, const RowPlace &place)
        : m_scenario(scenario)
        , m_rows(interactions.csr)
        , m_interactions(interactions)
        , m_place(place)
    {
    }

    void run()
    {
        const EvaluationTask &validation = m_scenario.validation, &test = m_scenario.test;
        if (static_cast<std::int64_t>(m_scenario.items.roles.size()) != m_rows.cols)
            fail("the split has other items than the dataset", "split");
        checkRows(m_scenario.trainingUsers, m_scenario.training, "training rows");
        for (const auto &[task, what] : {std::pair{&validation, "validation"}, std::pair{&test, "test"}}) {
            checkTask(*task, what);
            checkApart(m_scenario.trainingUsers, m_scenario.training, *task, {"training rows", "training.csv"}, what);
        }
        checkApart(validation.users, validation.sources, test, {"sources of the validation", "validation_sources.csv"},
                   "test");
        checkApart(validation.users, validation.targets, test, {"targets of the validation", "validation_targets.csv"},
                   "test");
        checkTrained();
        checkKind();
    }

private:
    /// A list by what it is called in messages, and by its file.
    struct List {
        std::string name, file;
    };

    [[noreturn]] void fail(const std::string &what, const std::string &where) const
    {
        if (m_scenario.kind == ScenarioKind::ReadyMade)
            throw InputError("this split leaks: " + what, where, "correct the lists of the split");
        const bool drawn = m_scenario.kind != ScenarioKind::TimeSplit && m_scenario.kind != ScenarioKind::LeaveLastOut;
        throw Error("this split leaks: " + what,
                    std::string("scenario ") + name(m_scenario.kind) +
                        (drawn ? ", seed " + std::to_string(m_scenario.items.seed) : "") + ", " + where,
                    "this is a fault of Apiary: please report it");
    }

    /// The row of a list where it was read from a file; else `otherwise`.
    std::string rowOf(const std::string &file, std::int32_t user, std::int32_t item, const std::string &otherwise) const
    {
        return m_place ? m_place(file, user, item) : otherwise;
    }
    /// The same as a remark behind what is said of another row.
    std::string alsoIn(const std::string &file, std::int32_t user, std::int32_t item) const
    {
        return m_place ? ", see " + m_place(file, user, item) : std::string();
    }

    std::string item(std::int32_t index) const
    {
        return "item \"" + m_interactions.items[static_cast<std::size_t>(index)] + "\"";
    }
    std::string user(std::int32_t index) const
    {
        return "user \"" + m_interactions.users[static_cast<std::size_t>(index)] + "\"";
    }

    /// Users ascending and of the dataset, rows ascending and part of the user's own.
    void checkRows(const std::vector<std::int32_t> &users, const Csr &rows, const std::string &what) const
    {
        if (rows.cols != m_rows.cols || rows.rows() != static_cast<std::int64_t>(users.size()))
            fail("they have other users or items than the split", what);
        if (!ascending(users) || (!users.empty() && (users.front() < 0 || users.back() >= m_rows.rows)))
            fail("a user stands there twice, out of order, or is none of the dataset", what);
        for (std::size_t i = 0; i < users.size(); ++i) {
            const Row row = rows.view().row(static_cast<std::int64_t>(i)), whole = m_rows.row(users[i]);
            if (!ascending(row) || !std::includes(whole.begin(), whole.end(), row.begin(), row.end()))
                fail(user(users[i]) + " has an item twice or one that is no interaction of the dataset", what);
        }
    }

    void checkTask(const EvaluationTask &task, const std::string &what) const
    {
        checkRows(task.users, task.sources, "sources of the " + what);
        checkRows(task.users, task.targets, "targets of the " + what);
        if (!ascending(task.candidates) ||
            (!task.candidates.empty() && (task.candidates.front() < 0 || task.candidates.back() >= m_rows.cols)))
            fail("an item stands there twice, out of order, or is none of the dataset", "candidates of the " + what);
        for (std::size_t i = 0; i < task.users.size(); ++i) {
            const auto place = static_cast<std::int64_t>(i);
            const Row sources = task.sources.view().row(place), targets = task.targets.view().row(place);
            if (sources.empty() || targets.empty()) {
                const std::string lacks = user(task.users[i]) + " has no source or no target";
                if (m_scenario.kind == ScenarioKind::ReadyMade) // no leak, but nobody to ask
                    throw InputError(lacks,
                                     rowOf(what + "_targets.csv", task.users[i], targets.empty() ? -1 : targets.front(),
                                           what + "_targets.csv"),
                                     "list what the user had before in training.csv or " + what +
                                         "_sources.csv, or leave the user out of " + what + "_targets.csv");
                fail(lacks, what);
            }
            if (const std::int32_t both = firstShared(sources, targets); both >= 0)
                fail(user(task.users[i]) + " has " + item(both) + " among the sources and the targets" +
                         alsoIn(what + "_sources.csv", task.users[i], both),
                     rowOf(what + "_targets.csv", task.users[i], both, what));
            for (const std::int32_t target : targets)
                if (!std::binary_search(task.candidates.begin(), task.candidates.end(), target))
                    fail(item(target) + " is a target but no candidate of the " + what,
                         rowOf(what + "_targets.csv", task.users[i], target, "candidates of the " + what));
        }
    }

    /// None of the rows holds a target of the same user in the task.
    void checkApart(const std::vector<std::int32_t> &users, const Csr &rows, const EvaluationTask &task,
                    const List &list, const std::string &what) const
    {
        std::size_t i = 0;
        for (std::size_t t = 0; t < task.users.size(); ++t) {
            while (i < users.size() && users[i] < task.users[t])
                ++i;
            if (i == users.size() || users[i] != task.users[t])
                continue;
            const std::int32_t both = firstShared(rows.view().row(static_cast<std::int64_t>(i)),
                                                  task.targets.view().row(static_cast<std::int64_t>(t)));
            if (both >= 0)
                fail(list.name + " hold the " + what + " target " + item(both) + " of " + user(users[i]) +
                         alsoIn(list.file, users[i], both),
                     rowOf(what + "_targets.csv", users[i], both, list.name));
        }
    }

    /// Only training items take part in training.
    void checkTrained() const
    {
        for (const std::int32_t one : m_scenario.training.columns)
            if (m_scenario.items.roles[static_cast<std::size_t>(one)] != ItemRole::Train)
                fail(item(one) + " is held out and stands in training rows", "split");
    }

    void checkKind() const
    {
        switch (m_scenario.kind) {
        case ScenarioKind::ColdStart:
        case ScenarioKind::ZeroShot:
            checkNoLeak(m_scenario.training, m_scenario.items);
            checkNoLeak(m_scenario.validation, m_scenario.items);
            checkNoLeak(m_scenario.test, m_scenario.items);
            break;
        case ScenarioKind::TimeSplit:
            checkMoments();
            break;
        case ScenarioKind::UserSplit:
            checkUsers();
            break;
        case ScenarioKind::LeaveLastOut:
            checkLast(m_scenario.validation, "validation");
            checkLast(m_scenario.test, "test");
            break;
        case ScenarioKind::ReadyMade:
            break;
        }
    }

    std::int64_t time(std::int32_t userRow, std::int32_t column) const
    {
        const Row row = m_rows.row(userRow);
        const auto place = std::lower_bound(row.begin(), row.end(), column) - row.begin();
        const auto from = m_rows.offsets[static_cast<std::size_t>(userRow)];
        return m_interactions.timestamps[static_cast<std::size_t>(from + place)];
    }

    struct Span {
        std::int64_t first = std::numeric_limits<std::int64_t>::max();
        std::int64_t last = std::numeric_limits<std::int64_t>::min();
    };
    Span times(const std::vector<std::int32_t> &users, const Csr &rows) const
    {
        Span span;
        for (std::size_t i = 0; i < users.size(); ++i)
            for (const std::int32_t column : rows.view().row(static_cast<std::int64_t>(i))) {
                span.first = std::min(span.first, time(users[i], column));
                span.last = std::max(span.last, time(users[i], column));
            }
        return span;
    }

    /// Training lies before the validation's targets, and they before the test's; sources before their targets.
    void checkMoments() const
    {
        requireTimes(m_interactions, m_scenario.kind);
        const EvaluationTask &validation = m_scenario.validation, &test = m_scenario.test;
        const Span training = times(m_scenario.trainingUsers, m_scenario.training);
        const Span validated = times(validation.users, validation.targets), tested = times(test.users, test.targets);
        if (training.last >= validated.first || training.last >= tested.first)
            fail("an interaction of training is not earlier than every target", "training rows");
        if (validated.last >= tested.first)
            fail("a target of the validation is not earlier than every target of the test",
                 "targets of the validation");
        if (times(validation.users, validation.sources).last >= validated.first)
            fail("a source is not earlier than every target", "sources of the validation");
        if (times(test.users, test.sources).last >= tested.first)
            fail("a source is not earlier than every target", "sources of the test");
    }

    void checkUsers() const
    {
        const auto &training = m_scenario.trainingUsers, &validation = m_scenario.validation.users;
        const auto &test = m_scenario.test.users;
        for (const auto &[a, b, what] :
             {std::tuple{&training, &validation, "training and the validation"},
              std::tuple{&training, &test, "training and the test"}, std::tuple{&validation, &test, "both tasks"}})
            if (const std::int32_t both = firstShared(*a, *b); both >= 0)
                fail(user(both) + " stands in " + what, "split");
    }

    void checkLast(const EvaluationTask &task, const std::string &what) const
    {
        requireTimes(m_interactions, m_scenario.kind);
        for (std::size_t i = 0; i < task.users.size(); ++i) {
            const auto place = static_cast<std::int64_t>(i);
            const std::int32_t who = task.users[i];
            for (const std::int32_t target : task.targets.view().row(place))
                for (const std::int32_t source : task.sources.view().row(place))
                    if (time(who, source) > time(who, target))
                        fail("a source of " + user(who) + " is later than its target", "sources of the " + what);
        }
    }

    const Scenario &m_scenario;
    const CsrView m_rows;
    const Interactions &m_interactions;
    const RowPlace &m_place;
};

} // namespace

void checkNoLeak(const Scenario &scenario, const Interactions &interactions)
{
    checkNoLeak(scenario, interactions, {});
}

void checkNoLeak(const Scenario &scenario, const Interactions &interactions, const RowPlace &place)
{
    LeakCheck(scenario, interactions, place).run();
}

} // namespace apiary::data
