#include "base/cancel.h"
#include "base/error.h"
#include "data/numbers.h"
#include "data/rows.h"

#include <algorithm>
#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/formatting.h>
#include <charconv>
#include <numeric>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>
#include <parquet/schema.h>

namespace apiary::data {

namespace {

using arrow::Type;

constexpr std::int64_t batchRows = std::int64_t{1} << 15;

bool isList(const arrow::DataType &type)
{
    return type.id() == Type::LIST || type.id() == Type::LARGE_LIST || type.id() == Type::FIXED_SIZE_LIST;
}

/// Whether values of a type become texts.
bool readable(const arrow::DataType &type)
{
    switch (type.id()) {
    case Type::NA:
    case Type::BOOL:
    case Type::INT8:
    case Type::INT16:
    case Type::INT32:
    case Type::INT64:
    case Type::UINT8:
    case Type::UINT16:
    case Type::UINT32:
    case Type::UINT64:
    case Type::FLOAT:
    case Type::DOUBLE:
    case Type::STRING:
    case Type::LARGE_STRING:
    case Type::DATE32:
    case Type::DATE64:
    case Type::TIMESTAMP:
    case Type::DECIMAL128:
        return true;
    case Type::DICTIONARY:
        return readable(*static_cast<const arrow::DictionaryType &>(type).value_type());
    case Type::LIST:
    case Type::LARGE_LIST:
    case Type::FIXED_SIZE_LIST:
        return readable(*type.field(0)->type());
    default:
        return false;
    }
}

template <typename Value>
void writeNumber(Value value, std::string &out)
{
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    out.append(text, end);
}

template <typename ArrowType>
void writeFormatted(const arrow::Array &array, std::int64_t i, std::string &out)
{
    arrow::internal::StringFormatter<ArrowType> formatter(array.type().get());
    formatter(static_cast<const typename arrow::TypeTraits<ArrowType>::ArrayType &>(array).Value(i),
              [&out](std::string_view text) { out += text; });
}

template <typename Array>
void writeValue(const arrow::Array &array, std::int64_t i, std::string &out)
{
    writeNumber(static_cast<const Array &>(array).Value(i), out);
}

void write(const arrow::Array &array, std::int64_t i, std::string &out);

/// The values of a list, joined.
void writeList(const arrow::Array &array, std::int64_t i, std::string &out)
{
    std::shared_ptr<arrow::Array> values;
    if (array.type_id() == Type::LIST)
        values = static_cast<const arrow::ListArray &>(array).value_slice(i);
    else if (array.type_id() == Type::LARGE_LIST)
        values = static_cast<const arrow::LargeListArray &>(array).value_slice(i);
    else
        values = static_cast<const arrow::FixedSizeListArray &>(array).value_slice(i);
    for (std::int64_t k = 0; k < values->length(); ++k) {
        if (k > 0)
            out += ", ";
        write(*values, k, out);
    }
}

/// A value in the text form that other formats have it in.
void write(const arrow::Array &array, std::int64_t i, std::string &out)
{
    if (array.IsNull(i))
        return;
    switch (array.type_id()) {
    case Type::BOOL:
        out += static_cast<const arrow::BooleanArray &>(array).Value(i) ? "true" : "false";
        return;
    case Type::INT8:
        return writeValue<arrow::Int8Array>(array, i, out);
    case Type::INT16:
        return writeValue<arrow::Int16Array>(array, i, out);
    case Type::INT32:
        return writeValue<arrow::Int32Array>(array, i, out);
    case Type::INT64:
        return writeValue<arrow::Int64Array>(array, i, out);
    case Type::UINT8:
        return writeValue<arrow::UInt8Array>(array, i, out);
    case Type::UINT16:
        return writeValue<arrow::UInt16Array>(array, i, out);
    case Type::UINT32:
        return writeValue<arrow::UInt32Array>(array, i, out);
    case Type::UINT64:
        return writeValue<arrow::UInt64Array>(array, i, out);
    case Type::FLOAT:
        return writeValue<arrow::FloatArray>(array, i, out);
    case Type::DOUBLE:
        return writeValue<arrow::DoubleArray>(array, i, out);
    case Type::STRING:
        out += static_cast<const arrow::StringArray &>(array).GetView(i);
        return;
    case Type::LARGE_STRING:
        out += static_cast<const arrow::LargeStringArray &>(array).GetView(i);
        return;
    case Type::DATE32:
        return writeFormatted<arrow::Date32Type>(array, i, out);
    case Type::DATE64:
        return writeFormatted<arrow::Date64Type>(array, i, out);
    case Type::TIMESTAMP: {
        const std::size_t begin = out.size();
        writeFormatted<arrow::TimestampType>(array, i, out);
        const std::size_t point = out.find('.', begin), last = out.find_last_not_of('0');
        if (point != std::string::npos) // a fraction without zeros at its end, whatever the unit
            out.erase(last == point ? point : last + 1);
        return;
    }
    case Type::DECIMAL128:
        out += static_cast<const arrow::Decimal128Array &>(array).FormatValue(i);
        return;
    case Type::DICTIONARY: {
        const auto &coded = static_cast<const arrow::DictionaryArray &>(array);
        return write(*coded.dictionary(), coded.GetValueIndex(i), out);
    }
    default:
        if (isList(*array.type()))
            writeList(array, i, out);
    }
}

/// The texts of a column of a batch.
struct Texts {
    std::shared_ptr<arrow::Array> owner;
    std::string bytes;
    std::vector<std::string_view> cells;

