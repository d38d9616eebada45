#include "data/stored_dataset.h"

#include "base/cancel.h"
#include "base/error.h"

#include <arrow/array.h>
#include <arrow/array/builder_binary.h>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <fstream>
#include <nlohmann/json.hpp>

namespace apiary::data {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::int64_t batchRows = std::int64_t{1} << 20;
constexpr int formatVersion = 1;
constexpr const char *fieldPrefix = "field:";
constexpr const char *remedy = "import the dataset again";

void check(const arrow::Status &status, const fs::path &file)
{
    if (!status.ok())
        throw Error("cannot be written: " + status.message(), file.string(), "check the disk and its permissions");
}

template <typename T>
T check(arrow::Result<T> result, const fs::path &file)
{
    check(result.status(), file);
    return std::move(result).ValueUnsafe();
}

/// A record batch file that is written batch by batch.
class Writer {
public:
    Writer(fs::path file, std::shared_ptr<arrow::Schema> schema) : m_file(std::move(file)), m_schema(std::move(schema))
    {
        m_stream = check(arrow::io::FileOutputStream::Open(m_file.string()), m_file);
        m_writer = check(arrow::ipc::MakeFileWriter(m_stream, m_schema), m_file);
    }
    void write(std::int64_t rows, std::vector<std::shared_ptr<arrow::Array>> columns)
    {
        check(m_writer->WriteRecordBatch(*arrow::RecordBatch::Make(m_schema, rows, std::move(columns))), m_file);
    }
    void close()
    {
        check(m_writer->Close(), m_file);
        check(m_stream->Close(), m_file);
    }

private:
    fs::path m_file;
    std::shared_ptr<arrow::Schema> m_schema;
    std::shared_ptr<arrow::io::FileOutputStream> m_stream;
    std::shared_ptr<arrow::ipc::RecordBatchWriter> m_writer;
};

std::shared_ptr<arrow::Array> textArray(const std::vector<std::string> &texts, const fs::path &file)
{
    arrow::LargeStringBuilder builder;
    check(builder.AppendValues(texts), file);
    return check(builder.Finish(), file);
}

void writeTexts(const fs::path &file,
                const std::vector<std::pair<std::string, const std::vector<std::string> *>> &columns)
{
    std::vector<std::shared_ptr<arrow::Field>> fields;
    std::vector<std::shared_ptr<arrow::Array>> arrays;
    for (const auto &[name, texts] : columns) {
        fields.push_back(arrow::field(name, arrow::large_utf8(), false));
        arrays.push_back(textArray(*texts, file));
    }
    Writer writer(file, arrow::schema(fields));
    writer.write(static_cast<std::int64_t>(columns.front().second->size()), std::move(arrays));
    writer.close();
}

/// An array over memory of ours, for as long as the batch is written.
template <typename ArrowType, typename T>
std::shared_ptr<arrow::Array> borrowed(const T *values, std::int64_t rows)
{
    auto buffer = std::make_shared<arrow::Buffer>(reinterpret_cast<const std::uint8_t *>(values),
                                                  rows * static_cast<std::int64_t>(sizeof(T)));
    return std::make_shared<arrow::NumericArray<ArrowType>>(rows, std::move(buffer));
}

void writeInteractions(const fs::path &file, const Interactions &data, const std::stop_token &stop)
{
    std::vector<std::shared_ptr<arrow::Field>> fields{arrow::field("user", arrow::int32(), false),
                                                      arrow::field("item", arrow::int32(), false)};
    if (!data.ratings.empty())
        fields.push_back(arrow::field("rating", arrow::float32(), false));
    if (!data.timestamps.empty())
        fields.push_back(arrow::field("time", arrow::int64(), false));
    Writer writer(file, arrow::schema(fields));
    std::vector<std::int32_t> users;
    std::size_t user = 0;
    for (std::int64_t begin = 0; begin < data.count(); begin += batchRows) {
        throwIfStopped(stop);
        const std::int64_t rows = std::min(batchRows, data.count() - begin);
        users.clear();
        for (std::int64_t i = begin; i < begin + rows; ++i) {
            while (data.csr.offsets[user + 1] <= i)
                ++user;
            users.push_back(static_cast<std::int32_t>(user));
        }
        std::vector<std::shared_ptr<arrow::Array>> columns{
            borrowed<arrow::Int32Type>(users.data(), rows),
            borrowed<arrow::Int32Type>(data.csr.columns.data() + begin, rows)};
        if (!data.ratings.empty())
            columns.push_back(borrowed<arrow::FloatType>(data.ratings.data() + begin, rows));
        if (!data.timestamps.empty())
            columns.push_back(borrowed<arrow::Int64Type>(data.timestamps.data() + begin, rows));
        writer.write(rows, std::move(columns));
    }
    writer.close();
}

std::string csvCell(const std::string &text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

void writeFile(const fs::path &file, const std::string &text)
{
    std::ofstream stream(file, std::ios::binary);
    stream << text;
    stream.close();
    if (!stream)
        throw Error("cannot be written", file.string(), "check the disk and its permissions");
}

void writeReports(const ImportReport &report, const fs::path &folder)
{
    std::string bad = "file,line,column,reason\n";
    for (const BadRow &row : report.bad)
        bad += csvCell(row.file) + "," + std::to_string(row.line) + "," + csvCell(row.column) + "," +
               csvCell(row.reason) + "\n";
    writeFile(folder / "bad_rows.csv", bad);
    std::string review = "kind,item,line,title,text\n";
    for (const ReviewText &text : report.review)
        review += std::string(text.kind == ReviewText::Kind::Refusal ? "refusal" : "empty") + "," + csvCell(text.item) +
                  "," + std::to_string(text.line) + "," + csvCell(text.title) + "," + csvCell(text.text) + "\n";
    writeFile(folder / "review.csv", review);
}

[[noreturn]] void damaged(const std::string &what, const fs::path &place)
{
    throw InputError(what, place.string(), remedy);
}

/// The batches of one of our files, with `columns` as names and types.
class Reader {
public:
    explicit Reader(fs::path file) : m_file(std::move(file))
    {
        const auto stream = need(arrow::io::ReadableFile::Open(m_file.string()));
        m_reader = need(arrow::ipc::RecordBatchFileReader::Open(stream));
    }
    const arrow::Schema &schema() const { return *m_reader->schema(); }
    int batches() const { return m_reader->num_record_batches(); }
    std::shared_ptr<arrow::RecordBatch> batch(int i)
    {
        auto result = need(m_reader->ReadRecordBatch(i));
        if (const auto status = result->ValidateFull(); !status.ok())
            damaged("is damaged: " + status.message(), m_file);
        return result;
    }
    template <typename Array>
    std::shared_ptr<Array> column(const arrow::RecordBatch &batch, const std::string &name,
                                  const arrow::DataType &type) const
    {
        const auto array = batch.GetColumnByName(name);
        if (!array || !array->type()->Equals(type) || array->null_count() > 0)
            damaged("has no whole column \"" + name + "\"", m_file);
        return std::static_pointer_cast<Array>(array);
    }
    std::vector<std::string> texts(const std::string &name)
    {
        std::vector<std::string> result;
        for (int i = 0; i < batches(); ++i) {
            const auto values = column<arrow::LargeStringArray>(*batch(i), name, *arrow::large_utf8());
            for (std::int64_t row = 0; row < values->length(); ++row)
                result.emplace_back(values->GetView(row));
        }
        return result;
    }

private:
    template <typename T>
    T need(arrow::Result<T> result) const
    {
        if (!result.ok())
            damaged("cannot be read: " + result.status().message(), m_file);
        return std::move(result).ValueUnsafe();
    }
    fs::path m_file;
    std::shared_ptr<arrow::ipc::RecordBatchFileReader> m_reader;
};

/// Appends a batch's rows; they must go on from those before by user, then item.
void addInteractions(const fs::path &file, Reader &reader, const arrow::RecordBatch &batch, Interactions &data)
{
    const auto users = reader.column<arrow::Int32Array>(batch, "user", *arrow::int32());
    const auto items = reader.column<arrow::Int32Array>(batch, "item", *arrow::int32());
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
        const std::int32_t user = users->Value(row), item = items->Value(row);
        const std::int64_t last = data.csr.rows() - 1;
        if (user < last || user >= static_cast<std::int64_t>(data.users.size()) || item < 0 || item >= data.csr.cols ||
            user > last + 1 || (user == last && !data.csr.columns.empty() && item <= data.csr.columns.back()))
            damaged("has a row out of order", file);
        if (user > last)
            data.csr.offsets.push_back(data.csr.offsets.back());
        data.csr.columns.push_back(item);
        ++data.csr.offsets.back();
    }
    if (reader.schema().GetFieldByName("rating")) {
        const auto ratings = reader.column<arrow::FloatArray>(batch, "rating", *arrow::float32());
        data.ratings.insert(data.ratings.end(), ratings->raw_values(), ratings->raw_values() + batch.num_rows());
    }
    if (reader.schema().GetFieldByName("time")) {
        const auto times = reader.column<arrow::Int64Array>(batch, "time", *arrow::int64());
        data.timestamps.insert(data.timestamps.end(), times->raw_values(), times->raw_values() + batch.num_rows());
    }
}

/// `count`: how many there are, for progress.
void readInteractions(const fs::path &file, std::int64_t count, Interactions &data, const ProgressFn &progress,
                      const std::stop_token &stop)
{
    Reader reader(file);
    ProgressMeter meter("reading interactions", "interactions", count, progress);
    const auto users = static_cast<std::int64_t>(data.users.size());
    for (int i = 0; i < reader.batches(); ++i) {
        throwIfStopped(stop);
        const std::int64_t before = data.count();
        addInteractions(file, reader, *reader.batch(i), data);
        meter.advance(data.count() - before);
    }
    if (data.csr.rows() != users)
        damaged("has other users than users.feather", file);
}

} // namespace

