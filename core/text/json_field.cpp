#include "text/json_field.h"

#include "base/error.h"

#include <fstream>

namespace apiary::text {

namespace {

/// No tokenizer in use comes near it (the largest have some 40 MB); what is larger is something else.
constexpr std::uintmax_t largestFile = 256U << 20;

/// Far more than any of these files nests; keeps a hostile one from filling memory with brackets.
constexpr int deepest = 64;

/// Whether brackets nest deeper than that, by a look at the bytes alone.
bool nestsTooDeep(std::string_view json)
{
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (c == '"')
            quoted = !quoted;
        else if (quoted)
            i += c == '\\';
        else if (c == '{' || c == '[') {
            if (++depth > deepest)
                return true;
        } else if (c == '}' || c == ']')
            --depth;
    }
    return false;
}

} // namespace

std::string readWholeFile(const std::filesystem::path &file)
{
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error))
        throw InputError("this is no readable file", file.string(), "check the encoder's folder");
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    if (error)
        throw InputError("this file cannot be read: " + error.message(), file.string(), "check its permissions");
    if (size > largestFile)
        throw InputError("this file has " + std::to_string(size >> 20) + " MiB, more than the " +
                             std::to_string(largestFile >> 20) + " MiB that a tokenizer may have",
                         file.string(), "check that it belongs to an encoder");
    std::ifstream in(file, std::ios::binary);
    std::string content(static_cast<std::size_t>(size), '\0');
    if (!in.read(content.data(), static_cast<std::streamsize>(size)))
        throw InputError("this file cannot be read", file.string(), "check its permissions");
    return content;
}

nlohmann::json readJsonFile(const std::filesystem::path &file)
{
    const std::string content = readWholeFile(file);
    if (nestsTooDeep(content))
        throw InputError("this JSON nests more than " + std::to_string(deepest) + " levels", file.string(),
                         "check that it belongs to an encoder");
    try {
        return nlohmann::json::parse(content);
    } catch (const nlohmann::json::parse_error &error) {
        throw InputError("this is no valid JSON", file.string() + ": byte " + std::to_string(error.byte),
                         "get the encoder's files again");
    } catch (const nlohmann::json::exception &) { // a number that is too large
        throw InputError("this JSON holds a number out of range", file.string(), "get the encoder's files again");
    }
}

std::string JsonField::path(const std::string &member) const
{
    const bool isTop = m_where.find(": ") == std::string::npos;
    if (isTop)
        return m_where + ": " + member;
    return m_where + "." + member;
}

void JsonField::fail(const std::string &problem, const std::string &remedy) const
{
    throw InputError(problem, m_where, remedy);
}

const JsonField &JsonField::object() const
{
    if (!m_value->is_object())
        fail("an object is needed here");
    return *this;
}

std::optional<JsonField> JsonField::find(std::string_view key) const
{
    object();
    const auto member = m_value->find(key);
    if (member == m_value->end() || member->is_null())
        return std::nullopt;
    return JsonField(*member, path(std::string(key)));
}

JsonField JsonField::at(std::string_view key) const
{
    if (auto member = find(key))
        return *std::move(member);
    throw InputError("this field is missing", path(std::string(key)), "get the encoder's files again");
}

JsonField JsonField::at(std::size_t index) const
{
    return JsonField(m_value->at(index), m_where + "[" + std::to_string(index) + "]");
}

std::size_t JsonField::size() const
{
    if (!m_value->is_array())
        fail("a list is needed here");
    return m_value->size();
}

std::string JsonField::string() const
{
    if (!m_value->is_string())
        fail("a text is needed here");
    return m_value->get<std::string>();
}

bool JsonField::boolean() const
{
    if (!m_value->is_boolean())
        fail("true or false is needed here");
    return m_value->get<bool>();
}

std::int64_t JsonField::integer(std::int64_t least, std::int64_t most) const
{
    const bool isSmall =
        m_value->is_number_integer() && (!m_value->is_number_unsigned() || m_value->get<std::uint64_t>() <= INT64_MAX);
    if (!isSmall || m_value->get<std::int64_t>() < least || m_value->get<std::int64_t>() > most)
        fail("a whole number from " + std::to_string(least) + " to " + std::to_string(most) + " is needed here");
    return m_value->get<std::int64_t>();
}

std::string JsonField::stringOr(std::string_view key, std::string fallback) const
{
    const auto member = find(key);
    return member ? member->string() : std::move(fallback);
}

bool JsonField::booleanOr(std::string_view key, bool fallback) const
{
    const auto member = find(key);
    return member ? member->boolean() : fallback;
}

} // namespace apiary::text