    void take(std::shared_ptr<arrow::Array> array)
    {
        owner = std::move(array);
        const std::int64_t rows = owner->length();
        cells.assign(static_cast<std::size_t>(rows), {});
        bytes.clear();
        if (!readable(*owner->type())) {
            cells.assign(cells.size(), otherValue);
            return;
        }
        if (owner->type_id() == Type::STRING || owner->type_id() == Type::LARGE_STRING) {
            const bool large = owner->type_id() == Type::LARGE_STRING;
            for (std::int64_t i = 0; i < rows; ++i)
                if (!owner->IsNull(i))
                    cells[static_cast<std::size_t>(i)] =
                        large ? static_cast<const arrow::LargeStringArray &>(*owner).GetView(i)
                              : static_cast<const arrow::StringArray &>(*owner).GetView(i);
            return;
        }
        std::vector<std::size_t> ends(static_cast<std::size_t>(rows));
        for (std::int64_t i = 0; i < rows; ++i) {
            write(*owner, i, bytes);
            ends[static_cast<std::size_t>(i)] = bytes.size();
        }
        std::size_t begin = 0;
        for (std::size_t i = 0; i < ends.size(); ++i) {
            cells[i] = std::string_view(bytes).substr(begin, ends[i] - begin);
            begin = ends[i];
        }
    }
};

class ArrowRows : public RowReader {
public:
    ArrowRows(const std::filesystem::path &path, const TableFormat &format, int descriptor, std::int64_t bytes,
              std::stop_token stop)
        : m_format(format)
        , m_stop(std::move(stop))
        , m_bytes(bytes)
    {
        m_path = path;
        m_format.encoding = Encoding::Utf8;
        m_file = need(descriptor < 0 ? arrow::io::ReadableFile::Open(path.string())
                                     : arrow::io::ReadableFile::Open(descriptor));
        if (m_format.kind == FileKind::Parquet)
            openParquet();
        else
            openFeather();
        for (const auto &field : m_schema->fields())
            m_columns.push_back(field->name());
        m_columns = columnNames(m_columns);
        m_selected.resize(m_columns.size());
        std::iota(m_selected.begin(), m_selected.end(), std::size_t{0});
    }

    const std::vector<std::string> &columns() const override { return m_columns; }
    const TableFormat &format() const override { return m_format; }
    std::int64_t bytesRead() const override
    {
        return m_rows == 0 ? 0 : partOf(m_bytes, static_cast<std::size_t>(m_row), static_cast<std::size_t>(m_rows));
    }
    std::int64_t bytesTotal() const override { return m_bytes; }

    void select(std::vector<std::size_t> columns, std::vector<char> needed) override
    {
        m_selected = std::move(columns);
        for (std::size_t i = 0; i < m_selected.size(); ++i) {
            const auto &type = *m_schema->field(static_cast<int>(m_selected[i]))->type();
            if ((needed.empty() || needed[i]) && !readable(type))
                throw InputError("holds values of type " + type.ToString() + ", which are neither texts nor numbers",
                                 m_path.string() + ", column " + m_columns[m_selected[i]],
                                 "choose another column, or write this one as text");
        }
    }

