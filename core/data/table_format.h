#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace apiary::data {

/// What a table's bytes are. Auto is decided by their first bytes, never by the file's name.
enum class FileKind { Auto, Delimited, JsonLines, Feather, Parquet };

/// Auto: a byte order mark, else UTF-16 where every other byte of the start is mostly zero, else UTF-8 where the first
/// 4 MiB are valid UTF-8 or hold its characters far more often than bytes that are none (rows with those are bad rows),
/// else Windows-1252, of which Latin-1's printable characters are a part.
enum class Encoding { Auto, Utf8, Utf16Le, Utf16Be, Windows1252, Latin1 };

/// How a file's bytes become rows. What is Auto, empty or not set is detected; previewTable() says what was found.
struct TableFormat {
    FileKind kind = FileKind::Auto;
    Encoding encoding = Encoding::Auto;
    std::string delimiter;            ///< one to four characters, such as "," or "::"; "\t" may be written out
    std::optional<bool> header;       ///< whether the first row names the columns
    std::optional<bool> quotes;       ///< whether "…" encloses fields that hold delimiters and line ends
    std::vector<std::string> columns; ///< the columns' names where there is no header; else column1, column2 …

    friend bool operator==(const TableFormat &, const TableFormat &) = default;
};

/// "delimited", "json-lines", "feather", "parquet", "auto"; "utf-8", "utf-16le", "utf-16be", "windows-1252", "latin-1",
/// "auto".
std::string nameOf(FileKind kind);
std::string nameOf(Encoding encoding);
/// The one of that name. Throws InputError with `field` as its place.
FileKind fileKindOf(const std::string &name, const std::string &field);
Encoding encodingOf(const std::string &name, const std::string &field);

} // namespace apiary::data
