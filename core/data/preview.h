#pragma once

#include "data/row_reader.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace apiary::data {

/// What a column means. Text columns are those an item's text may be made from.
enum class Role { None, User, Item, Rating, Time, Title, Text };
std::string nameOf(Role role); ///< "user", "item", "rating", "time", "title", "text", ""

/// A row that could not be used, and why.
struct BadRow {
    std::string file; ///< without its folder
    std::int64_t line = 0;
    std::string column; ///< empty where the whole row is at fault
    std::string reason;
};

/// The beginning of a table.
struct Preview {
    TableFormat format; ///< as given, with what was detected filled in
    std::vector<std::string> columns;
    std::vector<Role> roles;                    ///< one a column: a guess, for the user to change
    std::vector<std::vector<std::string>> rows; ///< cells by column; long ones whole
    std::vector<std::int64_t> lines;            ///< where each of the rows begins
    std::vector<BadRow> bad;                    ///< among those looked at
    std::int64_t fileBytes = 0;

    /// The first column of a role; empty where there is none.
    std::string column(Role role) const;
};

/// Reads the first rows of a table. Throws InputError as RowReader, but where the fault is in a row behind others: that one
/// is the last of `bad`. An archive of several tables is an error that lists
/// them (see tablesIn()).
Preview previewTable(const std::filesystem::path &path, const TableFormat &format = {}, int maxRows = 50,
                     std::stop_token stop = {});

/// The tables inside a zip, as paths that previewTable() takes; `path` alone where it is no zip.
std::vector<std::filesystem::path> tablesIn(const std::filesystem::path &path);

/// Guesses roles from the names of columns and, where names say nothing, from the cells: at most one column each is User,
/// Item, Rating, Time and Title. `named` false: the names were made up.
std::vector<Role> guessRoles(const std::vector<std::string> &columns, const std::vector<std::vector<std::string>> &rows,
                             bool named);

} // namespace apiary::data
