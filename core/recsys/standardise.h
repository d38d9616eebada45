#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace apiary::recsys {

/// What columns were scaled by.
struct Standard {
    std::vector<float> mean;
    std::vector<float> deviation; ///< of all values, not of a sample; at least 1e-6
};

/// Replaces the values of a row-major matrix by (value − mean) / deviation, cut off at ±most. Means and deviations are
/// those of its columns over the rows `known` (none: all rows).
Standard standardise(std::span<float> values, std::int64_t columns, std::span<const std::int32_t> known, float most);

} // namespace apiary::recsys
