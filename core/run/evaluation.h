#pragma once

#include "eval/comparison.h"
#include "eval/significance.h"
#include "run/inputs.h"
#include "run/result_table.h"
#include "store/project.h"

#include <filesystem>
#include <string>
#include <vector>

namespace apiary::run {

/// An encoder to evaluate, and what it is called.
struct NamedEncoder {
    std::string name; ///< in results, JSON and names of files: "untrained"
    std::filesystem::path folder;
    std::string label = {}; ///< in tables for people, see untrainedLabel(); empty: its name
};

struct EvaluationResult {
    Inputs inputs; ///< the test of its scenario is what was evaluated
    std::vector<eval::Evaluation>
        evaluations;             ///< one an encoder, one a recommender of the spec, "random" where it wants that
    eval::Comparison comparison; ///< the first encoder is the baseline
    Provenance provenance;
};

/// Evaluates encoders on the spec's test items, as a run does at its end; embeddings come from the cache where it has
/// them. `project`: where the spec's dataset is looked up by its name. Throws InputError, Cancelled.
EvaluationResult evaluateEncoders(const RunSpec &spec, const std::vector<NamedEncoder> &encoders, bool keepRankings,
                                  const ProgressFn &progress = {}, std::stop_token stop = {},
                                  const store::Project *project = nullptr);

/// A metric of a model over several seeds of the split: mean and standard deviation of the means over users.
struct SeedSpread {
    std::string model;
    std::string metric;
    eval::Spread spread;
};

/// evaluateEncoders() once a split seed, for scenarios that draw (cold start, zero-shot, user split); the spec's other
/// seeds stay. Throws InputError where there are no seeds or the scenario draws nothing.
std::vector<SeedSpread> evaluateSeeds(const RunSpec &spec, const std::vector<NamedEncoder> &encoders,
                                      const std::vector<std::uint64_t> &seeds, const ProgressFn &progress = {},
                                      std::stop_token stop = {}, const store::Project *project = nullptr);

/// Calls the models of a result as tables for people do: by their encoders' labels.
void labelModels(EvaluationResult &result, const std::vector<NamedEncoder> &encoders);
void labelModels(std::vector<SeedSpread> &spreads, const std::vector<NamedEncoder> &encoders);

/// Aligned columns: metric, model, mean, deviation. The last line is `note`, or says over how many split seeds.
std::string formatSpread(const std::vector<SeedSpread> &spreads, const std::string &note = {});

/// Evaluates a further encoder on the test items of a run, exactly as the run evaluated its own, and keeps the result in
/// the project beside it. Throws InputError where the data has changed since or the folder holds no encoder; Cancelled.
store::TestedEncoder testEncoder(store::Project &project, std::int64_t run, const NamedEncoder &encoder,
                                 const ProgressFn &progress = {}, std::stop_token stop = {});

} // namespace apiary::run
