#include "base/error.h"
#include "data/import.h"
#include "data/numbers.h"
#include "data/strings.h"
#include "data/text_template.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace apiary::data {

namespace {

constexpr int guessRows = 1000;

/// The unit of a column's cells, see TimeUnit::Auto.
TimeUnit unitOf(const Preview &preview, const std::string &column)
{
    const auto found = std::find(preview.columns.begin(), preview.columns.end(), column);
    if (found == preview.columns.end())
        return TimeUnit::Seconds;
    const auto place = static_cast<std::size_t>(found - preview.columns.begin());
    double largest = 0;
    std::size_t numbers = 0, dates = 0;
    for (const auto &row : preview.rows) {
        if (const auto value = finiteNumber(row[place])) {
            ++numbers;
            largest = std::max(largest, std::abs(*value));
        } else if (unixSeconds(row[place], TimeUnit::Iso)) {
            ++dates;
        }
    }
    constexpr double milliseconds = 1e11, microseconds = 1e14;
    if (dates > numbers)
        return TimeUnit::Iso;
    if (largest >= microseconds)
        return TimeUnit::Microseconds;
    return largest >= milliseconds ? TimeUnit::Milliseconds : TimeUnit::Seconds;
}

void requireGuess(const std::string &column, const char *meaning, const std::filesystem::path &file,
                  const Preview &preview)
{
    if (column.empty())
        throw InputError(std::string("it cannot be told which column holds the ") + meaning, file.string(),
                         "name it; the columns are: " + listed(preview.columns));
}

void completeInteractions(ImportSpec &spec, const std::stop_token &stop)
{
    InteractionsSource &source = spec.interactions;
    const Preview preview = previewTable(source.file, source.format, guessRows, stop);
    source.format = preview.format;
    const auto fill = [&preview, &source, guess = spec.guess](std::string &column, Role role) {
        const std::string found = preview.column(role);
        const bool taken =
            found == source.user || found == source.item || found == source.rating || found == source.time;
        if (guess && column.empty() && !taken)
            column = found;
    };
    fill(source.user, Role::User);
    fill(source.item, Role::Item);
    fill(source.rating, Role::Rating);
    fill(source.time, Role::Time);
    requireGuess(source.user, "users", source.file, preview);
    requireGuess(source.item, "items", source.file, preview);
    if (source.timeUnit == TimeUnit::Auto)
        source.timeUnit = source.time.empty() ? TimeUnit::Seconds : unitOf(preview, source.time);
}

/// "{title}. {overview}", of the title and the columns that look like texts.
std::string guessedTemplate(const std::string &title, const std::vector<std::string> &texts)
{
    std::string pattern = title.empty() ? std::string() : "{" + title + "}";
    for (const std::string &column : texts)
        pattern += (pattern.empty() ? "{" : ". {") + column + "}";
    return pattern;
}

void completeItems(ImportSpec &spec, const std::stop_token &stop)
{
    ItemsSource &source = spec.items;
    const Preview preview = previewTable(source.file, source.format, guessRows, stop);
    source.format = preview.format;
    std::vector<std::string> texts;
    const auto addTexts = [&texts](const Preview &from, const std::string &except,
                                   const std::vector<std::string> &known) {
        for (std::size_t i = 0; i < from.columns.size(); ++i)
            if (from.roles[i] == Role::Text && from.columns[i] != except) {
                const bool taken = std::find(known.begin(), known.end(), from.columns[i]) != known.end();
                texts.push_back((taken ? "descriptions." : "") + from.columns[i]);
            }
    };
    if (spec.guess && source.id.empty())
        source.id = preview.column(Role::Item);
    requireGuess(source.id, "items' ids", source.file, preview);
    if (spec.guess && source.title.empty() && source.titleTemplate.empty())
        source.title = preview.column(Role::Title);
    if (source.descriptions.empty()) {
        addTexts(preview, source.id, {});
    } else {
        const Preview more = previewTable(source.descriptions, source.descriptionsFormat, guessRows, stop);
        source.descriptionsFormat = more.format;
        if (spec.guess && source.descriptionsId.empty()) {
            const bool same = std::find(more.columns.begin(), more.columns.end(), source.id) != more.columns.end();
            source.descriptionsId = same ? source.id : more.column(Role::Item);
        }
        requireGuess(source.descriptionsId, "ids of the descriptions", source.descriptions, more);
        addTexts(more, source.descriptionsId, preview.columns);
    }
    if (spec.guess && trimmed(source.textTemplate).empty())
        source.textTemplate = guessedTemplate(source.title, texts);
    if (trimmed(source.textTemplate).empty())
        throw InputError("it cannot be told which columns make an item's text", source.file.string(),
                         "give a template such as {title}; the columns are: " + listed(preview.columns));
}

} // namespace

