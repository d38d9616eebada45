#pragma once

#include "eval/comparison.h"

#include <nlohmann/json.hpp>

namespace apiary::cli {

/// A comparison as JSON: per model and metric mean, low, high, and the difference to the baseline with its interval.
nlohmann::ordered_json toJson(const eval::Comparison &comparison);

} // namespace apiary::cli
