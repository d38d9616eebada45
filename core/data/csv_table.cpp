#include "data/csv_table.h"

#include "base/cancel.h"
#include "base/error.h"

#include <algorithm>
#include <arrow/array/array_binary.h>
#include <arrow/array/concatenate.h>
#include <arrow/chunked_array.h>
#include <arrow/csv/options.h>
#include <arrow/csv/reader.h>
#include <arrow/io/file.h>
#include <arrow/table.h>
#include <arrow/util/cancel.h>
#include <functional>
#include <numeric>

namespace apiary::data {

namespace {

constexpr std::int32_t blockBytes = 16 << 20; ///< also the longest row
constexpr std::uintmax_t threadedFrom = 32u << 20;

class CsvReading {
public:
    CsvReading(const std::filesystem::path &path, const CsvHeader &header, std::stop_token stop)
        : m_path(path)
        , m_header(header)
        , m_stop(stop)
        , m_forward(m_stop, [this] { m_source.RequestStop(); })
    {
    }

    std::shared_ptr<arrow::Table> table(const std::vector<std::size_t> &places)
    {
        auto read = arrow::csv::ReadOptions::Defaults();
        read.block_size = blockBytes;
        read.use_threads = std::filesystem::file_size(m_path) > threadedFrom;
        auto parse = arrow::csv::ParseOptions::Defaults();
        parse.delimiter = m_header.delimiter;
        parse.newlines_in_values = true;
        auto convert = arrow::csv::ConvertOptions::Defaults();
        convert.check_utf8 = false; // done below, where the row is known
        convert.default_column_type = arrow::large_utf8();
        for (const std::size_t place : places) {
            convert.include_columns.push_back(m_header.raw[place]);
            convert.column_types[m_header.raw[place]] = arrow::large_utf8();
        }
        const arrow::io::IOContext context(m_source.token());
        auto file = need(arrow::io::ReadableFile::Open(m_path.string()));
        auto reader = need(arrow::csv::TableReader::Make(context, std::move(file), read, parse, convert));
        return need(reader->Read());
    }

    /// The chunks of a column as one.
    TextColumn column(const arrow::ChunkedArray &chunks)
    {
        auto array = chunks.num_chunks() == 1 ? chunks.chunk(0) : need(arrow::Concatenate(chunks.chunks()));
        const auto &strings = static_cast<const arrow::LargeStringArray &>(*array);
        return {array, strings.raw_value_offsets(), reinterpret_cast<const char *>(strings.raw_data())};
    }

private:
    template <typename T>
    T need(arrow::Result<T> result)
    {
        if (result.ok())
            return std::move(result).ValueUnsafe();
        throwIfStopped(m_stop);
        throwCsvFault(m_path, m_header);
        throw InputError("cannot be read as a table: " + result.status().message(), m_path.string(),
                         "check its delimiter and quotes; a row may be " + std::to_string(blockBytes >> 20) +
                             " MiB long");
    }

    const std::filesystem::path &m_path;
    const CsvHeader &m_header;
    std::stop_token m_stop;
    arrow::StopSource m_source;
    std::stop_callback<std::function<void()>> m_forward;
};

} // namespace

CsvTable CsvTable::read(const std::filesystem::path &path, const std::string &delimiter,
                        const std::vector<std::string> &wanted, bool all, std::stop_token stop)
{
    CsvTable table;
    table.m_path = path;
    table.m_header = readHeader(path, delimiter, wanted);
    std::vector<std::size_t> places;
    for (const std::string &column : wanted)
        places.push_back(table.m_header.require(column, path));
    if (all) {
        for (const std::string &column : table.m_header.names)
            table.m_header.require(column, path);
        places.resize(table.m_header.raw.size());
        std::iota(places.begin(), places.end(), std::size_t{0});
    }
    if (lineOfRow(path, table.m_header.delimiter, 0) == 0)
        throw InputError("has a header but no rows", path.string(), "give a file with at least one row");
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());

    CsvReading reading(path, table.m_header, stop);
    const auto content = reading.table(places);
    table.m_rows = content->num_rows();
    for (std::size_t i = 0; i < places.size(); ++i) {
        const TextColumn values = reading.column(*content->column(static_cast<int>(i)));
        for (std::int64_t row = 0; row < table.m_rows; ++row) {
            if ((row & 0xFFFF) == 0)
                throwIfStopped(stop);
            if (!isUtf8(values[row])) {
                throwCsvFault(path, table.m_header);
                throw InputError("is not valid UTF-8", table.where(row, table.m_header.names[places[i]]),
                                 "save the file as text in UTF-8");
            }
        }
        table.m_columns.emplace(places[i], values);
    }
    return table;
}

const TextColumn &CsvTable::column(std::string_view name) const
{
    return m_columns.at(m_header.require(name, m_path));
}

std::string CsvTable::where(std::int64_t row) const
{
    return m_path.string() + ":" + std::to_string(line(row));
}

std::string CsvTable::where(std::int64_t row, std::string_view column) const
{
    return where(row) + ", column " + std::string(column);
}

} // namespace apiary::data
