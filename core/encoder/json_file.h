#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace apiary::encoder {

/// A JSON object on disk whose fields are read with their type and range checked; errors name the file and the field.
class JsonFile {
public:
    /// Throws InputError where the file is absent, larger than 16 MiB, or not a JSON object or array.
    static JsonFile read(const std::filesystem::path &path);
    /// A value that is already there, under a name for messages.
    static JsonFile of(nlohmann::json value, const std::string &name);

    const nlohmann::json &root() const { return m_root; }
    std::string where(const std::string &field) const { return m_path + ", " + field; }
    bool has(const std::string &field) const;

    /// A whole number in [least, most]; without a fallback the field is required.
    std::int64_t integer(const std::string &field, std::int64_t least, std::int64_t most,
                         std::optional<std::int64_t> fallback = {}) const;
    double number(const std::string &field, double least, double most, std::optional<double> fallback = {}) const;
    std::string string(const std::string &field, std::optional<std::string> fallback = {}) const;
    bool boolean(const std::string &field, bool fallback) const;

private:
    std::string m_path;
    nlohmann::json m_root;
};

} // namespace apiary::encoder
