#include "data/dataset.h"

#include "base/cancel.h"
#include "base/error.h"
#include "data/csv_table.h"
#include "data/interaction_rows.h"
#include "data/strings.h"
#include "data/text_template.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <optional>
#include <unordered_map>

namespace apiary::data {

namespace {

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

/// The items file with its templates filled in; row j everywhere is its data row j.
struct ItemRows {
    CsvTable table;
    std::vector<std::string_view> ids;
    std::vector<std::string> titles;
    std::vector<std::string> texts;
};

std::vector<std::string_view> uniqueIds(const CsvTable &table, const std::string &column)
{
    const TextColumn &cells = table.column(column);
    std::vector<std::string_view> ids;
    std::unordered_map<std::string_view, std::int64_t> first;
    for (std::int64_t row = 0; row < table.rows(); ++row) {
        const std::string_view id = trimmed(cells[row]);
        if (id.empty())
            throw InputError("is empty where an id belongs", table.where(row, column), "give an id or remove the row");
        const auto [known, added] = first.try_emplace(id, row);
        if (!added)
            throw InputError("the item id \"" + std::string(id) + "\" stands a second time; the first is in line "
                                 + std::to_string(table.line(known->second)),
                             table.where(row, column), "keep one row for each item");
        ids.push_back(id);
    }
    return ids;
}

std::vector<std::string> filled(const CsvTable &table, const TextTemplate &pattern, const std::string &field,
                                std::stop_token stop)
{
    std::vector<TextColumn> columns;
    for (const std::string &column : pattern.columns()) {
        if (!table.has(column))
            throw InputError("{" + column + "} names no column of " + table.path().string(), field,
                             "its columns are: " + listed(table.names()));
        columns.push_back(table.column(column));
    }
    std::vector<std::string> texts;
    texts.reserve(static_cast<std::size_t>(table.rows()));
    std::vector<std::string_view> values(columns.size());
    for (std::int64_t row = 0; row < table.rows(); ++row) {
        if (row % 4096 == 0)
            throwIfStopped(stop);
        for (std::size_t i = 0; i < columns.size(); ++i)
            values[i] = columns[i][row];
        texts.push_back(pattern.fill(values));
    }
    return texts;
}

ItemRows readItemRows(const DatasetSource &source, std::stop_token stop)
{
    if (trimmed(source.textTemplate).empty())
        throw InputError("is empty", "text template", "name what the encoder reads, such as {title}");
    const TextTemplate text(source.textTemplate, "text template");
    std::optional<TextTemplate> title;
    if (!source.titleTemplate.empty())
        title.emplace(source.titleTemplate, "title template");

    std::vector<std::string> wanted{source.itemIdColumn};
    if (!title && !source.titleColumn.empty())
        wanted.push_back(source.titleColumn);
    ItemRows items;
    items.table = CsvTable::read(source.items, source.delimiter, wanted, true, stop);
    items.ids = uniqueIds(items.table, source.itemIdColumn);
    items.texts = filled(items.table, text, "text template", stop);
    if (title)
        items.titles = filled(items.table, *title, "title template", stop);
    else if (source.titleColumn.empty())
        items.titles.resize(items.ids.size());
    else
        items.titles = filled(items.table, TextTemplate("{" + source.titleColumn + "}", "title column"), "title column", stop);
    for (std::size_t j = 0; j < items.ids.size(); ++j)
        if (items.titles[j].empty())
            items.titles[j] = items.ids[j];
    return items;
}

FilterCount countKept(const InteractionRows &rows, std::string step)
{
    FilterCount count{std::move(step)};
    std::vector<char> users(rows.users.size()), items(rows.items.size());
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

/// Runs the steps one after the other and keeps their counts and warnings.
class Filtering {
public:
    Filtering(const DatasetSource &source, const ItemRows &items, InteractionRows &rows, Dataset &dataset)
        : m_source(source), m_items(items), m_rows(rows), m_dataset(dataset)
    {
        m_dataset.counts.push_back(countKept(rows, "read"));
    }

    void pairsOnce(std::stop_token stop)
    {
        const auto dropped = keepEachPairOnce(m_rows, stop);
        if (!dropped.empty())
            warn(counted(static_cast<std::int64_t>(dropped.size()), "row repeats", "rows repeat")
                 + " a pair of user and item: "
                 + (m_rows.time.empty() ? "the last row of each pair counts" : "the latest in time of each pair counts")
                 + "; the first left out is line " + std::to_string(m_rows.table.line(dropped.front())));
        done("each pair once", "");
    }

    void ratings(double least)
    {
        if (m_rows.rating.empty())
            return;
        drop([this, least](std::size_t row) { return static_cast<double>(m_rows.rating[row]) < least; });
        done("rating at least " + plain(least), "lower the least rating, or check the rating column");
    }

    void itemsWithText()
    {
        const std::size_t known = m_items.ids.size();
        const auto strangers = drop([this, known](std::size_t row) { return item(row) >= known; });
        if (strangers.count > 0)
            warn(counted(strangers.count, "interaction is", "interactions are") + " with items that "
                 + m_source.items.string() + " does not have; the first is \""
                 + std::string(m_rows.items[item(strangers.first)]) + "\" in line "
                 + std::to_string(m_rows.table.line(static_cast<std::int64_t>(strangers.first))));
        const auto textless = std::count(m_items.texts.begin(), m_items.texts.end(), "");
        if (textless > 0) {
            const auto first = std::find(m_items.texts.begin(), m_items.texts.end(), "") - m_items.texts.begin();
            warn(counted(textless, "item has", "items have") + " no text and "
                 + (textless == 1 ? "is" : "are") + " left out; the first is \""
                 + std::string(m_items.ids[static_cast<std::size_t>(first)]) + "\" in line "
                 + std::to_string(m_items.table.line(first)) + " of " + m_source.items.string());
        }
        drop([this](std::size_t row) { return m_items.texts[item(row)].empty(); });
        std::string remedy = "check the text template";
        if (strangers.count > 0)
            remedy = "check that both files mean the same ids: the interactions name \""
                + std::string(m_rows.items[item(strangers.first)]) + "\", the items file \""
                + std::string(m_items.ids.front()) + "\"";
        done("items with text", remedy);
    }

    void users(int least)
    {
        std::vector<std::int64_t> count(m_rows.users.size());
        for (std::size_t row = 0; row < m_rows.kept.size(); ++row)
            count[user(row)] += m_rows.kept[row];
        drop([&](std::size_t row) { return count[user(row)] < least; });
        done("users with at least " + std::to_string(least), "lower the least number of interactions");
    }

private:
    struct Dropped {
        std::int64_t count = 0;
        std::size_t first = 0;
    };

    std::size_t user(std::size_t row) const { return static_cast<std::size_t>(m_rows.user[row]); }
    std::size_t item(std::size_t row) const { return static_cast<std::size_t>(m_rows.item[row]); }
    void warn(std::string text) { m_dataset.warnings.push_back(std::move(text)); }

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
            throw InputError("no interaction is left after the filter \"" + step + "\"", m_source.interactions.string(),
                             remedy);
    }

    const DatasetSource &m_source;
    const ItemRows &m_items;
    InteractionRows &m_rows;
    Dataset &m_dataset;
};

/// What is left, renumbered: items in the order of their file, users in that of their first kept row.
void build(const ItemRows &items, const InteractionRows &rows, Dataset &dataset)
{
    std::vector<std::int32_t> column(items.ids.size(), -1), place(rows.users.size(), -1);
    std::vector<std::vector<std::size_t>> rowsOf;
    for (std::size_t row = 0; row < rows.kept.size(); ++row) {
        if (!rows.kept[row])
            continue;
        column[static_cast<std::size_t>(rows.item[row])] = 0;
        std::int32_t &user = place[static_cast<std::size_t>(rows.user[row])];
        if (user < 0) {
            user = static_cast<std::int32_t>(rowsOf.size());
            rowsOf.emplace_back();
            dataset.interactions.users.emplace_back(rows.users[static_cast<std::size_t>(rows.user[row])]);
        }
        rowsOf[static_cast<std::size_t>(user)].push_back(row);
    }

    std::vector<std::int64_t> kept;
    for (std::size_t j = 0; j < column.size(); ++j) {
        if (column[j] < 0)
            continue;
        column[j] = static_cast<std::int32_t>(kept.size());
        kept.push_back(static_cast<std::int64_t>(j));
        dataset.catalog.ids.emplace_back(items.ids[j]);
        dataset.catalog.titles.push_back(items.titles[j]);
        dataset.catalog.texts.push_back(items.texts[j]);
    }
    for (const std::string &name : items.table.names()) {
        const TextColumn &cells = items.table.column(name);
        auto &values = dataset.catalog.fields[name];
        values.reserve(kept.size());
        for (const std::int64_t j : kept)
            values.emplace_back(cells[j]);
    }

    Interactions &result = dataset.interactions;
    result.items = dataset.catalog.ids;
    result.csr.cols = static_cast<std::int64_t>(kept.size());
    std::vector<std::int32_t> line;
    for (auto &mine : rowsOf) {
        std::sort(mine.begin(), mine.end(), [&rows](std::size_t a, std::size_t b) { return rows.item[a] < rows.item[b]; });
        line.clear();
        for (const std::size_t row : mine) {
            line.push_back(column[static_cast<std::size_t>(rows.item[row])]);
            if (!rows.rating.empty())
                result.ratings.push_back(rows.rating[row]);
            if (!rows.time.empty())
                result.timestamps.push_back(rows.time[row]);
        }
        result.csr.addRow(line);
    }
}

} // namespace

Dataset loadDataset(const DatasetSource &source, const DatasetFilter &filter, const ProgressFn &progress,
                    std::stop_token stop)
{
    if (std::isnan(filter.minRating))
        throw InputError("is not a number", "least rating", "give a number such as 4");
    throwIfStopped(stop);
    const ItemRows items = readItemRows(source, stop);
    InteractionRows rows = readInteractionRows(source, items.ids, progress, stop);

    Dataset dataset;
    dataset.name = source.name;
    Filtering filtering(source, items, rows, dataset);
    filtering.pairsOnce(stop);
    throwIfStopped(stop);
    filtering.ratings(filter.minRating);
    filtering.itemsWithText();
    filtering.users(filter.minUserInteractions);
    throwIfStopped(stop);
    build(items, rows, dataset);
    dataset.hash = datasetHash(dataset.interactions, dataset.catalog);
    return dataset;
}

} // namespace apiary::data
