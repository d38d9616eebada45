#include "data/import_rows.h"

#include "base/cancel.h"
#include "base/error.h"
#include "data/byte_source.h"
#include "data/numbers.h"
#include "data/strings.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace apiary::data {

namespace {

constexpr std::int64_t pollEvery = std::int64_t{1} << 14;

/// Puts one row into the columns.
class RowTaker {
public:
    RowTaker(const InteractionsSource &source, RowReader &reader, InteractionRows &rows, BadRows &bad)
        : m_source(source)
        , m_rows(rows)
        , m_bad(bad)
    {
        std::vector<std::size_t> wanted{reader.require(source.user), reader.require(source.item)};
        if (!source.rating.empty()) {
            m_rating = wanted.size();
            wanted.push_back(reader.require(source.rating));
        }
        if (!source.time.empty()) {
            m_time = wanted.size();
            wanted.push_back(reader.require(source.time));
        }
        reader.select(std::move(wanted));
    }

    void take(const Row &row)
    {
        if (!row.fault.empty())
            return m_bad.add(row);
        const std::string_view user = trimmed(row.cells[0]), item = trimmed(row.cells[1]);
        if (user.empty() || item.empty())
            return m_bad.add(row.line, user.empty() ? m_source.user : m_source.item, "is empty where an id belongs",
                             "give an id or remove the row", "is empty where an id belongs");
        float rating = 0;
        std::int64_t time = 0;
        if ((m_rating > 0 && !takeRating(row, rating)) || (m_time > 0 && !takeTime(row, time)))
            return;
        if (user != m_lastUser || m_rows.users.size() == 0) {
            m_user = m_rows.users.number(user);
            m_lastUser = m_rows.users[m_user];
        }
        m_rows.user.push(m_user);
        m_rows.item.push(m_rows.items.number(item));
        if (m_rating > 0)
            m_rows.rating.push(rating);
        if (m_time > 0)
            m_rows.time.push(time);
        m_rows.lines.add(row.line);
    }

private:
    bool takeRating(const Row &row, float &rating)
    {
        const std::string_view cell = row.cells[m_rating];
        const auto value = finiteNumber(cell);
        if (value && std::abs(*value) <= static_cast<double>(std::numeric_limits<float>::max())) {
            rating = static_cast<float>(*value);
            return true;
        }
        const std::string reason = value ? shown(cell) + " is out of range" : numberFault(cell);
        m_bad.add(row.line, m_source.rating, reason, "give a finite number such as 4 or 3.5, or remove the row",
                  "is no finite number");
        return false;
    }

    bool takeTime(const Row &row, std::int64_t &time)
    {
        const std::string_view cell = row.cells[m_time];
        if (const auto seconds = unixSeconds(cell, m_source.timeUnit)) {
            time = *seconds;
            return true;
        }
        if (m_source.timeUnit == TimeUnit::Iso)
            m_bad.add(row.line, m_source.time,
                      trimmed(cell).empty() ? "is empty where a time belongs" : shown(cell) + " is no ISO 8601 time",
                      "give times such as 2015-01-31 or 2015-01-31T12:30:00Z, or name another time unit",
                      "is no ISO 8601 time");
        else
            m_bad.add(row.line, m_source.time,
                      finiteNumber(cell) ? shown(cell) + " is out of range (years 1 to 9999)" : numberFault(cell),
                      m_source.timeUnit == TimeUnit::Seconds
                          ? "give times in Unix seconds, name another time unit, or read the file without a time column"
                          : "give times since 1970 in the unit that was named, or read the file without a time column",
                      "is no time");
        return false;
    }

    const InteractionsSource &m_source;
    InteractionRows &m_rows;
    BadRows &m_bad;
    std::size_t m_rating = 0, m_time = 0;
    std::string_view m_lastUser;
    std::int32_t m_user = 0;
};

} // namespace

void RowLines::add(std::int64_t line)
{
    if (m_jumps.empty() || line != m_next)
        m_jumps.push_back({m_rows, line});
    ++m_rows;
    m_next = line + 1;
}

std::int64_t RowLines::operator[](std::size_t row) const
{
    auto after = std::upper_bound(m_jumps.begin(), m_jumps.end(), row,
                                  [](std::size_t value, const Jump &jump) { return value < jump.row; });
    if (after == m_jumps.begin())
        return 0;
    --after;
    return after->line + static_cast<std::int64_t>(row - after->row);
}

