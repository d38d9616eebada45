#include "data/csv_scan.h"

#include "base/error.h"
#include "data/strings.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace apiary::data {

namespace {

constexpr std::size_t mostText = std::size_t{1} << 20;
constexpr int endOfFile = -1;
constexpr const char *encodingRemedy = "save the file as text in UTF-8";
constexpr const char *unclosedProblem = "the quotes of a field that begins in this row are never closed";
constexpr const char *unclosedRemedy = "close them, or double a quote that is part of the text";

std::string fileLine(const std::filesystem::path &path, std::int64_t line)
{
    return path.string() + ":" + std::to_string(line);
}

std::string withoutType(std::string_view column)
{
    column = trimmed(column);
    for (const std::string_view type : {":token_seq", ":float_seq", ":token", ":float"})
        if (column.ends_with(type) && column.size() > type.size())
            return std::string(trimmed(column.substr(0, column.size() - type.size())));
    return std::string(column);
}

char delimiterOf(const std::string &text)
{
    if (text == "\\t")
        return '\t';
    if (text.size() == 1 && text != "\"" && text != "\n" && text != "\r")
        return text.front();
    throw InputError("\"" + text + "\" does not separate columns", "delimiter",
                     "give one character such as , ; | or \\t, or leave it empty");
}

struct FirstRecord {
    CsvHeader header;
    bool unclosed = false;
    bool cut = false; ///< longer than what is kept of a record
};

FirstRecord firstRecord(const std::filesystem::path &path, char delimiter)
{
    CsvScanner scanner(path, delimiter);
    scanner.keepTexts(true);
    if (!scanner.next())
        throw InputError("is empty", path.string(), "give a file with a header and at least one row");
    FirstRecord record;
    record.header = {delimiter, scanner.line(), scanner.texts(), {}};
    for (const std::string &column : record.header.raw)
        record.header.names.push_back(withoutType(column));
    record.unclosed = scanner.unclosed();
    record.cut = static_cast<std::int64_t>(record.header.raw.size()) != scanner.fields();
    return record;
}

CsvHeader checked(FirstRecord record, const std::filesystem::path &path)
{
    const std::string where = fileLine(path, record.header.line);
    for (const std::string &column : record.header.raw)
        if (!isUtf8(column) || column.find('\0') != std::string::npos)
            throw InputError("is no text in UTF-8", where, encodingRemedy);
    if (record.unclosed)
        throw InputError(unclosedProblem, where, unclosedRemedy);
    if (record.cut)
        throw InputError("has a header of more than a megabyte", where, "check that it is a table");
    return std::move(record.header);
}

} // namespace

CsvScanner::CsvScanner(const std::filesystem::path &path, char delimiter)
    : m_block(std::size_t{1} << 16)
    , m_delimiter(delimiter)
{
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (path.empty() || status.type() == std::filesystem::file_type::not_found)
        throw InputError(path.empty() ? "no file is named" : "there is no such file", path.string(), "check the path");
    if (std::filesystem::is_directory(status))
        throw InputError("is a folder, not a file", path.string(), "name the file in it");
    errno = 0;
    m_file.open(path, std::ios::binary);
    if (!m_file)
        throw InputError("cannot be read: " + std::generic_category().message(errno), path.string(),
                         "check its permissions");
    if (get() == 0xEF && get() == 0xBB && get() == 0xBF)
        return; // a byte order mark
    m_at = 0;
}

int CsvScanner::peek()
{
    if (m_at == m_size) {
        m_file.read(m_block.data(), static_cast<std::streamsize>(m_block.size()));
        m_size = static_cast<std::size_t>(m_file.gcount());
        m_at = 0;
        if (m_size == 0)
            return endOfFile;
    }
    return static_cast<unsigned char>(m_block[m_at]);
}

int CsvScanner::get()
{
    const int c = peek();
    if (c != endOfFile)
        ++m_at;
    return c;
}

void CsvScanner::put(int c)
{
    if (m_keep && m_kept++ < mostText)
        m_texts.back() += static_cast<char>(c);
}

bool CsvScanner::next()
{
    int c = peek();
    for (; c == '\n' || c == '\r'; c = peek()) {
        get();
        m_nextLine += c == '\n' || peek() != '\n' ? 1 : 0;
    }
    if (c == endOfFile)
        return false;

    m_line = m_nextLine;
    m_fields = 1;
    m_kept = 0;
    m_texts.assign(m_keep ? 1 : 0, {});
    bool fieldStart = true;
    bool quoted = false;
    for (;;) {
        c = get();
        if (c == endOfFile)
            break;
        if (c == '\n' || (c == '\r' && peek() != '\n'))
            ++m_nextLine;
        if (quoted) {
            if (c != '"')
                put(c);
            else if (peek() == '"')
                put(get());
            else
                quoted = false;
            continue;
        }
        if (c == '\n' || c == '\r') {
            if (c == '\r' && peek() == '\n') {
                get();
                ++m_nextLine;
            }
            return true;
        }
        if (c == static_cast<unsigned char>(m_delimiter)) {
            ++m_fields;
            fieldStart = true;
            if (m_keep && m_kept < mostText)
                m_texts.emplace_back();
            continue;
        }
        if (c == '"' && fieldStart)
            quoted = true;
        else
            put(c);
        fieldStart = false;
    }
    m_unclosed = quoted;
    return true;
}

