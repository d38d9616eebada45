#include "data/import_items.h"

#include "base/cancel.h"
#include "base/error.h"
#include "data/byte_source.h"
#include "data/import_rows.h"
#include "data/strings.h"
#include "data/text_cleaning.h"
#include "data/text_template.h"

#include <algorithm>
#include <memory>
#include <optional>

namespace apiary::data {

namespace {

constexpr std::int64_t pollEvery = 4096;

/// Rows of a file with one row an id.
struct Keyed {
    StringPool ids;
    std::vector<std::int64_t> lines;
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> values;
    std::string where; ///< the file
    std::string idColumn;
};

/// What a file of one row an id is read for.
struct KeyedFile {
    const char *role;
    const std::filesystem::path &path;
    const TableFormat &format;
    const std::string &id;
    std::vector<std::string> needed; ///< columns that must be there
    bool all;                        ///< keep every column; else those of `useful` that are there
    std::vector<std::string> useful; ///< those that the templates name
};

/// Which columns to keep: the id first, then the others.
std::vector<std::size_t> places(const RowReader &reader, const KeyedFile &file)
{
    std::vector<std::size_t> result{reader.require(file.id)};
    for (const std::string &column : file.needed)
        reader.require(column);
    const auto &columns = reader.columns();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!file.all && std::find(file.useful.begin(), file.useful.end(), columns[i]) == file.useful.end())
            continue;
        reader.require(columns[i]); // that no name stands twice
        result.push_back(i);
    }
    return result;
}

/// Adds a row whose first cell is the id.
void take(const Row &row, Keyed &result, BadRows &bad)
{
    if (!row.fault.empty())
        return bad.add(row);
    const std::string_view id = trimmed(row.cells.front());
    const char *empty = "is empty where an id belongs";
    if (id.empty())
        return bad.add(row.line, result.idColumn, empty, "give an id or remove the row", empty);
    if (const std::int32_t first = result.ids.find(id); first >= 0)
        return bad.add(row.line, result.idColumn,
                       "the item id \"" + std::string(id) + "\" stands a second time; the first is in line " +
                           std::to_string(result.lines[static_cast<std::size_t>(first)]),
                       "keep one row for each item", "stands a second time");
    result.ids.number(id);
    result.lines.push_back(row.line);
    for (std::size_t i = 1; i < row.cells.size(); ++i)
        result.values[i - 1].emplace_back(row.cells[i]);
}

Keyed readKeyed(const ImportSpec &spec, const KeyedFile &file, ImportReport &report, const ProgressFn &progress,
                const std::stop_token &stop)
{
    const auto reader = RowReader::open(file.path, file.format, stop);
    std::vector<std::size_t> wanted = places(*reader, file);
    Keyed result;
    for (std::size_t i = 1; i < wanted.size(); ++i)
        result.columns.push_back(reader->columns()[wanted[i]]);
    result.values.resize(result.columns.size());
    result.where = reader->path().string();
    result.idColumn = reader->columns()[wanted.front()];
    std::vector<char> needed{1};
    for (const std::string &column : result.columns)
        needed.push_back(std::find(file.useful.begin(), file.useful.end(), column) != file.useful.end());
    reader->select(std::move(wanted), std::move(needed));
    BadRows bad(spec, report, *reader);
    ProgressMeter meter(std::string("reading ") + file.role, "bytes", reader->bytesTotal(), progress);
    Row row;
    std::int64_t count = 0, bytes = 0;
    while (bad.next(row)) {
        if (count++ % pollEvery == 0) {
            throwIfStopped(stop);
            meter.advance(reader->bytesRead() - bytes);
            bytes = reader->bytesRead();
        }
        take(row, result, bad);
    }
    meter.advance(std::max<std::int64_t>(0, reader->bytesTotal() - bytes));
    bad.finish(result.ids.size());
    report.files.push_back({reader->path().filename().string(),
                            file.role,
                            {},
                            placeOf(reader->path()).fileBytes,
                            result.ids.size(),
                            bad.count()});
    return result;
}

std::size_t columnOf(const std::vector<std::string> &columns, const std::string &column)
{
    return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), column) - columns.begin());
}

/// Adds the columns of the descriptions to the items with their ids.
void join(Keyed &items, const Keyed &descriptions, ImportReport &report)
{
    std::vector<std::int32_t> row(static_cast<std::size_t>(items.ids.size()), -1);
    std::int64_t joined = 0;
    for (std::int32_t j = 0; j < static_cast<std::int32_t>(items.ids.size()); ++j) {
        row[static_cast<std::size_t>(j)] = descriptions.ids.find(items.ids[j]);
        joined += row[static_cast<std::size_t>(j)] >= 0 ? 1 : 0;
    }
    if (joined == 0)
        throw InputError("no description has the id of an item", descriptions.where,
                         "check that both files mean the same ids: the descriptions name \"" +
                             std::string(descriptions.ids[0]) + "\", the items \"" + std::string(items.ids[0]) + "\"");
    if (joined < descriptions.ids.size()) {
        report.warnings.push_back(std::to_string(descriptions.ids.size() - joined) + " of " +
                                  std::to_string(descriptions.ids.size()) + " descriptions have the id of no item");
        report.leftOut.push_back({"descriptions", "has the id of no item", descriptions.ids.size() - joined, 0});
    }
    if (joined < items.ids.size())
        report.warnings.push_back(std::to_string(items.ids.size() - joined) + " of " +
                                  std::to_string(items.ids.size()) + " items have no description");
    const std::vector<std::string> known = items.columns;
    for (std::size_t c = 0; c < descriptions.columns.size(); ++c) {
        if (descriptions.columns[c] == descriptions.idColumn)
            continue;
        const bool taken = std::find(known.begin(), known.end(), descriptions.columns[c]) != known.end();
        items.columns.push_back((taken ? "descriptions." : "") + descriptions.columns[c]);
        std::vector<std::string> &values = items.values.emplace_back();
        values.reserve(row.size());
        for (const std::int32_t from : row)
            values.push_back(from < 0 ? std::string() : descriptions.values[c][static_cast<std::size_t>(from)]);
    }
}

