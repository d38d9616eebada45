#include "base/error.h"
#include "data/csv_scan.h"
#include "data/numbers.h"
#include "data/record_reader.h"
#include "data/rows.h"
#include "data/strings.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

namespace apiary::data {

namespace {

constexpr int sampleRecords = 200;

class TextBytes : public ByteSource {
public:
    explicit TextBytes(std::string_view text) : m_text(text) {}
    std::size_t read(std::span<char> into) override
    {
        const std::size_t count = std::min(into.size(), m_text.size());
        std::copy_n(m_text.begin(), count, into.begin());
        m_text.remove_prefix(count);
        return count;
    }
    std::int64_t consumed() const override { return 0; }

private:
    std::string_view m_text;
};

std::string withoutType(std::string_view column)
{
    column = trimmed(column);
    for (const std::string_view type : {":token_seq", ":float_seq", ":token", ":float"})
        if (column.ends_with(type) && column.size() > type.size())
            return std::string(trimmed(column.substr(0, column.size() - type.size())));
    return std::string(column);
}

/// What a way of cutting makes of the sample.
struct Trial {
    std::vector<std::string> first; ///< fields of the first record
    std::int64_t line = 1;          ///< of the first record
    int records = 0;
    int alike = 0; ///< with as many fields as the first
    bool unclosed = false;
};

Trial tried(const TableText &text, const Cutting &cutting, const std::string &where)
{
    Trial trial;
    RecordReader reader(std::make_unique<TextBytes>(text.start), cutting, where);
    std::int64_t width = 0;
    while (trial.records < sampleRecords && reader.next()) {
        if (trial.records == 0) {
            trial.first.assign(reader.fields().begin(), reader.fields().end());
            trial.line = reader.line();
            trial.unclosed = reader.unclosed();
        }
        width = static_cast<std::int64_t>(reader.fields().size());
        ++trial.records;
        trial.alike += width == static_cast<std::int64_t>(trial.first.size()) ? 1 : 0;
    }
    if (!text.whole && trial.records > 1 && trial.records < sampleRecords) { // the last may be cut
        --trial.records;
        trial.alike -= width == static_cast<std::int64_t>(trial.first.size()) ? 1 : 0;
    }
    return trial;
}

double score(const Trial &trial)
{
    return trial.first.size() < 2 ? 0 : static_cast<double>(trial.alike) / trial.records;
}

/// Fills in the delimiter that cuts the sample's records into equally many fields, most of them where several do.
Trial detected(const TableText &text, TableFormat &format, const std::string &where)
{
    const bool quotes = format.quotes.value_or(true);
    if (!format.delimiter.empty()) {
        format.delimiter = delimiterOf(format.delimiter);
        format.quotes = format.quotes.value_or(format.delimiter.size() == 1);
        return tried(text, {format.delimiter, *format.quotes}, where);
    }
    std::optional<Trial> best;
    for (const char *candidate : {"\t", ",", ";", "|", "::"}) {
        const bool withQuotes = quotes && std::string_view(candidate) != "::";
        Trial trial = tried(text, {candidate, withQuotes}, where);
        const bool better = !best || score(trial) > score(*best) ||
                            (score(trial) == score(*best) && trial.first.size() > best->first.size());
        if (!better)
            continue;
        format.delimiter = candidate;
        best = std::move(trial);
    }
    if (best->first.size() < 2)
        format.delimiter = ",";
    if (!format.quotes)
        format.quotes = format.delimiter != "::";
    return std::move(*best);
}

/// A first row names columns unless one of its cells is a number.
bool looksLikeHeader(const std::vector<std::string> &first)
{
    return std::none_of(first.begin(), first.end(), [](const std::string &cell) { return number(cell).has_value(); });
}

class DelimitedRows : public RowReader {
public:
    DelimitedRows(const std::filesystem::path &path, const TableFormat &format, TableText text)
        : m_format(format)
        , m_bytes(text.bytes)
        , m_encodingRemedy(text.encodingNamed ? "save the file as text in UTF-8"
                                              : "save the file as text in UTF-8, or name its encoding")
    {
        m_path = path;
        Trial trial = detected(text, m_format, path.string());
        m_headerLine = trial.line;
        checkText(trial);
        if (!m_format.header)
            m_format.header = m_format.columns.empty() && looksLikeHeader(trial.first);
        if (*m_format.header) {
            m_raw = trial.first;
            m_columns = columnNames(m_raw);
        } else {
            nameColumns(trial.first.size());
        }
        m_reader = std::make_unique<RecordReader>(std::move(text.source), Cutting{m_format.delimiter, *m_format.quotes},
                                                  path.string());
        if (*m_format.header)
            m_reader->next();
        m_selected.resize(m_columns.size());
        std::iota(m_selected.begin(), m_selected.end(), std::size_t{0});
    }

    const std::vector<std::string> &columns() const override { return m_columns; }
    const std::vector<std::string> &rawColumns() const override { return m_raw; }
    const TableFormat &format() const override { return m_format; }
    void select(std::vector<std::size_t> columns, std::vector<char>) override { m_selected = std::move(columns); }
    std::int64_t bytesRead() const override { return m_reader->consumed(); }
    std::int64_t bytesTotal() const override { return m_bytes; }

