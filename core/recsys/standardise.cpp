#include "recsys/standardise.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace apiary::recsys {

Standard standardise(std::span<float> values, std::int64_t columns, std::span<const std::int32_t> known, float most)
{
    const auto width = static_cast<std::size_t>(columns);
    std::vector<std::int32_t> all(known.empty() ? values.size() / width : 0);
    std::iota(all.begin(), all.end(), 0);
    if (known.empty())
        known = all;
    const auto count = static_cast<double>(known.size());
    std::vector<double> mean(width), square(width);
    for (const std::int32_t row : known)
        for (std::size_t k = 0; k < width; ++k)
            mean[k] += values[static_cast<std::size_t>(row) * width + k] / count;
    for (const std::int32_t row : known)
        for (std::size_t k = 0; k < width; ++k) {
            const double apart = values[static_cast<std::size_t>(row) * width + k] - mean[k];
            square[k] += apart * apart / count;
        }
    Standard result;
    for (std::size_t k = 0; k < width; ++k) {
        result.mean.push_back(static_cast<float>(mean[k]));
        result.deviation.push_back(std::max(1e-6F, static_cast<float>(std::sqrt(square[k]))));
    }
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = std::clamp((values[i] - result.mean[i % width]) / result.deviation[i % width], -most, most);
    return result;
}

} // namespace apiary::recsys
