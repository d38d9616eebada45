#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace apiary::data {

/// The items and their texts; row j describes column j of the Interactions beside it.
struct Catalog {
    std::vector<std::string> ids;
    std::vector<std::string> titles;
    std::vector<std::string> texts;                         ///< what an encoder reads: the template filled in, UTF-8
    std::map<std::string, std::vector<std::string>> fields; ///< source column → its value for each item

    std::int64_t size() const { return static_cast<std::int64_t>(ids.size()); }
};

} // namespace apiary::data
