#pragma once

#include "eval/comparison.h"
#include "run/inputs.h"

#include <filesystem>
#include <string>
#include <vector>

namespace apiary::run {

/// An encoder to evaluate, and what it is called in the table.
struct NamedEncoder {
    std::string name;
    std::filesystem::path folder;
};

struct EvaluationResult {
    Inputs inputs;
    data::ColdStartTask task;
    std::vector<eval::Evaluation> evaluations; ///< one an encoder, then "random" where the spec wants it
    eval::Comparison comparison;               ///< the first encoder is the baseline
};

/// Evaluates encoders on the spec's test items, as a run does at its end. Throws InputError, Cancelled.
EvaluationResult evaluateEncoders(const RunSpec &spec, const std::vector<NamedEncoder> &encoders, bool keepRankings,
                                  const ProgressFn &progress = {}, std::stop_token stop = {});

} // namespace apiary::run
