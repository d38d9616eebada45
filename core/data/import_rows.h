#pragma once

#include "base/progress.h"
#include "data/import.h"
#include "data/row_reader.h"
#include "data/string_pool.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace apiary::data {

/// A vector in blocks: grows without copying, so that its peak is its size.
template <typename T>
class Blocks {
public:
    void push(T value)
    {
        if ((m_size & mask) == 0)
            m_blocks.push_back(std::make_unique_for_overwrite<T[]>(mask + 1));
        m_blocks.back()[m_size++ & mask] = value;
    }
    T &operator[](std::size_t i) { return m_blocks[i >> shift][i & mask]; }
    const T &operator[](std::size_t i) const { return m_blocks[i >> shift][i & mask]; }
    std::size_t size() const { return m_size; }
    bool empty() const { return m_size == 0; }

private:
    static constexpr std::size_t shift = 18, mask = (std::size_t{1} << shift) - 1;
    std::vector<std::unique_ptr<T[]>> m_blocks;
    std::size_t m_size = 0;
};

/// The line of each row, kept as the places where it is not the one after the line before.
class RowLines {
public:
    void add(std::int64_t line);
    std::int64_t operator[](std::size_t row) const;

private:
    struct Jump {
        std::size_t row;
        std::int64_t line;
    };
    std::vector<Jump> m_jumps;
    std::size_t m_rows = 0;
    std::int64_t m_next = 0;
};

/// What happens to rows that cannot be used: an error under ImportSpec::strict, else they are counted and listed.
class BadRows {
public:
    BadRows(const ImportSpec &spec, ImportReport &report, RowReader &reader);

    /// The reader's next row. Where the file cannot be read further, the error tells of the bad rows before it, too.
    bool next(Row &row);
    /// `kind` is the fault without the cell that has it, for the counts.
    void add(std::int64_t line, const std::string &column, const std::string &reason, const std::string &remedy,
             const std::string &kind);
    /// A row's own fault.
    void add(const Row &row);
    std::int64_t count() const { return m_count; }
    /// Warns of keys that the reader came upon too late. Throws InputError where there were too many among `good` others, or where there was no row at all.
    void finish(std::int64_t good);

private:
    const ImportSpec &m_spec;
    ImportReport &m_report;
    RowReader &m_reader;
    std::string m_file;
    std::int64_t m_count = 0;
    BadRow m_first;
};

/// The rows of an interactions file with ids as numbers, and the mark of those that filters have kept. Items of the
/// catalogue have the numbers of their rows there, unknown items those after. 16 to 20 bytes a row.
struct InteractionRows {
    StringPool users, items;
    Blocks<std::int32_t> user, item; ///< one a row, as are the following
    Blocks<float> rating;            ///< empty without a rating column
    Blocks<std::int64_t> time;       ///< Unix seconds; empty without a time column
    RowLines lines;
    std::vector<char> kept;

    std::size_t rows() const { return user.size(); }
};

/// Reads the file of the completed spec's interactions. `items` holds the ids of the items file. Throws InputError.
InteractionRows readInteractionRows(const ImportSpec &spec, StringPool items, ImportReport &report,
                                    const ProgressFn &progress, std::stop_token stop);

} // namespace apiary::data
