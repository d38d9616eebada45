#include "encoder/json_file.h"

#include "base/error.h"

#include <cmath>
#include <fstream>

namespace apiary::encoder {

namespace {

constexpr std::uintmax_t largestFile = std::uintmax_t{16} << 20;

[[noreturn]] void failField(const std::string &where, const std::string &expected, const nlohmann::json *found)
{
    std::string text = found ? found->dump() : std::string("nothing");
    if (text.size() > 60)
        text = text.substr(0, 57) + "…";
    throw InputError("expected " + expected + ", found " + text, where,
                     "correct the file, or download the encoder's folder again");
}

} // namespace

JsonFile JsonFile::read(const std::filesystem::path &path)
{
    JsonFile file;
    file.m_path = path.string();
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (error || !std::filesystem::is_regular_file(status))
        throw InputError(error || !std::filesystem::exists(status) ? "file not found" : "this is no file", file.m_path,
                         "choose the folder of an encoder saved by sentence-transformers");
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error || size > largestFile)
        throw InputError("larger than the 16 MiB that a configuration may have", file.m_path,
                         "download the encoder's folder again");
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        throw InputError("cannot be opened", file.m_path, "check the file's permissions");
    try {
        file.m_root = nlohmann::json::parse(stream);
    } catch (const nlohmann::json::exception &problem) {
        throw InputError(std::string("not valid JSON: ") + problem.what(), file.m_path,
                         "download the encoder's folder again");
    }
    if (!file.m_root.is_object() && !file.m_root.is_array())
        throw InputError("expected a JSON object", file.m_path, "download the encoder's folder again");
    return file;
}

JsonFile JsonFile::of(nlohmann::json value, const std::string &name)
{
    JsonFile file;
    file.m_path = name;
    file.m_root = std::move(value);
    return file;
}

bool JsonFile::has(const std::string &field) const
{
    const auto found = m_root.find(field);
    return found != m_root.end() && !found->is_null();
}

std::int64_t JsonFile::integer(const std::string &field, std::int64_t least, std::int64_t most,
                               std::optional<std::int64_t> fallback) const
{
    if (!has(field) && fallback)
        return *fallback;
    const std::string expected = "a whole number between " + std::to_string(least) + " and " + std::to_string(most);
    if (!has(field))
        failField(where(field), expected, nullptr);
    const nlohmann::json &value = m_root.at(field);
    const bool fits = value.is_number_unsigned() ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX)
                                                 : value.is_number_integer();
    if (!fits || value.get<std::int64_t>() < least || value.get<std::int64_t>() > most)
        failField(where(field), expected, &value);
    return value.get<std::int64_t>();
}

double JsonFile::number(const std::string &field, double least, double most, std::optional<double> fallback) const
{
    if (!has(field) && fallback)
        return *fallback;
    const std::string expected =
        "a number between " + nlohmann::json(least).dump() + " and " + nlohmann::json(most).dump();
    if (!has(field))
        failField(where(field), expected, nullptr);
    const nlohmann::json &value = m_root.at(field);
    if (!value.is_number() || !(value.get<double>() >= least && value.get<double>() <= most))
        failField(where(field), expected, &value);
    return value.get<double>();
}

std::string JsonFile::string(const std::string &field, std::optional<std::string> fallback) const
{
    if (!has(field) && fallback)
        return *fallback;
    if (!has(field))
        failField(where(field), "a text", nullptr);
    if (!m_root.at(field).is_string())
        failField(where(field), "a text", &m_root.at(field));
    return m_root.at(field).get<std::string>();
}

bool JsonFile::boolean(const std::string &field, bool fallback) const
{
    if (!has(field))
        return fallback;
    if (!m_root.at(field).is_boolean())
        failField(where(field), "true or false", &m_root.at(field));
    return m_root.at(field).get<bool>();
}

} // namespace apiary::encoder