    bool next(Row &row) override
    {
        if (!m_started)
            start();
        while (m_at == m_batchRows)
            if (!nextBatch())
                return false;
        row.line = ++m_row;
        row.fault.clear();
        row.faultColumn.clear();
        row.cells.clear();
        for (const Texts &texts : m_texts)
            row.cells.push_back(texts.cells[static_cast<std::size_t>(m_at)]);
        ++m_at;
        return true;
    }

private:
    template <typename T>
    T need(arrow::Result<T> result)
    {
        need(result.status());
        return std::move(result).ValueUnsafe();
    }
    void need(const arrow::Status &status) const
    {
        if (status.ok())
            return;
        throwIfStopped(m_stop);
        throw InputError("is no whole " + nameOf(m_format.kind) + " file: " + status.message(),
                         m_row > 0 ? where(m_row) : m_path.string(), "write or fetch it again");
    }

    void openParquet()
    {
        try {
            parquet::arrow::FileReaderBuilder builder;
            need(builder.Open(m_file));
            parquet::ArrowReaderProperties properties(false);
            properties.set_batch_size(batchRows);
            builder.properties(properties);
            m_parquet = need(builder.Build());
            need(m_parquet->GetSchema(&m_schema));
            m_rows = m_parquet->parquet_reader()->metadata()->num_rows();
        } catch (const parquet::ParquetException &error) {
            throw InputError(std::string("is no whole parquet file: ") + error.what(), m_path.string(),
                             "write or fetch it again");
        }
    }

    void openFeather()
    {
        m_feather = need(arrow::ipc::RecordBatchFileReader::Open(m_file));
        m_schema = m_feather->schema();
    }

    /// Begins to read the selected columns.
    void start()
    {
        m_started = true;
        m_texts.resize(m_selected.size());
        m_wanted = m_selected;
        std::sort(m_wanted.begin(), m_wanted.end());
        m_wanted.erase(std::unique(m_wanted.begin(), m_wanted.end()), m_wanted.end());
        if (m_parquet) {
            std::vector<int> groups(static_cast<std::size_t>(m_parquet->num_row_groups())), leaves;
            std::iota(groups.begin(), groups.end(), 0);
            const auto &schema = *m_parquet->parquet_reader()->metadata()->schema();
            for (int leaf = 0; leaf < schema.num_columns(); ++leaf)
                for (const std::size_t place : m_wanted)
                    if (schema.GetColumnRoot(leaf) == schema.group_node()->field(static_cast<int>(place)).get())
                        leaves.push_back(leaf);
            m_stream = need(m_parquet->GetRecordBatchReader(groups, leaves));
            return;
        }
        auto options = arrow::ipc::IpcReadOptions::Defaults();
        for (const std::size_t place : m_wanted)
            options.included_fields.push_back(static_cast<int>(place));
        options.use_threads = false;
        m_feather = need(arrow::ipc::RecordBatchFileReader::Open(m_file, options));
    }

    bool nextBatch()
    {
        throwIfStopped(m_stop);
        std::shared_ptr<arrow::RecordBatch> batch;
        if (m_stream)
            need(m_stream->ReadNext(&batch));
        else if (m_batch < m_feather->num_record_batches())
            batch = need(m_feather->ReadRecordBatch(m_batch++));
        if (!batch)
            return false;
        need(batch->ValidateFull()); // offsets and texts of a hostile file
        for (std::size_t i = 0; i < m_selected.size(); ++i) {
            const auto place = std::lower_bound(m_wanted.begin(), m_wanted.end(), m_selected[i]) - m_wanted.begin();
            m_texts[i].take(batch->column(static_cast<int>(place)));
        }
        m_at = 0;
        m_batchRows = batch->num_rows();
        return true;
    }

    TableFormat m_format;
    std::stop_token m_stop;
    std::int64_t m_bytes, m_rows = 0, m_row = 0;
    std::shared_ptr<arrow::io::RandomAccessFile> m_file;
    std::unique_ptr<parquet::arrow::FileReader> m_parquet;
    std::unique_ptr<arrow::RecordBatchReader> m_stream;
    std::shared_ptr<arrow::ipc::RecordBatchFileReader> m_feather;
    std::shared_ptr<arrow::Schema> m_schema;
    std::vector<std::string> m_columns;
    std::vector<std::size_t> m_selected, m_wanted;
    std::vector<Texts> m_texts;
    std::int64_t m_at = 0, m_batchRows = 0;
    int m_batch = 0;
    bool m_started = false;
};

} // namespace

std::unique_ptr<RowReader> arrowRows(const std::filesystem::path &path, const TableFormat &format, int descriptor,
                                     std::int64_t bytes, std::stop_token stop)
{
    return std::make_unique<ArrowRows>(path, format, descriptor, bytes, std::move(stop));
}

} // namespace apiary::data
