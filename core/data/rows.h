#pragma once

#include "data/byte_source.h"
#include "data/row_reader.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace apiary::data {

/// Text of a table, decoded, with what its beginning says of it.
struct TableText {
    std::unique_ptr<ByteSource> source; ///< all of it, the beginning included
    std::string start;                  ///< the beginning, as a copy
    bool whole = false;                 ///< `start` is all there is
    bool encodingNamed = false;         ///< by the format that was given, not found
    std::int64_t bytes = 0;             ///< that the source counts up to
};

std::unique_ptr<RowReader> delimitedRows(const std::filesystem::path &path, const TableFormat &format, TableText text);
std::unique_ptr<RowReader> jsonRows(const std::filesystem::path &path, const TableFormat &format, TableText text);
/// Feather or Parquet. `descriptor`: of the file where it was unpacked, which then belongs to the reader; -1: it lies at
/// `path`. `bytes`: its size, for progress.
std::unique_ptr<RowReader> arrowRows(const std::filesystem::path &path, const TableFormat &format, int descriptor,
                                     std::int64_t bytes, std::stop_token stop);

/// A value that is neither text nor number, where it does not matter.
inline constexpr const char *otherValue = "{…}";

/// A delimiter as it is written in options: one to four characters, "\t" written out. Throws InputError.
std::string delimiterOf(const std::string &text);

/// Names of columns without blanks and RecBole's types; "column3" where one is empty.
std::vector<std::string> columnNames(const std::vector<std::string> &raw);

/// Where in `names` (or, failing that, in `raw`) a column stands. Throws InputError with `where`, also for two of a name.
std::size_t requireColumn(std::string_view column, const std::vector<std::string> &names,
                          const std::vector<std::string> &raw, const std::string &where);

} // namespace apiary::data
