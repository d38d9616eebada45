#include "base/error.h"
#include "run/spec_fields.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

namespace apiary::run {

namespace {

using Json = nlohmann::ordered_json;

/// Walks over characters and counts the lines that it left behind.
class LineIterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char *;
    using reference = const char &;

    LineIterator(const char *place, int *line) : m_place(place), m_line(line) {}
    reference operator*() const { return *m_place; }
    LineIterator &operator++()
    {
        if (*m_place == '\n')
            ++*m_line;
        ++m_place;
        return *this;
    }
    LineIterator operator++(int)
    {
        LineIterator before = *this;
        ++*this;
        return before;
    }
    bool operator==(const LineIterator &other) const { return m_place == other.m_place; }
    bool operator!=(const LineIterator &other) const { return m_place != other.m_place; }

private:
    const char *m_place;
    int *m_line;
};

/// Notes the line of every key under its dotted path, and the first key that its object holds twice.
class KeyLines : public nlohmann::json_sax<Json> {
public:
    explicit KeyLines(const int *line) : m_line(line) {}

    std::map<std::string, int> lines;
    std::string twice;

    bool null() override { return value(); }
    bool boolean(bool) override { return value(); }
    bool number_integer(number_integer_t) override { return value(); }
    bool number_unsigned(number_unsigned_t) override { return value(); }
    bool number_float(number_float_t, const string_t &) override { return value(); }
    bool string(string_t &) override { return value(); }
    bool binary(binary_t &) override { return value(); }
    bool start_object(std::size_t) override { return open(); }
    bool end_object() override { return close(); }
    bool start_array(std::size_t) override { return open(); }
    bool end_array() override { return close(); }
    bool key(string_t &name) override
    {
        m_key = name;
        const std::string path = m_prefix.empty() ? m_key : m_prefix.back() + m_key;
        if (!lines.emplace(path, *m_line).second && twice.empty())
            twice = path;
        lines[path] = *m_line;
        return true;
    }
    bool parse_error(std::size_t, const std::string &, const nlohmann::detail::exception &error) override
    {
        message = error.what();
        return false;
    }

    std::string message;

private:
    bool value() { return true; }
    bool open()
    {
        // The outermost object has no name; everything below hangs on the key it stands at.
        m_prefix.push_back(m_prefix.empty() ? std::string() : m_prefix.back() + m_key + ".");
        m_key.clear();
        return true;
    }
    bool close()
    {
        m_prefix.pop_back();
        return true;
    }

    const int *m_line;
    std::vector<std::string> m_prefix;
    std::string m_key;
};

std::string folded(const std::string &name)
{
    std::string out;
    for (const char c : name)
        if (std::isalnum(static_cast<unsigned char>(c)))
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

/// Insertions, deletions, replacements and swaps of neighbours (restricted Damerau–Levenshtein).
std::size_t editDistance(const std::string &a, const std::string &b)
{
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                d[i][j] = i + j;
                continue;
            }
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[a.size()][b.size()];
}

std::string lastPart(const std::string &path)
{
    const auto dot = path.rfind('.');
    return dot == std::string::npos ? path : path.substr(dot + 1);
}

std::string sectionOf(const std::string &path)
{
    const auto dot = path.find('.');
    return dot == std::string::npos ? std::string() : path.substr(0, dot);
}

/// The known field that was probably meant; empty where none is near.
std::string nearest(const std::string &path)
{
    const std::string whole = folded(path), last = folded(lastPart(path));
    std::string best;
    std::size_t bestDistance = ~std::size_t{0};
    const auto consider = [&](const std::string &candidate) {
        const std::string part = folded(lastPart(candidate));
        // A field of the right name in another section is as good as one letter wrong.
        const std::size_t distance =
            std::min(editDistance(whole, folded(candidate)), editDistance(last, part) + (last.size() > 3 ? 1 : 2));
        if (distance < bestDistance && distance <= 1 + part.size() / 4) {
            best = candidate;
            bestDistance = distance;
        }
    };
    for (const Binding &binding : bindings()) {
        consider(binding.info.path);
        if (const auto section = sectionOf(binding.info.path); !section.empty() && sectionOf(path).empty())
            consider(section);
    }
    return best;
}

class Reader {
public:
    Reader(const std::string &text, const std::string &where) : m_where(where)
    {
        int line = 1;
        KeyLines keys(&line);
        const char *begin = text.data();
        Json::sax_parse(LineIterator(begin, &line), LineIterator(begin + text.size(), &line), &keys);
        if (!keys.message.empty()) {
            // "[json.exception.parse_error.101] parse error at line 3, column 5: syntax error …"
            const auto space = keys.message.find("] ");
            throw InputError("this is not JSON: " + keys.message.substr(space == std::string::npos ? 0 : space + 2),
                             m_where + ":" + std::to_string(line),
                             "mend it there; `apiary-cli spec` prints a whole one to start from");
        }
        m_lines = std::move(keys.lines);
        if (!keys.twice.empty())
            throw InputError("the field stands there twice", at(keys.twice), "keep one of the two");
        m_root = Json::parse(text);
        if (!m_root.is_object())
            throw InputError("expected an object with the fields of a run", m_where, "`apiary-cli spec` prints one");
    }

    std::string at(const std::string &path) const
    {
        const auto line = m_lines.find(path.substr(0, path.find(", "))); // a part of a field stands on the field's line
        return m_where + (line == m_lines.end() ? "" : ":" + std::to_string(line->second)) + ", " + path;
    }

    RunSpec read() const
    {
        RunSpec spec;
        std::map<std::string, const Binding *> known;
        std::set<std::string> sections;
        for (const Binding &binding : bindings()) {
            known.emplace(binding.info.path, &binding);
            sections.insert(sectionOf(binding.info.path));
        }
        for (const auto &[name, value] : m_root.items()) {
            if (!name.empty() && sections.contains(name)) {
                if (!value.is_object())
                    throw InputError("expected an object in braces", at(name), {});
                for (const auto &[inner, part] : value.items())
                    take(known, spec, name + "." + inner, part);
            } else {
                take(known, spec, name, value);
            }
        }
        try {
            checkSpec(spec);
        } catch (const InputError &error) {
            throw InputError(error.problem(), at(error.where()), error.remedy());
        }
        return spec;
    }

private:
    void take(const std::map<std::string, const Binding *> &known, RunSpec &spec, const std::string &path,
              const Json &value) const
    {
        const auto binding = known.find(path);
        if (binding == known.end()) {
            const std::string meant = nearest(path);
            throw InputError("there is no such field", at(path),
                             meant.empty() ? "`apiary-cli spec` prints every field"
                                           : "did you mean \"" + meant + "\"?");
        }
        checkValue(binding->second->info, value, at(path));
        binding->second->set(spec, value);
    }

    std::string m_where;
    std::map<std::string, int> m_lines;
    Json m_root;
};

} // namespace

RunSpec parseSpec(const std::string &json, const std::string &where)
{
    return Reader(json, where).read();
}

} // namespace apiary::run
