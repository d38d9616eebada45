#include "data/row_reader.h"

#include "base/error.h"
#include "data/rows.h"
#include "data/strings.h"
#include "data/text_encoding.h"
#include "data/unpacked_file.h"

#include <algorithm>
#include <string_view>

namespace apiary::data {

namespace {

constexpr std::size_t rawSample = std::size_t{4} << 20;  ///< looked at for the encoding
constexpr std::size_t textSample = std::size_t{1} << 18; ///< looked at for delimiter, header and columns

std::string readStart(ByteSource &source, std::size_t most)
{
    std::string start(most, '\0');
    start.resize(source.read(start));
    return start;
}

FileKind binaryKind(std::string_view start)
{
    if (start.starts_with("PAR1"))
        return FileKind::Parquet;
    return start.starts_with("ARROW1") || start.starts_with("FEA1") ? FileKind::Feather : FileKind::Auto;
}

FileKind textKind(std::string_view start, const std::filesystem::path &path)
{
    const std::string_view text = start.substr(std::min(start.find_first_not_of(blanks), start.size()));
    if (text.starts_with('{'))
        return FileKind::JsonLines;
    if (!text.starts_with('['))
        return FileKind::Delimited;
    const std::string_view next = text.substr(std::min(text.find_first_not_of(blanks, 1), text.size()));
    if (next.starts_with('{') || next.starts_with('['))
        throw InputError("is one JSON array", path.string() + ":1",
                         "write one object a line, without the brackets and the commas between");
    return FileKind::Delimited;
}

/// Files that are no text and that people have are refused by name: what a decoder would say of them helps nobody.
void refuseOtherKinds(std::string_view start, const std::filesystem::path &path)
{
    using namespace std::string_view_literals;
    struct Kind {
        std::string_view magic;
        std::size_t at;
        const char *name;
        const char *remedy;
    };
    constexpr const char *once = "unpack it once";
    constexpr const char *unpack = "unpack it, or pack it as gzip or zip";
    constexpr const char *save = "save the table as CSV, JSON lines, Feather or Parquet";
    constexpr const char *pickle =
        "it may hold a program and is never opened: save the table as CSV, Feather or Parquet";
    static constexpr Kind kinds[] = {{"\x1F\x8B"sv, 0, "a gzip file within an archive", once},
                                     {"PK\x03\x04"sv, 0, "a zip file within an archive", once},
                                     {"1AY&SY"sv, 4, "a bzip2 file", unpack},
                                     {"\xFD\x37zXZ\0"sv, 0, "an xz file", unpack},
                                     {"\x28\xB5\x2F\xFD"sv, 0, "a Zstandard file", unpack},
                                     {"7z\xBC\xAF\x27\x1C"sv, 0, "a 7-Zip archive", unpack},
                                     {"Rar!\x1A\x07"sv, 0, "a RAR archive", unpack},
                                     {"ustar"sv, 257, "a tar archive", "unpack it, and name the table in it"},
                                     {"SQLite format 3\0"sv, 0, "an SQLite database", save},
                                     {"\xD0\xCF\x11\xE0"sv, 0, "an old Excel workbook", "save the sheet as CSV"},
                                     {"%PDF-"sv, 0, "a PDF document", save},
                                     {"\x93NUMPY"sv, 0, "a NumPy array", save},
                                     {"Obj\x01"sv, 0, "an Avro file", save},
                                     {"\x89HDF"sv, 0, "an HDF5 file", save},
                                     {"\x80\x02"sv, 0, "a Python pickle", pickle},
                                     {"\x80\x03"sv, 0, "a Python pickle", pickle},
                                     {"\x80\x04"sv, 0, "a Python pickle", pickle},
                                     {"\x80\x05"sv, 0, "a Python pickle", pickle}};
    for (const Kind &kind : kinds)
        if (start.size() > kind.at && start.substr(kind.at).starts_with(kind.magic))
            throw InputError(std::string("is ") + kind.name, path.string(), kind.remedy);
}

/// Decodes, with the encoding that was detected put into `format`.
TableText decodedText(const std::filesystem::path &path, const Place &place, std::string start,
                      std::unique_ptr<ByteSource> source, TableFormat &format)
{
    const bool whole = start.size() < rawSample;
    const bool named = format.encoding != Encoding::Auto;
    if (!named)
        format.encoding = detectEncoding(start, whole);
    auto text = decoded(withStart(std::move(start), std::move(source)), format.encoding, path.string());
    TableText result;
    result.start = readStart(*text, textSample);
    result.whole = result.start.size() < textSample;
    result.encodingNamed = named;
    result.bytes = place.bytes;
    result.source = withStart(result.start, std::move(text));
    return result;
}

} // namespace

std::unique_ptr<RowReader> RowReader::open(const std::filesystem::path &path, const TableFormat &given,
                                           std::stop_token stop)
{
    const Place place = placeOf(path);
    const std::filesystem::path shownPath = place.member.empty() ? place.file : place.file / place.member;
    auto source = openBytes(place);
    std::string start = readStart(*source, rawSample);
    TableFormat format = given;
    const FileKind binary = binaryKind(start);
    if (format.kind == FileKind::Auto && binary != FileKind::Auto)
        format.kind = binary;
    if (format.kind == FileKind::Feather || format.kind == FileKind::Parquet) {
        const int descriptor = place.packed ? UnpackedFile(start, *source, stop).release() : -1;
        return arrowRows(shownPath, format, descriptor, place.bytes, std::move(stop));
    }
    refuseOtherKinds(start, shownPath);
    TableText text = decodedText(shownPath, place, std::move(start), std::move(source), format);
    if (text.start.find_first_not_of("\r\n") == std::string::npos && text.whole)
        throw InputError("is empty", shownPath.string(), "give a file with a header and at least one row");
    if (format.kind == FileKind::Auto)
        format.kind = textKind(text.start, shownPath);
    return format.kind == FileKind::JsonLines ? jsonRows(shownPath, format, std::move(text))
                                              : delimitedRows(shownPath, format, std::move(text));
}

std::string RowReader::where(std::int64_t line, std::string_view column) const
{
    const bool binary = format().kind == FileKind::Feather || format().kind == FileKind::Parquet;
    std::string text = m_path.string() + (binary ? ", row " : ":") + std::to_string(line);
    if (!column.empty())
        text += ", column " + std::string(column);
    return text;
}

} // namespace apiary::data
