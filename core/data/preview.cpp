#include "data/preview.h"

#include "base/cancel.h"
#include "base/error.h"
#include "data/byte_source.h"
#include "data/numbers.h"
#include "data/strings.h"
#include "hub/member_stream.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace apiary::data {

namespace {

using Rows = std::vector<std::vector<std::string>>;

/// Letters and digits in lower case: "User ID" and "user_id" are one name.
std::string folded(std::string_view name)
{
    std::string text;
    for (const char c : name)
        if (std::isalnum(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80)
            text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

/// Names of columns by what they mean, the more telling first.
struct KnownNames {
    Role role;
    std::vector<std::string_view> names;
};

const std::vector<KnownNames> &knownNames()
{
    static const std::vector<KnownNames> known{
        {Role::User,
         {"userid", "user", "uid", "reviewerid", "customerid", "customer", "memberid", "visitorid", "sessionid",
          "authoridhash", "username"}},
        {Role::Item,
         {"itemid", "item", "iid", "parentasin", "asin", "movieid", "bookid", "productid", "product", "gameid",
          "trackid", "songid", "artistid", "articleid", "newsid", "recipeid", "isbn", "id"}},
        {Role::Rating, {"rating", "ratings", "score", "stars", "overall", "rate", "starrating", "bookrating", "value"}},
        {Role::Time,
         {"timestamp", "time", "unixreviewtime", "datetime", "date", "ts", "createdat", "ratedat", "unixtime",
          "sorttimestamp"}},
        {Role::Title,
         {"title", "movietitle", "booktitle", "itemtitle", "name", "itemname", "productname", "producttitle",
          "originaltitle"}},
        {Role::Text, {"description", "descriptions", "itemdescription", "llama31description",
                      "overview",    "plot",         "summary",         "synopsis",
                      "text",        "abstract",     "content",         "genres",
                      "genre",       "class",        "categories",      "category",
                      "tags",        "features",     "feature",         "about",
                      "body"}}};
    return known;
}

/// What the cells of a column look like.
struct Looks {
    std::size_t filled = 0;
    std::size_t numbers = 0;
    std::size_t dates = 0;
    double least = 0, most = 0;
    std::size_t spaced = 0; ///< of several words
    double meanLength = 0;
    std::size_t tens = 0;   ///< of exactly ten letters and digits: Amazon's products
    std::size_t longAs = 0; ///< of 12 letters and digits or more that begin with A: Amazon's reviewers

    bool all(std::size_t count) const { return filled > 0 && count == filled; }
    bool rating() const { return all(numbers) && least >= -10 && most <= 100; }
    bool time() const { return all(dates) || (all(numbers) && least > 1e8); }
    bool prose() const { return 2 * spaced > filled && meanLength >= 40; }
};

Looks looks(const Rows &rows, std::size_t column)
{
    Looks result;
    double length = 0;
    for (const auto &row : rows) {
        const std::string_view cell = trimmed(row[column]);
        if (cell.empty())
            continue;
        length += static_cast<double>(cell.size());
        result.spaced += cell.find(' ') != std::string_view::npos ? 1 : 0;
        ++result.filled;
        result.dates += unixSeconds(cell, TimeUnit::Iso) ? 1 : 0;
        const bool plain = std::all_of(cell.begin(), cell.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
        result.tens += plain && cell.size() == 10 ? 1 : 0;
        result.longAs += plain && cell.size() >= 12 && cell.front() == 'A' ? 1 : 0;
        const auto value = finiteNumber(cell);
        if (!value)
            continue;
        result.least = result.numbers == 0 ? *value : std::min(result.least, *value);
        result.most = result.numbers == 0 ? *value : std::max(result.most, *value);
        ++result.numbers;
    }
    result.meanLength = result.filled > 0 ? length / static_cast<double>(result.filled) : 0;
    return result;
}

bool unused(const std::vector<Role> &roles, Role role)
{
    return std::find(roles.begin(), roles.end(), role) == roles.end();
}

/// Ratings and times by columns that look like it, failing that by their name alone: then their rows will say what is
/// wrong with them.
void guessByName(const std::vector<std::string> &columns, const std::vector<Looks> &seen, std::vector<Role> &roles)
{
    const auto fits = [&seen](Role role, std::size_t i) {
        return role == Role::Rating ? seen[i].numbers > 0 : role != Role::Time || seen[i].time();
    };
    for (const bool byNameAlone : {false, true})
        for (const KnownNames &known : knownNames())
            for (const std::string_view name : known.names)
                for (std::size_t i = 0; i < columns.size(); ++i)
                    if (roles[i] == Role::None && folded(columns[i]) == name && (byNameAlone || fits(known.role, i)) &&
                        (known.role == Role::Text || unused(roles, known.role)))
                        roles[i] = known.role;
}

/// For files without names: the first two columns are ids unless they look like something else, the others by their looks.
void guessByPlace(const std::vector<Looks> &columns, std::vector<Role> &roles)
{
    if (columns.size() < 2)
        return;
    const bool items = columns.size() > 4 || columns[1].prose() ||
                       (columns[1].filled > 0 && columns[1].numbers == 0 && columns[1].tens == 0 &&
                        columns[1].longAs == 0 && columns[1].meanLength > 8);
    if (items) {
        roles[0] = Role::Item;
        roles[1] = Role::Title;
        return;
    }
    const bool swapped = columns[0].all(columns[0].tens) && columns[1].all(columns[1].longAs);
    roles[0] = swapped ? Role::Item : Role::User;
    roles[1] = swapped ? Role::User : Role::Item;
    for (std::size_t i = 2; i < columns.size(); ++i) {
        if (columns[i].time() && unused(roles, Role::Time))
            roles[i] = Role::Time;
        else if (columns[i].rating() && unused(roles, Role::Rating))
            roles[i] = Role::Rating;
    }
}

constexpr std::array<std::pair<Role, const char *>, 7> roleNames{{{Role::None, ""},
                                                                  {Role::User, "user"},
                                                                  {Role::Item, "item"},
                                                                  {Role::Rating, "rating"},
                                                                  {Role::Time, "time"},
                                                                  {Role::Title, "title"},
                                                                  {Role::Text, "text"}}};

} // namespace

std::string nameOf(Role role)
{
    for (const auto &[known, name] : roleNames)
        if (known == role)
            return name;
    return {};
}

std::string Preview::column(Role role) const
{
    const auto found = std::find(roles.begin(), roles.end(), role);
    return found == roles.end() ? std::string() : columns[static_cast<std::size_t>(found - roles.begin())];
}

std::vector<Role> guessRoles(const std::vector<std::string> &columns, const Rows &rows, bool named)
{
    std::vector<Role> roles(columns.size(), Role::None);
    std::vector<Looks> seen;
    for (std::size_t i = 0; i < columns.size(); ++i)
        seen.push_back(looks(rows, i));
    if (named)
        guessByName(columns, seen, roles);
    else
        guessByPlace(seen, roles);
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (roles[i] == Role::None && seen[i].prose() && unused(roles, Role::User))
            roles[i] = Role::Text;
    return roles;
}

namespace {

/// The reader's next row. Behind others a row that nothing can be read beyond ends the preview as a bad row of it.
bool nextOrFault(RowReader &reader, Row &row, Preview &preview)
{
    row.line = 0;
    try {
        return reader.next(row);
    } catch (const InputError &error) {
        if (row.line == 0 || (preview.rows.empty() && preview.bad.empty()))
            throw;
        preview.bad.push_back({reader.path().filename().string(), row.line, {}, error.problem()});
        return false;
    }
}

} // namespace

Preview previewTable(const std::filesystem::path &path, const TableFormat &format, int maxRows, std::stop_token stop)
{
    const auto reader = RowReader::open(path, format, stop);
    Preview preview;
    preview.format = reader->format();
    preview.columns = reader->columns();
    const Place place = placeOf(path);
    preview.fileBytes = place.member.empty() || place.bytes == 0 ? place.fileBytes : place.bytes;
    Row row;
    while (static_cast<int>(preview.rows.size()) < maxRows && nextOrFault(*reader, row, preview)) {
        throwIfStopped(stop);
        if (!row.fault.empty()) {
            preview.bad.push_back({reader->path().filename().string(), row.line, row.faultColumn, row.fault});
            if (static_cast<int>(preview.bad.size()) >= maxRows)
                break;
            continue;
        }
        preview.rows.emplace_back(row.cells.begin(), row.cells.end());
        preview.lines.push_back(row.line);
    }
    const bool named =
        preview.format.kind != FileKind::Delimited || preview.format.header.value_or(true) || !format.columns.empty();
    preview.roles = guessRoles(preview.columns, preview.rows, named);
    return preview;
}

std::vector<std::filesystem::path> tablesIn(const std::filesystem::path &path)
{
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored) || hub::packingOf(path) != hub::Packing::Zip)
        return {path};
    std::vector<std::filesystem::path> tables;
    for (const std::string &member : tableMembers(path))
        tables.push_back(path / member);
    return tables;
}

} // namespace apiary::data