nlohmann::ordered_json datasetCard(const Imported &imported)
{
    const Dataset &dataset = imported.dataset;
    Json card{{"format", formatVersion}, {"name", dataset.name}, {"hash", dataset.hash}};
    card["users"] = dataset.interactions.userCount();
    card["items"] = dataset.interactions.itemCount();
    card["interactions"] = dataset.interactions.count();
    card["counts"] = Json::array();
    for (const FilterCount &count : dataset.counts)
        card["counts"].push_back({{"step", count.step},
                                  {"users", count.users},
                                  {"items", count.items},
                                  {"interactions", count.interactions}});
    card["warnings"] = dataset.warnings;
    card["files"] = Json::array();
    for (const ImportedFile &file : imported.report.files)
        card["files"].push_back({{"name", file.name},
                                 {"role", file.role},
                                 {"sha256", file.sha256},
                                 {"bytes", file.bytes},
                                 {"rows", file.rows},
                                 {"bad", file.bad}});
    card["badRows"] = imported.report.badTotal;
    card["badReasons"] = imported.report.badReasons;
    card["leftOut"] = Json::array();
    for (const LeftOut &left : imported.report.leftOut)
        card["leftOut"].push_back({{"of", left.of}, {"reason", left.reason}, {"rows", left.rows}, {"line", left.line}});
    std::int64_t refusals = 0;
    for (const ReviewText &text : imported.report.review)
        refusals += text.kind == ReviewText::Kind::Refusal ? 1 : 0;
    card["review"] = {{"refusals", refusals},
                      {"empty", static_cast<std::int64_t>(imported.report.review.size()) - refusals}};
    card["import"] = toJson(imported.spec);
    return card;
}

