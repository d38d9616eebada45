#include "data/row_reader.h"

#include "base/error.h"
#include "data/rows.h"
#include "data/strings.h"
#include "data/text_encoding.h"

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
    result.fileBytes = place.fileBytes;
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
        if (place.packed)
            throw InputError("is a " + nameOf(format.kind) + " file within an archive", shownPath.string(),
                             "unpack it: this format is read from several places at once");
        return arrowRows(shownPath, format, std::move(stop));
    }
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
