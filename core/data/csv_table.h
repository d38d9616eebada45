#pragma once

#include "data/csv_scan.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace apiary::data {

/// A column of strings in one block of memory; copies share it.
class TextColumn {
public:
    TextColumn() = default;
    /// Value r is bytes[offsets[r] .. offsets[r + 1]); `owner` keeps both alive.
    TextColumn(std::shared_ptr<const void> owner, const std::int64_t *offsets, const char *bytes)
        : m_owner(std::move(owner))
        , m_offsets(offsets)
        , m_bytes(bytes)
    {
    }

    std::string_view operator[](std::int64_t row) const
    {
        return {m_bytes + m_offsets[row], static_cast<std::size_t>(m_offsets[row + 1] - m_offsets[row])};
    }

private:
    std::shared_ptr<const void> m_owner;
    const std::int64_t *m_offsets = nullptr;
    const char *m_bytes = nullptr;
};

/// Columns of a delimited text file as UTF-8 strings: nothing is guessed of their types. Quoted fields may hold
/// delimiters and line ends; every row has as many fields as the header.
class CsvTable {
public:
    /// Reads the named columns, or all where `all` is set (`wanted` must be among them in any case).
    /// Throws InputError with file, line and column for all that is wrong with the file; Cancelled on stop.
    static CsvTable read(const std::filesystem::path &path, const std::string &delimiter,
                         const std::vector<std::string> &wanted, bool all, std::stop_token stop);

    std::int64_t rows() const { return m_rows; }
    const std::vector<std::string> &names() const { return m_header.names; } ///< of all columns of the file
    bool has(std::string_view column) const { return m_header.find(column).has_value(); }
    /// Throws InputError where there is none of that name.
    const TextColumn &column(std::string_view name) const;

    /// "file:line" of a data row, found by walking the file: for messages.
    std::string where(std::int64_t row) const;
    /// "file:line, column NAME".
    std::string where(std::int64_t row, std::string_view column) const;
    std::int64_t line(std::int64_t row) const { return lineOfRow(m_path, m_header.delimiter, row); }
    const std::filesystem::path &path() const { return m_path; }
    /// "file:line" of the header.
    std::string header() const { return m_path.string() + ":" + std::to_string(m_header.line); }

private:
    std::filesystem::path m_path;
    CsvHeader m_header;
    std::int64_t m_rows = 0;
    std::map<std::size_t, TextColumn> m_columns; ///< place in the header → values
};

} // namespace apiary::data
