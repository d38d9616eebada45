#pragma once

#include "data/byte_source.h"
#include "data/row_reader.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace apiary::data {

/// How records of text are cut. An empty delimiter: a record is a line and has one field.
struct Cutting {
    std::string delimiter;
    bool quotes = true;
};

/// Cuts UTF-8 text into records and those into fields, in one pass over a buffer. A quote at the start of a field opens
/// it, a doubled quote inside stands for one, what follows a closing quote is part of the field; line ends are \n, \r\n
/// and \r; blank lines are none. A record longer than maxRowBytes throws InputError with its line.
class RecordReader {
public:
    RecordReader(std::unique_ptr<ByteSource> source, Cutting cutting, std::string where);

    /// Goes to the next record; false at the end.
    bool next();

    std::int64_t line() const { return m_line; } ///< where the record begins, from 1
    /// Valid until the next call of next().
    const std::vector<std::string_view> &fields() const { return m_fields; }
    bool unclosed() const { return m_unclosed; } ///< the text ended inside quotes
    bool hasZero() const { return m_zero; }      ///< the record holds a byte of zero
    std::string_view record() const
    {
        return {m_buffer.data() + m_recordAt, m_recordBytes};
    } ///< quotes removed in place
    /// Of the source, as far as the records go.
    std::int64_t consumed() const;

private:
    struct Field {
        std::size_t begin, end;
        bool quoted;
    };
    enum class Cut { Whole, NeedsMore };

    bool refill();
    void skipBlankLines();
    Cut cut();
    std::size_t plainField(std::size_t at) const;
    Cut quotedField(std::size_t &at, std::int64_t &lines);
    bool isDelimiter(std::size_t at) const;
    void takeFields();

    std::unique_ptr<ByteSource> m_source;
    Cutting m_cutting;
    std::string m_where;
    std::vector<char> m_buffer;
    std::size_t m_at = 0, m_end = 0, m_refilled = 0;
    std::int64_t m_before = 0; ///< what the source had given before the buffer was last refilled
    bool m_ended = false, m_unclosed = false, m_zero = false, m_insideQuotes = false;
    bool m_special[256] = {};
    std::int64_t m_line = 0, m_nextLine = 1;
    std::size_t m_recordAt = 0, m_recordBytes = 0, m_next = 0;
    std::int64_t m_linesWithin = 0;
    std::vector<Field> m_cut;
    std::vector<std::string_view> m_fields;
};

} // namespace apiary::data