ImportSpec completed(ImportSpec spec, std::stop_token stop)
{
    completeInteractions(spec, stop);
    completeItems(spec, stop);
    return spec;
}

std::vector<std::string> doubtfulGuesses(const ImportSpec &given, const ImportSpec &completed)
{
    std::vector<std::string> doubts;
    const auto look = [&doubts](const std::filesystem::path &file, const TableFormat &before,
                                const TableFormat &after) {
        const bool text = after.kind == FileKind::Delimited || after.kind == FileKind::JsonLines;
        if (text && before.encoding == Encoding::Auto && after.encoding == Encoding::Windows1252)
            doubts.push_back(file.filename().string() +
                             ": is no UTF-8 and was read as Windows-1252, which is a guess; name its encoding where "
                             "letters with accents look wrong");
    };
    look(completed.interactions.file, given.interactions.format, completed.interactions.format);
    look(completed.items.file, given.items.format, completed.items.format);
    look(completed.items.descriptions, given.items.descriptionsFormat, completed.items.descriptionsFormat);
    return doubts;
}

ItemsPreview previewItems(const ItemsSource &items, int maxRows, int lookAt, std::stop_token stop)
{
    const Preview first = previewTable(items.file, items.format, maxRows, stop);
    ItemsPreview result{first.columns, first.rows};
    if (items.descriptions.empty())
        return result;
    const Preview more = previewTable(items.descriptions, items.descriptionsFormat, lookAt, stop);
    const auto placeOf = [](const Preview &preview, const std::string &column, const std::filesystem::path &file) {
        const auto found = std::find(preview.columns.begin(), preview.columns.end(), column);
        if (found == preview.columns.end())
            throw InputError("there is no column \"" + column + "\"", file.string(),
                             "its columns are: " + listed(preview.columns));
        return static_cast<std::size_t>(found - preview.columns.begin());
    };
    const std::size_t id = placeOf(first, items.id, items.file);
    const std::size_t key = placeOf(more, items.descriptionsId, items.descriptions);
    std::unordered_map<std::string, std::size_t> rows;
    for (std::size_t i = 0; i < more.rows.size(); ++i)
        rows.try_emplace(std::string(trimmed(more.rows[i][key])), i);
    for (std::size_t c = 0; c < more.columns.size(); ++c) {
        if (c == key)
            continue;
        const bool taken =
            std::find(first.columns.begin(), first.columns.end(), more.columns[c]) != first.columns.end();
        result.columns.push_back((taken ? "descriptions." : "") + more.columns[c]);
        for (std::size_t i = 0; i < result.rows.size(); ++i) {
            const auto found = rows.find(std::string(trimmed(result.rows[i][id])));
            result.rows[i].push_back(found == rows.end() ? std::string() : more.rows[found->second][c]);
        }
    }
    return result;
}

std::string composeText(const std::string &textTemplate, const Cleaning &cleaning,
                        const std::vector<std::string> &columns, const std::vector<std::string> &cells,
                        const std::string &field)
{
    const TextTemplate pattern(textTemplate, field);
    std::vector<std::string> values;
    for (const std::string &column : pattern.columns()) {
        const auto found = std::find(columns.begin(), columns.end(), column);
        if (found == columns.end())
            throw InputError("{" + column + "} names no column", field, "the columns are: " + listed(columns));
        values.push_back(cleaned(cells.at(static_cast<std::size_t>(found - columns.begin())), cleaning));
    }
    const std::vector<std::string_view> views(values.begin(), values.end());
    return pattern.fill(views);
}

} // namespace apiary::data
