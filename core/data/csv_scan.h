#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apiary::data {

/// Walks the records of a delimited text file as Arrow's reader cuts them: a quote at the start of a field opens it,
/// a doubled quote inside stands for one, blank lines are none. Used for the header, for the lines of rows, and to
/// say what is wrong with a file that Arrow refused; the bulk of a file is read by Arrow.
class CsvScanner {
public:
    /// Throws InputError where `path` is missing, a folder, or cannot be opened.
    CsvScanner(const std::filesystem::path &path, char delimiter);

    /// Goes to the next record; false at the end of the file.
    bool next();

    std::int64_t line() const { return m_line; }     ///< where the record begins, from 1
    std::int64_t fields() const { return m_fields; } ///< of the record
    bool unclosed() const { return m_unclosed; }     ///< the file ended inside quotes
    /// The text of the record's fields, of 1 MiB of it at most.
    const std::vector<std::string> &texts() const { return m_texts; }
    /// Whether next() keeps texts; off at first.
    void keepTexts(bool keep) { m_keep = keep; }

private:
    int get();
    int peek();
    void put(int c);

    std::ifstream m_file;
    std::vector<char> m_block;
    std::size_t m_at = 0, m_size = 0;
    char m_delimiter;
    bool m_keep = false, m_unclosed = false;
    std::size_t m_kept = 0;
    std::int64_t m_line = 0, m_nextLine = 1, m_fields = 0;
    std::vector<std::string> m_texts;
};

/// Columns of a delimited text file.
struct CsvHeader {
    char delimiter = ',';
    std::int64_t line = 1;
    std::vector<std::string> raw;   ///< as they stand in the file
    std::vector<std::string> names; ///< without blanks around them and without RecBole's type ("user_id:token")

    /// Where `column` stands, by its name or as it stands in the file.
    std::optional<std::size_t> find(std::string_view column) const;
    /// As find(). Throws InputError naming `path` and its columns, also where two columns have that name.
    std::size_t require(std::string_view column, const std::filesystem::path &path) const;
};

/// The header under `delimiter` (one character, or "\t" written out) or, where that is empty, under the one of tab,
/// comma, semicolon and pipe that finds most of the wanted columns and then gives most columns.
/// Throws InputError where the file is missing, a folder, empty, or no UTF-8 text.
CsvHeader readHeader(const std::filesystem::path &path, const std::string &delimiter,
                     const std::vector<std::string> &wanted);

/// The line where data row `row` (from 0, the header not counted) begins; 0 where there is none.
std::int64_t lineOfRow(const std::filesystem::path &path, char delimiter, std::int64_t row);

/// Throws InputError for the first record whose number of fields is not the header's, and for quotes that never end, both
/// where there are both; returns where there is none.
void throwCsvFault(const std::filesystem::path &path, const CsvHeader &header);

/// Strict UTF-8 (no overlong forms, no surrogates).
bool isUtf8(std::string_view bytes);

} // namespace apiary::data