void writeDataset(const Imported &imported, const fs::path &folder, std::stop_token stop)
{
    const Dataset &dataset = imported.dataset;
    writeInteractions(folder / "interactions.feather", dataset.interactions, stop);
    writeTexts(folder / "users.feather", {{"id", &dataset.interactions.users}});
    std::vector<std::pair<std::string, const std::vector<std::string> *>> columns{
        {"id", &dataset.catalog.ids}, {"title", &dataset.catalog.titles}, {"text", &dataset.catalog.texts}};
    for (const auto &[name, values] : dataset.catalog.fields)
        columns.emplace_back(fieldPrefix + name, &values);
    writeTexts(folder / "items.feather", columns);
    writeReports(imported.report, folder);
    writeFile(folder / "dataset.json",
              datasetCard(imported).dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

nlohmann::ordered_json readDatasetCard(const fs::path &folder)
{
    const fs::path file = folder / "dataset.json";
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        throw InputError("is no imported dataset: there is no dataset.json in it", folder.string(),
                         "name a folder that an import made");
    Json card = Json::parse(stream, nullptr, false);
    if (!card.is_object() || !card.contains("hash") || !card["hash"].is_string() || !card.contains("format"))
        damaged("is no card of a dataset", file);
    if (card["format"] != formatVersion)
        throw InputError("is of a format that this version does not know", file.string(), remedy);
    return card;
}

Dataset readDataset(const fs::path &folder, const ProgressFn &progress, std::stop_token stop)
{
    const Json card = readDatasetCard(folder);
    Dataset dataset;
    std::int64_t interactions = 0;
    try {
        dataset.name = card.at("name");
        dataset.hash = card.at("hash");
        interactions = card.at("interactions");
        dataset.warnings = card.at("warnings").get<std::vector<std::string>>();
        for (const Json &count : card.at("counts"))
            dataset.counts.push_back(
                {count.at("step"), count.at("users"), count.at("items"), count.at("interactions")});
    } catch (const Json::exception &) {
        damaged("lacks fields of a dataset's card", folder / "dataset.json");
    }
    Interactions &data = dataset.interactions;
    data.users = Reader(folder / "users.feather").texts("id");
    throwIfStopped(stop);
    Reader items(folder / "items.feather");
    dataset.catalog.ids = items.texts("id");
    dataset.catalog.titles = items.texts("title");
    dataset.catalog.texts = items.texts("text");
    for (const auto &field : items.schema().fields())
        if (field->name().starts_with(fieldPrefix))
            dataset.catalog.fields[field->name().substr(std::string_view(fieldPrefix).size())] =
                items.texts(field->name());
    data.items = dataset.catalog.ids;
    data.csr.cols = dataset.catalog.size();
    readInteractions(folder / "interactions.feather", interactions, data, progress, stop);
    throwIfStopped(stop);
    if (datasetHash(data, dataset.catalog, stop) != dataset.hash)
        damaged("has other contents than its hash says", folder);
    return dataset;
}

} // namespace apiary::data
