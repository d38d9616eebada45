#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace apiary::text {

/// Reads a regular file of bounded size as a whole. Throws InputError.
std::string readWholeFile(const std::filesystem::path &file);

/// Reads a JSON file. Throws InputError with the byte where it is broken.
nlohmann::json readJsonFile(const std::filesystem::path &file);

/// A value of a JSON file together with where it stands, so that every error can name the file and the field.
/// Borrows the value.
class JsonField {
public:
    JsonField(const nlohmann::json &value, std::string where) : m_value(&value), m_where(std::move(where)) {}

    const nlohmann::json &value() const { return *m_value; }
    /// File and path, e.g. "tokenizer.json: model.vocab".
    const std::string &where() const { return m_where; }

    /// A member of an object; nothing where it is absent or null.
    std::optional<JsonField> find(std::string_view key) const;
    /// A member that has to be there.
    JsonField at(std::string_view key) const;
    /// An element of an array.
    JsonField at(std::size_t index) const;
    /// Number of elements of an array.
    std::size_t size() const;

    std::string string() const;
    bool boolean() const;
    std::int64_t integer(std::int64_t least, std::int64_t most) const;
    /// Throws where the value is no object.
    const JsonField &object() const;

    std::string stringOr(std::string_view key, std::string fallback) const;
    bool booleanOr(std::string_view key, bool fallback) const;

    [[noreturn]] void fail(const std::string &problem,
                           const std::string &remedy = "get the encoder's files again") const;

private:
    std::string path(const std::string &member) const;

    const nlohmann::json *m_value;
    std::string m_where;
};

} // namespace apiary::text