/// A template with the places of its columns.
struct Filler {
    TextTemplate pattern;
    std::vector<std::size_t> columns;

    Filler(const std::string &text, const std::string &field, const Keyed &items) : pattern(text, field)
    {
        for (const std::string &column : pattern.columns()) {
            columns.push_back(columnOf(items.columns, column));
            if (columns.back() == items.columns.size())
                throw InputError("{" + column + "} names no column of " + items.where, field,
                                 "its columns are: " + listed(items.columns));
        }
    }

    std::string fill(const Keyed &items, std::size_t row, const Cleaning &rules) const
    {
        std::vector<std::string> clean;
        for (const std::size_t column : columns)
            clean.push_back(cleaned(items.values[column][row], rules));
        const std::vector<std::string_view> views(clean.begin(), clean.end());
        return pattern.fill(views);
    }
};

/// The text's empty and refusing values, for someone to look at.
void review(const Keyed &items, const Filler &text, const ItemRows &rows, const Cleaning &rules, std::size_t j,
            ImportReport &report)
{
    Cleaning showing = rules;
    showing.refusals = false;
    for (const std::size_t column : text.columns) {
        const std::string value = cleaned(items.values[column][j], showing);
        if (!isRefusal(value))
            continue;
        report.review.push_back({ReviewText::Kind::Refusal, std::string(rows.ids[static_cast<std::int32_t>(j)]),
                                 rows.lines[j], rows.titles[j], value});
        return;
    }
    if (rows.texts[j].empty())
        report.review.push_back({ReviewText::Kind::Empty,
                                 std::string(rows.ids[static_cast<std::int32_t>(j)]),
                                 rows.lines[j],
                                 rows.titles[j],
                                 {}});
}

/// The columns that a template names, also as a file of descriptions calls them.
std::vector<std::string> namedBy(const std::string &pattern, const std::string &field)
{
    constexpr std::string_view prefix = "descriptions.";
    std::vector<std::string> columns = TextTemplate(pattern, field).columns();
    for (std::size_t i = 0, count = columns.size(); i < count; ++i)
        if (columns[i].starts_with(prefix))
            columns.push_back(columns[i].substr(prefix.size()));
    return columns;
}

/// Columns of the items file that the spec names.
std::vector<std::string> neededColumns(const ItemsSource &source)
{
    std::vector<std::string> needed;
    if (source.titleTemplate.empty() && !source.title.empty() && source.descriptions.empty())
        needed.push_back(source.title);
    return needed;
}

} // namespace

ItemRows readItemRows(const ImportSpec &spec, ImportReport &report, const ProgressFn &progress, std::stop_token stop)
{
    const ItemsSource &source = spec.items;
    if (trimmed(source.textTemplate).empty())
        throw InputError("is empty", "text template", "name what the encoder reads, such as {title}");
    std::vector<std::string> useful = namedBy(source.textTemplate, "text template"); // malformed ones fail here
    std::string titleTemplate = source.titleTemplate;
    std::string titleField = "title template";
    if (titleTemplate.empty() && !source.title.empty()) {
        titleTemplate = "{" + source.title + "}";
        titleField = "title column";
    }
    if (!titleTemplate.empty())
        for (std::string &column : namedBy(titleTemplate, titleField))
            useful.push_back(std::move(column));

    Keyed items = readKeyed(
        spec, {"items", source.file, source.format, source.id, neededColumns(source), source.allColumns, useful},
        report, progress, stop);
    if (!source.descriptions.empty()) {
        const Keyed descriptions = readKeyed(spec,
                                             {"descriptions",
                                              source.descriptions,
                                              source.descriptionsFormat,
                                              source.descriptionsId,
                                              {},
                                              source.allColumns,
                                              useful},
                                             report, progress, stop);
        join(items, descriptions, report);
    }
    const Filler text(source.textTemplate, "text template", items);
    std::optional<Filler> title;
    if (!titleTemplate.empty())
        title.emplace(titleTemplate, titleField, items);

    ItemRows rows;
    rows.ids = std::move(items.ids);
    rows.lines = std::move(items.lines);
    const auto count = static_cast<std::size_t>(rows.ids.size());
    rows.titles.resize(count);
    rows.texts.resize(count);
    for (std::size_t j = 0; j < count; ++j) {
        if (j % static_cast<std::size_t>(pollEvery) == 0)
            throwIfStopped(stop);
        if (title)
            rows.titles[j] = title->fill(items, j, source.cleaning);
        if (rows.titles[j].empty())
            rows.titles[j] = rows.ids[static_cast<std::int32_t>(j)];
        rows.texts[j] = text.fill(items, j, source.cleaning);
        review(items, text, rows, source.cleaning, j, report);
    }
    rows.columns = std::move(items.columns);
    rows.values = std::move(items.values);
    return rows;
}

} // namespace apiary::data
