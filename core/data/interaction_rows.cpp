#include "data/interaction_rows.h"

#include "base/cancel.h"
#include "base/error.h"
#include "data/strings.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

namespace apiary::data {

namespace {

constexpr std::int64_t pollEvery = 1 << 15;

/// Strings numbered in order of appearance.
class Numbering {
public:
    explicit Numbering(std::vector<std::string_view> &ids) : m_ids(ids)
    {
        m_numbers.reserve(ids.size());
        for (std::size_t i = 0; i < ids.size(); ++i)
            m_numbers.emplace(ids[i], static_cast<std::int32_t>(i));
    }

    std::int32_t operator()(std::string_view id)
    {
        const auto [place, added] = m_numbers.try_emplace(id, static_cast<std::int32_t>(m_ids.size()));
        if (added)
            m_ids.push_back(id);
        return place->second;
    }

private:
    std::vector<std::string_view> &m_ids;
    std::unordered_map<std::string_view, std::int32_t> m_numbers;
};

std::optional<double> number(std::string_view cell)
{
    cell = trimmed(cell);
    if (cell.starts_with('+') && cell.size() > 1 && cell[1] != '-')
        cell.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (cell.empty() || error != std::errc{} || end != cell.data() + cell.size())
        return std::nullopt;
    return value;
}

std::string shown(std::string_view cell)
{
    constexpr std::size_t most = 60;
    std::size_t size = std::min(cell.size(), most);
    while (size < cell.size() && size > 0 && (static_cast<unsigned char>(cell[size]) & 0xC0) == 0x80)
        --size; // not inside a character
    std::string text = "\"";
    text += cell.substr(0, size);
    text += size < cell.size() ? "…\"" : "\"";
    return text;
}

[[noreturn]] void failNumber(const CsvTable &table, std::int64_t row, const std::string &column, std::string_view cell,
                             const std::string &remedy)
{
    const auto value = number(cell);
    std::string what = shown(cell) + " is no number";
    if (trimmed(cell).empty())
        what = "is empty where a number belongs";
    else if (value && std::isnan(*value))
        what = shown(cell) + " is not a number (NaN)";
    else if (value)
        what = shown(cell) + " is out of range";
    throw InputError(what, table.where(row, column), remedy);
}

std::string_view identifier(const CsvTable &table, const TextColumn &column, const std::string &name, std::int64_t row)
{
    const std::string_view id = trimmed(column[row]);
    if (id.empty())
        throw InputError("is empty where an id belongs", table.where(row, name), "give an id or remove the row");
    return id;
}

std::int64_t seconds(const CsvTable &table, const TextColumn &column, const std::string &name, std::int64_t row)
{
    const std::string_view cell = trimmed(column[row]);
    std::int64_t whole = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), whole);
    if (!cell.empty() && error == std::errc{} && end == cell.data() + cell.size())
        return whole;
    const auto value = finiteNumber(cell);
    if (!value || std::abs(*value) > 9e15)
        failNumber(table, row, name, column[row], "give times in Unix seconds, or read the file without a timestamp column");
    return static_cast<std::int64_t>(std::floor(*value));
}

float rating(const CsvTable &table, const TextColumn &column, const std::string &name, std::int64_t row)
{
    const auto value = finiteNumber(column[row]);
    if (!value || std::abs(*value) > std::numeric_limits<float>::max())
        failNumber(table, row, name, column[row], "give a finite number such as 4 or 3.5, or remove the row");
    return static_cast<float>(*value);
}

} // namespace

std::optional<double> finiteNumber(std::string_view cell)
{
    const auto value = number(cell);
    return value && std::isfinite(*value) ? value : std::nullopt;
}

InteractionRows readInteractionRows(const DatasetSource &source, const std::vector<std::string_view> &catalogItems,
                                    const ProgressFn &progress, std::stop_token stop)
{
    std::vector<std::string> wanted{source.userColumn, source.itemColumn};
    for (const std::string *optional : {&source.ratingColumn, &source.timestampColumn})
        if (!optional->empty())
            wanted.push_back(*optional);

    InteractionRows result;
    result.table = CsvTable::read(source.interactions, source.delimiter, wanted, false, stop);
    const CsvTable &table = result.table;
    const TextColumn users = table.column(source.userColumn);
    const TextColumn items = table.column(source.itemColumn);
    const TextColumn ratings = source.ratingColumn.empty() ? TextColumn() : table.column(source.ratingColumn);
    const TextColumn times = source.timestampColumn.empty() ? TextColumn() : table.column(source.timestampColumn);

    const auto rows = static_cast<std::size_t>(table.rows());
    result.items = catalogItems;
    result.user.reserve(rows);
    result.item.reserve(rows);
    result.rating.reserve(source.ratingColumn.empty() ? 0 : rows);
    result.time.reserve(source.timestampColumn.empty() ? 0 : rows);
    result.kept.assign(rows, 1);
    Numbering userNumber(result.users), itemNumber(result.items);
    ProgressMeter meter("reading interactions", "rows", table.rows(), progress);
    for (std::int64_t row = 0; row < table.rows(); ++row) {
        if (row % pollEvery == 0) {
            throwIfStopped(stop);
            meter.advance(std::min(pollEvery, table.rows() - row));
        }
        result.user.push_back(userNumber(identifier(table, users, source.userColumn, row)));
        result.item.push_back(itemNumber(identifier(table, items, source.itemColumn, row)));
        if (!source.ratingColumn.empty())
            result.rating.push_back(rating(table, ratings, source.ratingColumn, row));
        if (!source.timestampColumn.empty())
            result.time.push_back(seconds(table, times, source.timestampColumn, row));
    }
    return result;
}

std::vector<std::int64_t> keepEachPairOnce(InteractionRows &rows, std::stop_token stop)
{
    // Rows by user (a counting sort that keeps their order), then each user's rows by item, time and place.
    std::vector<std::int64_t> begin(rows.users.size() + 1, 0);
    for (const std::int32_t user : rows.user)
        ++begin[static_cast<std::size_t>(user) + 1];
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    std::vector<std::int64_t> order(rows.user.size()), next(begin.begin(), begin.end() - 1);
    for (std::int64_t row = 0; row < rows.rows(); ++row)
        order[static_cast<std::size_t>(next[static_cast<std::size_t>(rows.user[static_cast<std::size_t>(row)])]++)] = row;

    std::vector<std::int64_t> dropped;
    const auto earlier = [&rows](std::int64_t a, std::int64_t b) {
        const auto i = static_cast<std::size_t>(a), j = static_cast<std::size_t>(b);
        if (rows.item[i] != rows.item[j])
            return rows.item[i] < rows.item[j];
        if (!rows.time.empty() && rows.time[i] != rows.time[j])
            return rows.time[i] < rows.time[j];
        return a < b;
    };
    for (std::size_t user = 0; user + 1 < begin.size(); ++user) {
        if (user % 1024 == 0)
            throwIfStopped(stop);
        const auto first = order.begin() + begin[user], last = order.begin() + begin[user + 1];
        std::sort(first, last, earlier);
        for (auto at = first; at != last && at + 1 != last; ++at) {
            const auto row = static_cast<std::size_t>(*at);
            if (rows.item[row] != rows.item[static_cast<std::size_t>(*(at + 1))])
                continue;
            rows.kept[row] = 0;
            dropped.push_back(*at);
        }
    }
    std::sort(dropped.begin(), dropped.end());
    return dropped;
}

} // namespace apiary::data
