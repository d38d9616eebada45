#include "base/error.h"
#include "data/csv_scan.h"
#include "data/record_reader.h"
#include "data/rows.h"
#include "data/strings.h"
#include "data/text_encoding.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

namespace apiary::data {

namespace {

using Json = nlohmann::json;

constexpr int mostDepth = 64;

/// Takes the values of an object's own keys as texts: numbers written out, true and false, null as nothing, arrays of
/// such values joined by ", ". An object inside is a fault of its key.
class LineHandler : public nlohmann::json_sax<Json> {
public:
    /// Keys that are not among `columns` are passed over, or, where `grow`, added.
    LineHandler(std::vector<std::string> &columns, bool grow) : m_columns(columns), m_grow(grow)
    {
        for (std::size_t i = 0; i < columns.size(); ++i)
            m_places.emplace(columns[i], i);
    }
    /// Of the keys that are passed over, those that are in `known` are no news. Else they end up in `late`.
    void watch(const std::unordered_set<std::string> &known) { m_known = &known; }

    void begin()
    {
        values.resize(m_columns.size());
        for (std::string &value : values)
            value.clear();
        objects.assign(values.size(), 0);
        m_seen.assign(values.size(), 0);
        twice = nowhere;
        late.clear();
        message.clear();
        m_depth = m_arrays = 0;
        m_key = nowhere;
    }

    std::vector<std::string> values;
    std::vector<char> objects;     ///< whether a column holds an object
    std::vector<std::string> late; ///< keys that nobody knew
    std::string message;           ///< of the parser
    std::size_t errorAt = 0;
    static constexpr std::size_t nowhere = ~std::size_t{0};
    std::size_t twice = nowhere; ///< a column whose key the object has a second time

    bool null() override { return true; }
    bool boolean(bool value) override { return add(value ? "true" : "false"); }
    bool number_integer(number_integer_t value) override { return add(std::to_string(value)); }
    bool number_unsigned(number_unsigned_t value) override { return add(std::to_string(value)); }
    bool number_float(number_float_t value, const string_t &text) override
    {
        // As the file writes it: an id such as 1.0 stays what it is.
        return add(text.empty() ? std::to_string(value) : std::string_view(text));
    }
    bool string(string_t &value) override { return add(value); }
    bool binary(binary_t &) override { return true; }
    bool start_object(std::size_t) override
    {
        if (m_depth == 1 + m_arrays && m_key != nowhere) {
            objects[m_key] = 1;
            values[m_key] = otherValue;
        }
        return ++m_depth <= mostDepth || fail("is nested too deeply");
    }
    bool end_object() override
    {
        --m_depth;
        return true;
    }
    bool start_array(std::size_t) override
    {
        if (m_depth == 0)
            return fail("is an array, not an object");
        ++m_depth;
        ++m_arrays;
        return m_depth <= mostDepth || fail("is nested too deeply");
    }
    bool end_array() override
    {
        --m_depth;
        --m_arrays;
        return true;
    }
    bool key(string_t &name) override
    {
        if (m_depth != 1)
            return true;
        auto found = m_places.find(name);
        if (found == m_places.end() && m_grow) {
            found = m_places.emplace(name, m_columns.size()).first;
            m_columns.push_back(name);
            values.emplace_back();
            objects.push_back(0);
            m_seen.push_back(0);
        }
        m_key = found == m_places.end() ? nowhere : found->second;
        if (m_key == nowhere) {
            if (m_known && !m_known->contains(name))
                late.push_back(name);
            return true;
        }
        if (m_seen[m_key]++)
            twice = m_key;
        values[m_key].clear();
        return true;
    }
    bool parse_error(std::size_t at, const std::string &, const nlohmann::detail::exception &) override
    {
        errorAt = at;
        message = "is no JSON: the fault is at character " + std::to_string(at);
        return false;
    }

private:
    bool fail(const char *text)
    {
        message = text;
        return false;
    }
    bool add(std::string_view text)
    {
        if (m_depth == 0)
            return fail("is no JSON object");
        if (m_key == nowhere || m_depth != 1 + m_arrays)
            return true;
        std::string &value = values[m_key];
        if (m_arrays > 0 && !value.empty())
            value += ", ";
        value += text;
        return true;
    }

    std::vector<std::string> &m_columns;
    bool m_grow;
    const std::unordered_set<std::string> *m_known = nullptr;
    std::vector<char> m_seen;
    std::unordered_map<std::string, std::size_t> m_places;
    int m_depth = 0, m_arrays = 0;
    std::size_t m_key = nowhere;
};

const char *remedyFor(std::string_view line)
{
    const std::string_view text = trimmed(line);
    return text.starts_with("{'") || text.starts_with("{u'")
               ? "this is Python's notation: write the objects with json.dumps"
               : "write one JSON object a line";
}

/// The beginning of the text, as far as the keys in it are columns; no more than the longest row.
std::string firstLines(ByteSource &source)
{
    constexpr std::size_t block = std::size_t{1} << 18;
    std::string text;
    std::int64_t lines = 0;
    for (std::size_t count = block; count == block && lines < columnLines && text.size() < maxRowBytes;) {
        const std::size_t begin = text.size();
        text.resize(begin + block);
        count = source.read({text.data() + begin, block});
        text.resize(begin + count);
        lines += std::count(text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(), '\n');
    }
    return text;
}

class JsonRows : public RowReader {
public:
    JsonRows(const std::filesystem::path &path, const TableFormat &format, TableText text)
        : m_format(format)
        , m_bytes(text.bytes)
    {
        m_path = path;
        m_format.kind = FileKind::JsonLines;
        m_format.delimiter.clear();
        m_format.columns.clear();
        m_format.header.reset();
        m_format.quotes.reset();
        std::string start = firstLines(*text.source);
        learnColumns(start);
        text.source = withStart(std::move(start), std::move(text.source));
        m_reader = std::make_unique<RecordReader>(std::move(text.source), Cutting{{}, false}, path.string());
        m_selected.resize(m_columns.size());
        std::iota(m_selected.begin(), m_selected.end(), std::size_t{0});
        m_places = m_selected;
        m_known.insert(m_columns.begin(), m_columns.end());
        m_wanted = m_columns;
        handleWanted();
    }

