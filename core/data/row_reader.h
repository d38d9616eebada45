#pragma once

#include "data/table_format.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace apiary::data {

/// A row of a table. `cells` are UTF-8, those of the selected columns in their order, valid until the next row; numbers
/// of a binary file are written out in their shortest form, its times as ISO 8601, its nulls as empty cells.
struct Row {
    std::int64_t line = 0; ///< where it begins, from 1: a line of a text file, a row of a binary one
    std::vector<std::string_view> cells;
    std::string fault;       ///< why this row cannot be used; empty where it can
    std::string faultColumn; ///< where one column is at fault
    std::string remedy;
};

/// A key of JSON lines that came too late to be a column.
struct LateKey {
    std::string name;
    std::int64_t line = 0; ///< of the first row that has it
    std::int64_t rows = 0; ///< that have it
};

/// Walks over a table of any kind without holding more than a block of it: text with delimiters, JSON lines, Feather
/// (Arrow IPC) and Parquet, also inside gzip and zip (the last two are unpacked into a temporary file for it). The columns of
/// JSON lines are the keys of the first thousand (columnLines); later ones are counted, see lateKeys(). A path may lead into a zip as into
/// a folder ("ml-25m.zip/ml-25m/ratings.csv"); a zip with one table in it needs no more than its own name.
///
/// Delimited text is cut by a scanner of our own, since Arrow's reader neither knows delimiters of two characters nor
/// the line of a row that follows a quoted line end. What is wrong with one row is said in Row::fault and the next row
/// follows; what is wrong with the file throws InputError with file, line and remedy. One thread at a time.
class RowReader {
public:
    static std::unique_ptr<RowReader> open(const std::filesystem::path &path, const TableFormat &format,
                                           std::stop_token stop = {});
    virtual ~RowReader() = default;

    virtual const std::vector<std::string> &columns() const = 0;
    /// The same as they stand in the file, with blanks and types.
    virtual const std::vector<std::string> &rawColumns() const { return columns(); }
    /// What was found where the format left it open.
    virtual const TableFormat &format() const = 0;
    /// The columns that rows give, as indices into columns(), before the first next(); all where it is never called. Values
    /// that are neither texts nor numbers (objects, structs) are an error in columns that are `needed` (one flag a column;
    /// empty: all are), and "{…}" in others.
    virtual void select(std::vector<std::size_t> columns, std::vector<char> needed = {}) = 0;
    /// False at the end of the file.
    virtual bool next(Row &row) = 0;
    /// Keys among the rows so far that are no columns, by their first line; the first 100 of them.
    virtual std::vector<LateKey> lateKeys() const { return {}; }
    /// Bytes of the rows so far and of all, for progress: of the file on disk, or of the unpacked member of a zip; in all 0
    /// where that is not known.
    virtual std::int64_t bytesRead() const = 0;
    virtual std::int64_t bytesTotal() const = 0;

    /// "file:line" of a text file, "file, row N" of a binary one; with ", column NAME" where one is named.
    std::string where(std::int64_t line, std::string_view column = {}) const;
    /// Where a column of that name stands. Throws InputError that lists the columns, also where two have that name.
    std::size_t require(std::string_view column) const;
    const std::filesystem::path &path() const { return m_path; }

protected:
    std::filesystem::path m_path;
    std::int64_t m_headerLine = 1;
};

/// Lines of JSON whose keys are the columns, or fewer where they are longer than maxRowBytes together.
inline constexpr int columnLines = 1000;
/// Longest row of a text file, in bytes of UTF-8.
inline constexpr std::size_t maxRowBytes = std::size_t{16} << 20;

} // namespace apiary::data
