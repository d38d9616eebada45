#pragma once

#include "run/evaluation.h"

#include <nlohmann/json.hpp>

namespace apiary::cli {

/// A comparison as JSON: per model and metric mean, low, high, and the difference to the baseline with its interval.
nlohmann::ordered_json toJson(const eval::Comparison &comparison);
/// The comparison with the hashes of what was read, and segments where the spec asks for them.
nlohmann::ordered_json toJson(const run::EvaluationResult &result);
/// Means and deviations (null of a single seed) with the hashes of what was read.
nlohmann::ordered_json toJson(const run::SeedEvaluation &result);

} // namespace apiary::cli
