#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace apiary::hub {

using Json = nlohmann::json;

/// Nothing where there is no such file. Throws InputError for one that is no JSON of the kind.
std::optional<Json> readJson(const std::filesystem::path &file);
/// A field that holds a text; else empty.
std::string text(const Json &json, const char *field);
/// The first of the fields that holds a whole number, or -1.
std::int64_t number(const Json &json, std::initializer_list<const char *> fields);
bool flag(const Json &json, const char *field);

/// "bert" → "BERT"; a model_type that has no name here as it stands.
std::string architectureName(const std::string &modelType);
/// "BF16" → "bfloat16".
std::string dtypeName(const std::string &dtype);
/// The last part of a module's type: "sentence_transformers.models.Dense" → "Dense".
std::string kind(const Json &module);
/// The modes of a pooling module, as sentence-transformers writes them in its older and its newer way.
std::string poolingModes(const Json &config, int &count);
/// A value of the YAML between the two `---` at the head of a README: the text after `name:`, or the first of a list.
std::string frontMatter(const std::string &readme, const std::string &name);

} // namespace apiary::hub
