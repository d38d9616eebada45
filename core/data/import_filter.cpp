#include "data/import_filter.h"

#include "base/cancel.h"
#include "base/error.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <numeric>
#include <span>

namespace apiary::data {

namespace {

constexpr std::size_t pollEvery = std::size_t{1} << 20;

std::string plain(double number)
{
    char text[32];
    std::snprintf(text, sizeof text, "%g", number);
    return text;
}

std::string counted(std::int64_t count, const std::string &one, const std::string &many)
{
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

FilterCount countKept(const InteractionRows &rows, std::string step)
{
    FilterCount count{std::move(step)};
    std::vector<char> users(static_cast<std::size_t>(rows.users.size()));
    std::vector<char> items(static_cast<std::size_t>(rows.items.size()));
    for (std::size_t row = 0; row < rows.kept.size(); ++row) {
        if (!rows.kept[row])
            continue;
        ++count.interactions;
        users[static_cast<std::size_t>(rows.user[row])] = 1;
        items[static_cast<std::size_t>(rows.item[row])] = 1;
    }
    count.users = std::count(users.begin(), users.end(), 1);
    count.items = std::count(items.begin(), items.end(), 1);
    return count;
}

/// Row numbers by user, each user's by item, then time, then place.
class RowOrder {
public:
    RowOrder(const InteractionRows &rows, const std::stop_token &stop)
        : m_begin(static_cast<std::size_t>(rows.users.size()) + 1)
        , m_order(rows.rows())
    {
        for (std::size_t row = 0; row < rows.rows(); ++row)
            ++m_begin[static_cast<std::size_t>(rows.user[row]) + 1];
        std::partial_sum(m_begin.begin(), m_begin.end(), m_begin.begin());
        std::vector<std::size_t> next(m_begin.begin(), m_begin.end() - 1);
        for (std::size_t row = 0; row < rows.rows(); ++row)
            m_order[next[static_cast<std::size_t>(rows.user[row])]++] = static_cast<std::uint32_t>(row);
        const auto earlier = [&rows](std::uint32_t a, std::uint32_t b) {
            if (rows.item[a] != rows.item[b])
                return rows.item[a] < rows.item[b];
            if (!rows.time.empty() && rows.time[a] != rows.time[b])
                return rows.time[a] < rows.time[b];
            return a < b;
        };
        std::size_t sorted = 0;
        for (std::size_t user = 0; user < users(); ++user) {
            if (sorted >= pollEvery) {
                throwIfStopped(stop);
                sorted = 0;
            }
            const auto mine = of(user);
            std::sort(mine.begin(), mine.end(), earlier);
            sorted += mine.size();
        }
    }

    std::size_t users() const { return m_begin.size() - 1; }
    std::span<std::uint32_t> of(std::size_t user)
    {
        return {m_order.data() + m_begin[user], m_begin[user + 1] - m_begin[user]};
    }

private:
    std::vector<std::size_t> m_begin;
    std::vector<std::uint32_t> m_order;
};

/// Runs the steps one after the other and keeps their counts and warnings.
class Filtering {
public:
    Filtering(const ImportSpec &spec, const ItemRows &items, InteractionRows &rows, RowOrder &order, Dataset &dataset,
              ImportReport &report)
        : m_spec(spec)
        , m_items(items)
        , m_rows(rows)
        , m_order(order)
        , m_dataset(dataset)
        , m_report(report)
    {
        m_dataset.counts.push_back(countKept(rows, "read"));
    }

    void pairsOnce(const std::stop_token &stop)
    {
        if (m_spec.filter.duplicates == Duplicates::Sum && m_rows.rating.empty())
            for (std::size_t row = 0; row < m_rows.rows(); ++row)
                m_rows.rating.push(1);
        Dropped repeats{0, std::numeric_limits<std::size_t>::max()};
        for (std::size_t user = 0; user < m_order.users(); ++user) {
            if (user % 4096 == 0)
                throwIfStopped(stop);
            const auto mine = m_order.of(user);
            for (std::size_t begin = 0, end = 0; begin < mine.size(); begin = end) {
                for (end = begin + 1; end < mine.size() && m_rows.item[mine[end]] == m_rows.item[mine[begin]];)
                    ++end;
                if (end - begin == 1)
                    continue;
                const std::uint32_t stays = onePair(mine.subspan(begin, end - begin));
                for (std::size_t i = begin; i < end; ++i) {
                    if (mine[i] == stays)
                        continue;
                    m_rows.kept[mine[i]] = 0;
                    repeats.first = std::min<std::size_t>(repeats.first, mine[i]);
                    ++repeats.count;
                }
            }
        }
        if (repeats.count > 0)
            warn(counted(repeats.count, "row repeats", "rows repeat") + " a pair of user and item: " + policyText() +
                 "; the first left out is line " + std::to_string(m_rows.lines[repeats.first]));
        leftOut("repeats a pair of user and item: " + policyText(), repeats);
        done("each pair once", "");
    }

    void ratings()
    {
        if (m_rows.rating.empty() || !m_spec.filter.minRating)
            return;
        const double least = *m_spec.filter.minRating;
        leftOut("has a rating below " + plain(least),
                drop([this, least](std::size_t row) { return static_cast<double>(m_rows.rating[row]) < least; }));
        done("rating at least " + plain(least), "lower the least rating, or check the rating column");
    }

    void itemsWithText()
    {
        const auto known = static_cast<std::size_t>(m_items.ids.size());
        const std::string file = m_spec.items.file.string();
        const auto strangers = drop([this, known](std::size_t row) { return item(row) >= known; });
        if (strangers.count > 0)
            warn(counted(strangers.count, "interaction is", "interactions are") + " with items that " + file +
                 " does not have; the first is \"" + std::string(m_rows.items[m_rows.item[strangers.first]]) +
                 "\" in line " + std::to_string(m_rows.lines[strangers.first]));
        leftOut("names an item that the items file does not have", strangers);
        const auto textless = std::count(m_items.texts.begin(), m_items.texts.end(), "");
        if (textless > 0) {
            const auto first = std::find(m_items.texts.begin(), m_items.texts.end(), "") - m_items.texts.begin();
            warn(counted(textless, "item has", "items have") + " no text and " + (textless == 1 ? "is" : "are") +
                 " left out; the first is \"" + std::string(m_items.ids[static_cast<std::int32_t>(first)]) +
                 "\" in line " + std::to_string(m_items.lines[static_cast<std::size_t>(first)]) + " of " + file);
            m_report.leftOut.push_back(
                {"items", "has no text", textless, m_items.lines[static_cast<std::size_t>(first)]});
        }
        leftOut("is of an item without text",
                drop([this](std::size_t row) { return m_items.texts[item(row)].empty(); }));
        std::string remedy = "check the text template";
        if (strangers.count > 0)
            remedy = "check that both files mean the same ids: the interactions name \"" +
                     std::string(m_rows.items[m_rows.item[strangers.first]]) + "\", the items file \"" +
                     std::string(m_items.ids[0]) + "\"";
        done("items with text", remedy);
    }

    void fewest(const std::stop_token &stop)
    {
        const int least = m_spec.filter.minItem, leastUser = m_spec.filter.minUser;
        const char *remedy = "lower the least number of interactions";
        if (m_spec.filter.kCore) {
            int rounds = 0;
            Dropped ofItems, ofUsers;
            for (std::int64_t dropped = 1; dropped > 0; rounds += dropped > 0 ? 1 : 0) {
                throwIfStopped(stop);
                const Dropped items = dropItems(least), users = dropUsers(leastUser);
                dropped = items.count + users.count;
                ofItems += items;
                ofUsers += users;
            }
            leftOut("is of an item with fewer than " + std::to_string(least), ofItems);
            leftOut("is of a user with fewer than " + std::to_string(leastUser), ofUsers);
            done(std::to_string(least) + "-core of items and " + std::to_string(leastUser) + "-core of users", remedy);
            if (rounds > 0)
                m_dataset.warnings.push_back("the core was reached in " + counted(rounds, "round", "rounds"));
            return;
        }
        if (least > 0) {
            leftOut("is of an item with fewer than " + std::to_string(least), dropItems(least));
            done("items with at least " + std::to_string(least), remedy);
        }
        if (leastUser > 0) {
            leftOut("is of a user with fewer than " + std::to_string(leastUser), dropUsers(leastUser));
            done("users with at least " + std::to_string(leastUser), remedy);
        }
    }

private:
    struct Dropped {
        std::int64_t count = 0;
        std::size_t first = 0;

        void operator+=(const Dropped &more)
        {
            if (count == 0 || (more.count > 0 && more.first < first))
                first = more.first;
            count += more.count;
        }
    };

    std::size_t user(std::size_t row) const { return static_cast<std::size_t>(m_rows.user[row]); }
    std::size_t item(std::size_t row) const { return static_cast<std::size_t>(m_rows.item[row]); }
    void warn(std::string text) { m_dataset.warnings.push_back(std::move(text)); }
    void leftOut(std::string reason, const Dropped &rows)
    {
        if (rows.count > 0)
            m_report.leftOut.push_back({"interactions", std::move(reason), rows.count, m_rows.lines[rows.first]});
    }

    std::string policyText() const
    {
        const bool timed = !m_rows.time.empty();
        switch (m_spec.filter.duplicates) {
        case Duplicates::First:
            return timed ? "the earliest in time of each pair counts" : "the first row of each pair counts";
        case Duplicates::Sum:
            return "their ratings add up";
        case Duplicates::Any:
            return "the highest rating of each pair counts";
        case Duplicates::Last:
        case Duplicates::Error:
            break;
        }
        return timed ? "the latest in time of each pair counts" : "the last row of each pair counts";
    }

    /// The row that stays of a pair's rows, which are in order of time.
    std::uint32_t onePair(std::span<const std::uint32_t> pair)
    {
        const std::uint32_t last = pair.back();
        switch (m_spec.filter.duplicates) {
        case Duplicates::First:
            return pair.front();
        case Duplicates::Sum: {
            double sum = 0;
            for (const std::uint32_t row : pair)
                sum += static_cast<double>(m_rows.rating[row]);
            m_rows.rating[last] = static_cast<float>(sum);
            return last;
        }
        case Duplicates::Any:
            if (!m_rows.rating.empty())
                for (const std::uint32_t row : pair)
                    m_rows.rating[last] = std::max(m_rows.rating[last], m_rows.rating[row]);
            return last;
        case Duplicates::Error: {
            const auto [first, second] = std::minmax({pair[0], pair[1]});
            throw InputError("the pair of user \"" + std::string(m_rows.users[m_rows.user[second]]) + "\" and item \"" +
                                 std::string(m_rows.items[m_rows.item[second]]) +
                                 "\" stands a second time; the first is in line " + std::to_string(m_rows.lines[first]),
                             m_spec.interactions.file.string() + ":" + std::to_string(m_rows.lines[second]),
                             "keep one row, or choose which of them counts");
        }
        case Duplicates::Last:
            break;
        }
        return last;
    }

    Dropped dropItems(int least)
    {
        std::vector<std::int64_t> count(static_cast<std::size_t>(m_rows.items.size()));
        for (std::size_t row = 0; row < m_rows.kept.size(); ++row)
            count[item(row)] += m_rows.kept[row];
        return drop([&](std::size_t row) { return count[item(row)] < least; });
    }
    Dropped dropUsers(int least)
    {
        std::vector<std::int64_t> count(static_cast<std::size_t>(m_rows.users.size()));
        for (std::size_t row = 0; row < m_rows.kept.size(); ++row)
            count[user(row)] += m_rows.kept[row];
        return drop([&](std::size_t row) { return count[user(row)] < least; });
    }

    template <typename Unwanted>
    Dropped drop(Unwanted unwanted)
    {
        Dropped dropped;
        for (std::size_t row = 0; row < m_rows.kept.size(); ++row) {
            if (!m_rows.kept[row] || !unwanted(row))
                continue;
            m_rows.kept[row] = 0;
            if (dropped.count++ == 0)
                dropped.first = row;
        }
        return dropped;
    }

    void done(const std::string &step, const std::string &remedy)
    {
        m_dataset.counts.push_back(countKept(m_rows, step));
        if (m_dataset.counts.back().interactions == 0)
            throw InputError("no interaction is left after the filter \"" + step + "\"",
                             m_spec.interactions.file.string(), remedy);
    }

    const ImportSpec &m_spec;
    const ItemRows &m_items;
    InteractionRows &m_rows;
    RowOrder &m_order;
    Dataset &m_dataset;
    ImportReport &m_report;
};

/// Users in the order of their first row that is kept.
std::vector<std::int32_t> keptUsers(const InteractionRows &rows)
{
    std::vector<std::int32_t> users;
    std::vector<char> seen(static_cast<std::size_t>(rows.users.size()));
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        char &known = seen[static_cast<std::size_t>(rows.user[row])];
        if (!rows.kept[row] || known)
            continue;
        known = 1;
        users.push_back(rows.user[row]);
    }
    return users;
}

/// The new column of each item; -1 for those that go. Fills in the catalogue.
std::vector<std::int32_t> buildCatalog(const ItemRows &items, const InteractionRows &rows, Catalog &catalog)
{
    std::vector<std::int32_t> column(static_cast<std::size_t>(items.ids.size()), -1);
    for (std::size_t row = 0; row < rows.rows(); ++row)
        if (rows.kept[row])
            column[static_cast<std::size_t>(rows.item[row])] = 0;
    std::vector<std::size_t> kept;
    for (std::size_t j = 0; j < column.size(); ++j) {
        if (column[j] < 0)
            continue;
        column[j] = static_cast<std::int32_t>(kept.size());
        kept.push_back(j);
        catalog.ids.emplace_back(items.ids[static_cast<std::int32_t>(j)]);
        catalog.titles.push_back(items.titles[j]);
        catalog.texts.push_back(items.texts[j]);
    }
    for (std::size_t c = 0; c < items.columns.size(); ++c) {
        auto &values = catalog.fields[items.columns[c]];
        values.reserve(kept.size());
        for (const std::size_t j : kept)
            values.push_back(items.values[c][j]);
    }
    return column;
}

/// What is left, renumbered: items in the order of their file, users in that of their first kept row.
void build(const ItemRows &items, const InteractionRows &rows, RowOrder &order, Dataset &dataset)
{
    const std::vector<std::int32_t> column = buildCatalog(items, rows, dataset.catalog);
    Interactions &result = dataset.interactions;
    result.items = dataset.catalog.ids;
    result.csr.cols = dataset.catalog.size();
    const auto count = static_cast<std::size_t>(dataset.counts.back().interactions);
    result.csr.columns.reserve(count);
    result.ratings.reserve(rows.rating.empty() ? 0 : count);
    result.timestamps.reserve(rows.time.empty() ? 0 : count);
    for (const std::int32_t user : keptUsers(rows)) {
        result.users.emplace_back(rows.users[user]);
        for (const std::uint32_t row : order.of(static_cast<std::size_t>(user))) {
            if (!rows.kept[row])
                continue;
            result.csr.columns.push_back(column[static_cast<std::size_t>(rows.item[row])]);
            if (!rows.rating.empty())
                result.ratings.push_back(rows.rating[row]);
            if (!rows.time.empty())
                result.timestamps.push_back(rows.time[row]);
        }
        result.csr.offsets.push_back(static_cast<std::int64_t>(result.csr.columns.size()));
    }
}

} // namespace

void filterAndBuild(const ImportSpec &spec, const ItemRows &items, InteractionRows &rows, Dataset &dataset,
                    ImportReport &report, const ProgressFn &progress, std::stop_token stop)
{
    if (progress)
        progress({"filtering", "", 0, 0, 0, -1});
    RowOrder order(rows, stop);
    Filtering filtering(spec, items, rows, order, dataset, report);
    filtering.pairsOnce(stop);
    throwIfStopped(stop);
    filtering.ratings();
    filtering.itemsWithText();
    filtering.fewest(stop);
    throwIfStopped(stop);
    build(items, rows, order, dataset);
    const std::int64_t unused =
        items.ids.size() - dataset.catalog.size() - std::count(items.texts.begin(), items.texts.end(), "");
    if (unused > 0)
        report.leftOut.push_back({"items", "is in no interaction that is left", unused, 0});
}

} // namespace apiary::data