std::optional<std::size_t> CsvHeader::find(std::string_view column) const
{
    for (const auto *list : {&names, &raw})
        if (const auto found = std::find(list->begin(), list->end(), column); found != list->end())
            return static_cast<std::size_t>(found - list->begin());
    return std::nullopt;
}

std::size_t CsvHeader::require(std::string_view column, const std::filesystem::path &path) const
{
    const auto found = find(column);
    if (!found)
        throw InputError("there is no column \"" + std::string(column) + "\"", fileLine(path, line),
                         "its columns are: " + listed(names));
    if (std::count(raw.begin(), raw.end(), raw[*found]) > 1 ||
        (names[*found] == column && std::count(names.begin(), names.end(), column) > 1))
        throw InputError("two columns are named \"" + std::string(column) + "\"", fileLine(path, line),
                         "rename one of them");
    return *found;
}

CsvHeader readHeader(const std::filesystem::path &path, const std::string &delimiter,
                     const std::vector<std::string> &wanted)
{
    if (!delimiter.empty())
        return checked(firstRecord(path, delimiterOf(delimiter)), path);
    std::optional<FirstRecord> best;
    std::int64_t bestFound = -1;
    for (const char candidate : {'\t', ',', ';', '|'}) {
        FirstRecord record = firstRecord(path, candidate);
        const CsvHeader &header = record.header;
        const auto found = std::count_if(wanted.begin(), wanted.end(), [&header](const std::string &column) {
            return header.find(column).has_value();
        });
        if (!best || found > bestFound || (found == bestFound && header.names.size() > best->header.names.size())) {
            best = std::move(record);
            bestFound = found;
        }
    }
    return checked(std::move(*best), path);
}

std::int64_t lineOfRow(const std::filesystem::path &path, char delimiter, std::int64_t row)
{
    CsvScanner scanner(path, delimiter);
    for (std::int64_t record = 0; record <= row + 1; ++record)
        if (!scanner.next())
            return 0;
    return scanner.line();
}

void throwCsvFault(const std::filesystem::path &path, const CsvHeader &header)
{
    CsvScanner scanner(path, header.delimiter);
    std::int64_t line = 0, fields = 0; // of the first row with another number of fields
    while (scanner.next()) {
        if (scanner.unclosed() && line > 0)
            break;
        if (scanner.unclosed())
            throw InputError(unclosedProblem, fileLine(path, scanner.line()), unclosedRemedy);
        if (line == 0 && scanner.fields() != static_cast<std::int64_t>(header.raw.size())) {
            line = scanner.line();
            fields = scanner.fields();
        }
    }
    if (line == 0)
        return;
    const std::string problem = "has " + std::to_string(fields) + (fields == 1 ? " field" : " fields") +
                                " where the header has " + std::to_string(header.raw.size());
    throw InputError(scanner.unclosed()
                         ? problem + "; and in line " + std::to_string(scanner.line()) + " " + unclosedProblem
                         : problem,
                     fileLine(path, line), "mend the row, or put fields that hold the delimiter in quotes");
}

bool isUtf8(std::string_view bytes)
{
    const auto *at = reinterpret_cast<const unsigned char *>(bytes.data());
    const auto *const end = at + bytes.size();
    while (at < end) {
        std::uint64_t eight = 0;
        if (end - at >= 8 && (std::memcpy(&eight, at, 8), (eight & 0x8080808080808080ULL) == 0)) {
            at += 8;
            continue;
        }
        const unsigned char lead = *at++;
        if (lead < 0x80)
            continue;
        const int more = lead >= 0xC2 && lead <= 0xDF   ? 1
                         : (lead & 0xF0) == 0xE0        ? 2
                         : lead >= 0xF0 && lead <= 0xF4 ? 3
                                                        : 0;
        if (more == 0 || end - at < more)
            return false;
        // The second byte's range keeps out overlong forms, surrogates and what lies beyond U+10FFFF.
        const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (*at < low || *at > high)
            return false;
        for (int i = 1; i < more; ++i)
            if ((at[i] & 0xC0) != 0x80)
                return false;
        at += more;
    }
    return true;
}

} // namespace apiary::data