    const std::vector<std::string> &columns() const override { return m_columns; }
    const TableFormat &format() const override { return m_format; }
    void select(std::vector<std::size_t> columns, std::vector<char> needed) override
    {
        m_selected = std::move(columns);
        m_needed = std::move(needed);
        m_needed.resize(m_selected.size(), m_needed.empty() ? 1 : 0);
        m_wanted.clear();
        m_places.clear();
        for (const std::size_t place : m_selected) { // a column may be wanted twice
            const auto known = std::find(m_wanted.begin(), m_wanted.end(), m_columns[place]);
            m_places.push_back(static_cast<std::size_t>(known - m_wanted.begin()));
            if (known == m_wanted.end())
                m_wanted.push_back(m_columns[place]);
        }
        handleWanted();
    }
    std::vector<LateKey> lateKeys() const override
    {
        std::vector<LateKey> keys = m_late;
        std::stable_sort(keys.begin(), keys.end(), [](const LateKey &a, const LateKey &b) { return a.line < b.line; });
        return keys;
    }
    std::int64_t bytesRead() const override { return m_reader->consumed(); }
    std::int64_t bytesTotal() const override { return m_bytes; }

    bool next(Row &row) override
    {
        do {
            if (!m_reader->next())
                return false;
        } while (trimmed(m_reader->record()).empty());
        row.line = m_reader->line();
        row.fault.clear();
        row.faultColumn.clear();
        row.cells.clear();
        const std::string_view line = m_reader->record();
        m_handler->begin();
        const bool good = Json::sax_parse(line.begin(), line.end(), m_handler.get());
        if (!good) {
            row.fault = m_handler->message;
            row.remedy = remedyFor(line);
            return true;
        }
        for (const std::string &name : m_handler->late)
            noteLate(name, row.line);
        if (m_handler->twice != LineHandler::nowhere) {
            row.fault = "has this key twice";
            row.faultColumn = m_wanted[m_handler->twice];
            row.remedy = "keep one of the two";
            return true;
        }
        for (std::size_t i = 0; i < m_needed.size(); ++i) {
            if (!m_needed[i] || !m_handler->objects[m_places[i]])
                continue;
            row.fault = "holds an object where a text or a number belongs";
            row.faultColumn = m_wanted[m_places[i]];
            row.remedy = "choose another column, or write the part you mean as a field of its own";
            return true;
        }
        for (const std::size_t place : m_places)
            row.cells.push_back(m_handler->values[place]);
        return true;
    }

private:
    void handleWanted()
    {
        m_handler = std::make_unique<LineHandler>(m_wanted, false);
        m_handler->watch(m_known);
    }

    void noteLate(const std::string &name, std::int64_t line)
    {
        constexpr std::size_t most = 100;
        const auto known =
            std::find_if(m_late.begin(), m_late.end(), [&name](const LateKey &key) { return key.name == name; });
        if (known != m_late.end())
            ++known->rows;
        else if (m_late.size() < most)
            m_late.push_back({name, line, 1});
    }

    /// The keys of the first lines, in order of appearance. The last line may be cut off: then it gives those that it has.
    void learnColumns(std::string_view start)
    {
        LineHandler handler(m_columns, true);
        std::string_view rest = start;
        for (int line = 0; line < columnLines && !rest.empty(); ++line) {
            const std::size_t end = rest.find('\n');
            const std::string_view one = rest.substr(0, end);
            handler.begin();
            Json::sax_parse(one.begin(), one.end(), &handler); // what is broken is told when its row comes
            rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        }
        if (m_columns.empty())
            throw InputError("holds no JSON object with a key in its first lines", where(1), remedyFor(start));
    }

    TableFormat m_format;
    std::int64_t m_bytes;
    std::vector<std::string> m_columns, m_wanted;
    std::unordered_set<std::string> m_known;
    std::vector<LateKey> m_late;
    std::unique_ptr<LineHandler> m_handler;
    std::unique_ptr<RecordReader> m_reader;
    std::vector<std::size_t> m_selected;
    std::vector<std::size_t> m_places; ///< of the selected in m_wanted
    std::vector<char> m_needed;
};

} // namespace

std::unique_ptr<RowReader> jsonRows(const std::filesystem::path &path, const TableFormat &format, TableText text)
{
    return std::make_unique<JsonRows>(path, format, std::move(text));
}

} // namespace apiary::data
