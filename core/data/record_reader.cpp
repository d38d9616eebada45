#include "data/record_reader.h"

#include "base/error.h"

#include <algorithm>
#include <cstring>

namespace apiary::data {

namespace {

constexpr std::size_t firstBuffer = std::size_t{1} << 18;

} // namespace

RecordReader::RecordReader(std::unique_ptr<ByteSource> source, Cutting cutting, std::string where)
    : m_source(std::move(source))
    , m_cutting(std::move(cutting))
    , m_where(std::move(where))
    , m_buffer(firstBuffer)
{
    for (const char c : {'\n', '\r', '\0'})
        m_special[static_cast<unsigned char>(c)] = true;
    if (!m_cutting.delimiter.empty())
        m_special[static_cast<unsigned char>(m_cutting.delimiter.front())] = true;
}

/// Makes room behind what is there and fills it; false where there is no more.
bool RecordReader::refill()
{
    if (m_ended)
        return false;
    if (m_at > 0) {
        std::memmove(m_buffer.data(), m_buffer.data() + m_at, m_end - m_at);
        m_end -= m_at;
        m_at = 0;
    }
    if (m_end == m_buffer.size()) {
        if (m_buffer.size() >= maxRowBytes)
            throw InputError(m_insideQuotes ? "the quotes of a field that begins in this row are not closed within " +
                                                  std::to_string(maxRowBytes >> 20) + " MiB"
                                            : "the row is longer than " + std::to_string(maxRowBytes >> 20) + " MiB",
                             m_where + ":" + std::to_string(m_nextLine),
                             m_insideQuotes ? "close them, double a quote that is part of the text, or read the file "
                                              "without quotes"
                                            : "check that this is a table of text, and its line ends");
        m_buffer.resize(m_buffer.size() * 2);
    }
    m_before = m_source->consumed();
    const std::size_t room = m_buffer.size() - m_end;
    const std::size_t count = m_source->read({m_buffer.data() + m_end, room});
    m_ended = count < room;
    m_end += count;
    m_refilled = count;
    return count > 0;
}

std::int64_t RecordReader::consumed() const
{
    const std::int64_t given = m_source->consumed();
    const std::size_t ahead = std::min(m_end - m_at, m_refilled);
    return ahead == 0 ? given : given - partOf(given - m_before, ahead, m_refilled);
}

void RecordReader::skipBlankLines()
{
    for (;;) {
        if (m_at == m_end && !refill())
            return;
        const char c = m_buffer[m_at];
        if (c != '\n' && c != '\r')
            return;
        if (c == '\r') {
            if (m_at + 1 == m_end)
                refill();
            if (m_at + 1 < m_end && m_buffer[m_at + 1] == '\n')
                ++m_at;
        }
        ++m_at;
        ++m_nextLine;
    }
}

bool RecordReader::isDelimiter(std::size_t at) const
{
    const std::string &delimiter = m_cutting.delimiter;
    return !delimiter.empty() && m_end - at >= delimiter.size() &&
           std::memcmp(m_buffer.data() + at, delimiter.data(), delimiter.size()) == 0;
}

/// The first special byte from `at` on, or the end.
std::size_t RecordReader::plainField(std::size_t at) const
{
    while (at < m_end && !m_special[static_cast<unsigned char>(m_buffer[at])])
        ++at;
    return at;
}

/// From behind an opening quote to behind the closing one.
RecordReader::Cut RecordReader::quotedField(std::size_t &at, std::int64_t &lines)
{
    for (; at < m_end; ++at) {
        const char c = m_buffer[at];
        if (c == '"') {
            if (at + 1 == m_end && !m_ended)
                return Cut::NeedsMore;
            if (at + 1 == m_end || m_buffer[at + 1] != '"') {
                ++at;
                m_insideQuotes = false;
                return Cut::Whole;
            }
            ++at;
        } else if (c == '\n') {
            ++lines;
        } else if (c == '\r') {
            if (at + 1 == m_end && !m_ended)
                return Cut::NeedsMore;
            lines += at + 1 == m_end || m_buffer[at + 1] != '\n' ? 1 : 0;
        } else if (c == '\0') {
            m_zero = true;
        }
    }
    return Cut::NeedsMore;
}

/// Finds the fields of the record at m_at. NeedsMore: it may go on behind what the buffer holds.
RecordReader::Cut RecordReader::cut()
{
    m_cut.clear();
    m_zero = m_insideQuotes = m_unclosed = false;
    m_linesWithin = 0;
    std::size_t at = m_at;
    for (;;) { // one turn a field
        Field field{at, at, false};
        if (m_cutting.quotes && at < m_end && m_buffer[at] == '"') {
            field.quoted = m_insideQuotes = true;
            ++at;
            if (quotedField(at, m_linesWithin) == Cut::NeedsMore) {
                if (!m_ended)
                    return Cut::NeedsMore;
                m_unclosed = true;
            }
        }
        for (;;) { // to the end of the field
            at = plainField(at);
            if (at == m_end)
                break;
            const char c = m_buffer[at];
            if (c == '\0')
                m_zero = true;
            if (c == '\n' || c == '\r')
                break;
            if (m_end - at < m_cutting.delimiter.size() && !m_ended)
                return Cut::NeedsMore;
            if (isDelimiter(at))
                break;
            ++at;
        }
        field.end = at;
        m_cut.push_back(field);
        if (at == m_end) {
            m_next = at;
            return m_ended ? Cut::Whole : Cut::NeedsMore;
        }
        if (isDelimiter(at)) {
            at += m_cutting.delimiter.size();
            continue;
        }
        if (m_buffer[at] == '\r' && at + 1 == m_end && !m_ended)
            return Cut::NeedsMore;
        ++m_linesWithin;
        m_next = at + (m_buffer[at] == '\r' && at + 1 < m_end && m_buffer[at + 1] == '\n' ? 2 : 1);
        return Cut::Whole;
    }
}

/// Turns places into views, taking quotes out in place.
void RecordReader::takeFields()
{
    m_fields.clear();
    for (const Field &field : m_cut) {
        if (!field.quoted) {
            m_fields.emplace_back(m_buffer.data() + field.begin, field.end - field.begin);
            continue;
        }
        char *to = m_buffer.data() + field.begin;
        bool inside = true;
        for (std::size_t i = field.begin + 1; i < field.end; ++i) {
            const char c = m_buffer[i];
            if (inside && c == '"') {
                if (i + 1 < field.end && m_buffer[i + 1] == '"')
                    ++i;
                else {
                    inside = false;
                    continue;
                }
            }
            *to++ = c;
        }
        m_fields.emplace_back(m_buffer.data() + field.begin,
                              static_cast<std::size_t>(to - m_buffer.data()) - field.begin);
    }
}

bool RecordReader::next()
{
    m_insideQuotes = false;
    skipBlankLines();
    if (m_at == m_end)
        return false;
    while (cut() == Cut::NeedsMore)
        refill();
    m_line = m_nextLine;
    m_nextLine += m_linesWithin;
    takeFields();
    m_recordAt = m_at;
    m_recordBytes = m_cut.back().end - m_at;
    m_at = m_next;
    return true;
}

} // namespace apiary::data