    bool next(Row &row) override
    {
        if (!m_reader->next())
            return false;
        row.line = m_reader->line();
        row.fault.clear();
        row.faultColumn.clear();
        if (m_reader->unclosed())
            throw InputError("the quotes of a field that begins in this row are never closed", where(row.line),
                             "close them, or double a quote that is part of the text");
        const auto &fields = m_reader->fields();
        row.cells.clear();
        if (fields.size() != m_columns.size()) {
            fault(row, {},
                  "has " + std::to_string(fields.size()) + (fields.size() == 1 ? " field" : " fields") + " where the " +
                      (*m_format.header ? "header" : "first row") + " has " + std::to_string(m_columns.size()),
                  "mend the row, or put fields that hold the delimiter in quotes");
            return true;
        }
        for (const std::size_t place : m_selected)
            row.cells.push_back(fields[place]);
        if (m_reader->hasZero())
            checkCells(
                row, [](std::string_view cell) { return cell.find('\0') == std::string_view::npos; },
                "holds a byte of zero");
        if (!isUtf8(m_reader->record()))
            checkCells(row, isUtf8, "is not valid UTF-8");
        return true;
    }

private:
    static void fault(Row &row, const std::string &column, std::string what, const char *remedy)
    {
        if (!row.fault.empty())
            return;
        row.fault = std::move(what);
        row.faultColumn = column;
        row.remedy = remedy;
    }

    template <typename Good>
    void checkCells(Row &row, Good good, const char *what) const
    {
        for (std::size_t i = 0; i < row.cells.size(); ++i)
            if (!good(row.cells[i]))
                fault(row, m_columns[m_selected[i]], what, m_encodingRemedy);
    }

    void checkText(const Trial &trial) const
    {
        for (const std::string &cell : trial.first)
            if (!isUtf8(cell) || cell.find('\0') != std::string::npos)
                throw InputError("is no text in UTF-8", where(m_headerLine), m_encodingRemedy);
        if (trial.unclosed)
            throw InputError("the quotes of a field that begins in this row are never closed", where(m_headerLine),
                             "close them, or double a quote that is part of the text");
        constexpr std::size_t mostColumns = 10'000;
        if (trial.first.size() > mostColumns)
            throw InputError("has a first row of " + std::to_string(trial.first.size()) + " fields",
                             where(m_headerLine), "check that it is a table, and its delimiter");
    }

    void nameColumns(std::size_t count)
    {
        m_columns = m_format.columns;
        if (m_columns.size() > count)
            throw InputError("has " + std::to_string(count) + (count == 1 ? " field" : " fields") + " in a row where " +
                                 std::to_string(m_columns.size()) + " columns are named",
                             where(m_headerLine), "check the delimiter and the names");
        while (m_columns.size() < count)
            m_columns.push_back("column" + std::to_string(m_columns.size() + 1));
        m_raw = m_columns;
    }

    TableFormat m_format;
    std::int64_t m_bytes;
    const char *m_encodingRemedy;
    std::vector<std::string> m_raw, m_columns;
    std::unique_ptr<RecordReader> m_reader;
    std::vector<std::size_t> m_selected;
};

} // namespace

std::string delimiterOf(const std::string &text)
{
    constexpr std::size_t longest = 4;
    if (text == "\\t")
        return "\t";
    if (!text.empty() && text.size() <= longest && text.find_first_of("\"\n\r") == std::string::npos)
        return text;
    throw InputError("\"" + text + "\" does not separate columns", "delimiter",
                     "give up to four characters such as , ; | :: or \\t, or leave it empty");
}

std::vector<std::string> columnNames(const std::vector<std::string> &raw)
{
    std::vector<std::string> names;
    for (const std::string &column : raw) {
        names.push_back(withoutType(column));
        if (names.back().empty())
            names.back() = "column" + std::to_string(names.size());
    }
    return names;
}

std::size_t requireColumn(std::string_view column, const std::vector<std::string> &names,
                          const std::vector<std::string> &raw, const std::string &where)
{
    for (const auto *list : {&names, &raw}) {
        const auto found = std::find(list->begin(), list->end(), column);
        if (found == list->end())
            continue;
        const auto place = static_cast<std::size_t>(found - list->begin());
        if (std::count(raw.begin(), raw.end(), raw[place]) > 1 ||
            (names[place] == column && std::count(names.begin(), names.end(), column) > 1))
            throw InputError("two columns are named \"" + std::string(column) + "\"", where, "rename one of them");
        return place;
    }
    throw InputError("there is no column \"" + std::string(column) + "\"", where, "its columns are: " + listed(names));
}

std::size_t RowReader::require(std::string_view column) const
{
    const bool binary = format().kind == FileKind::Feather || format().kind == FileKind::Parquet;
    return requireColumn(column, columns(), rawColumns(), binary ? m_path.string() : where(m_headerLine));
}

std::unique_ptr<RowReader> delimitedRows(const std::filesystem::path &path, const TableFormat &format, TableText text)
{
    return std::make_unique<DelimitedRows>(path, format, std::move(text));
}

} // namespace apiary::data