BadRows::BadRows(const ImportSpec &spec, ImportReport &report, RowReader &reader)
    : m_spec(spec)
    , m_report(report)
    , m_reader(reader)
    , m_file(reader.path().filename().string())
{
}

bool BadRows::next(Row &row)
{
    try {
        return m_reader.next(row);
    } catch (const InputError &error) {
        if (m_count == 0)
            throw;
        throw InputError(
            error.problem() + "; before it " + (m_count == 1 ? "a row" : std::to_string(m_count) + " rows") +
                " cannot be used, the first " + m_reader.where(m_first.line, m_first.column) + ": " + m_first.reason,
            error.where(), error.remedy());
    }
}

void BadRows::add(const Row &row)
{
    add(row.line, row.faultColumn, row.fault, row.remedy, row.fault);
}

void BadRows::add(std::int64_t line, const std::string &column, const std::string &reason, const std::string &remedy,
                  const std::string &kind)
{
    if (m_spec.strict)
        throw InputError(reason, m_reader.where(line, column), remedy);
    BadRow row{m_file, line, column, reason};
    if (m_count++ == 0)
        m_first = row;
    ++m_report.badTotal;
    constexpr std::size_t mostKinds = 200;
    const std::string name = (column.empty() ? std::string() : "column " + column + " ") + kind;
    if (m_report.badReasons.size() < mostKinds || m_report.badReasons.contains(name))
        ++m_report.badReasons[name];
    else
        ++m_report.badReasons["other faults"];
    if (m_report.bad.size() < maxListedBadRows)
        m_report.bad.push_back(std::move(row));
}

void BadRows::finish(std::int64_t good)
{
    for (const LateKey &key : m_reader.lateKeys())
        m_report.warnings.push_back(
            m_file + ": the key \"" + key.name + "\" first comes in line " + std::to_string(key.line) +
            ", after those whose keys are the columns, and is not read (" + std::to_string(key.rows) +
            (key.rows == 1 ? " row has it)" : " rows have it)") + ": move such a row to the front to have it");
    if (good + m_count == 0)
        throw InputError("has a header but no rows", m_reader.path().string(), "give a file with at least one row");
    const double share = static_cast<double>(m_count) / static_cast<double>(good + m_count);
    if (good > 0 && share <= m_spec.maxBadShare)
        return;
    throw InputError(
        std::to_string(m_count) + " of " + std::to_string(good + m_count) + " rows cannot be used; the first " +
            m_first.reason,
        m_reader.where(m_first.line, m_first.column),
        "check delimiter, encoding and the columns' roles, mend the rows, or allow a larger share of bad rows");
}

InteractionRows readInteractionRows(const ImportSpec &spec, StringPool items, ImportReport &report,
                                    const ProgressFn &progress, std::stop_token stop)
{
    const auto reader = RowReader::open(spec.interactions.file, spec.interactions.format, stop);
    InteractionRows rows;
    rows.items = std::move(items);
    BadRows bad(spec, report, *reader);
    RowTaker taker(spec.interactions, *reader, rows, bad);
    ProgressMeter meter("reading interactions", "bytes", reader->bytesTotal(), progress);
    Row row;
    std::int64_t count = 0, bytes = 0;
    while (bad.next(row)) {
        if (count++ % pollEvery == 0) {
            throwIfStopped(stop);
            meter.advance(reader->bytesRead() - bytes);
            bytes = reader->bytesRead();
        }
        taker.take(row);
    }
    meter.advance(std::max<std::int64_t>(0, reader->bytesTotal() - bytes));
    bad.finish(static_cast<std::int64_t>(rows.rows()));
    if (rows.rows() > std::numeric_limits<std::uint32_t>::max())
        throw InputError("has more than four thousand million rows", reader->path().string(), "import a part of it");
    rows.kept.assign(rows.rows(), 1);
    report.peakRows = static_cast<std::int64_t>(rows.rows());
    report.files.push_back({reader->path().filename().string(),
                            "interactions",
                            {},
                            placeOf(reader->path()).fileBytes,
                            static_cast<std::int64_t>(rows.rows()),
                            bad.count()});
    return rows;
}

} // namespace apiary::data
