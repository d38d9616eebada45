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

/// What several seeds of the split came to.
struct SeedEvaluation {
    std::vector<SeedSpread> spreads;
    Provenance provenance;            ///< without a split: there are several
    std::vector<std::uint64_t> seeds; ///< as they were given
    std::vector<std::string> splits;  ///< the hash of each seed's split
};

/// evaluateEncoders() once a split seed, for scenarios that draw (cold start, zero-shot, user split); the spec's other
/// seeds stay. Throws InputError where there are no seeds, one stands twice, or the scenario draws nothing.
SeedEvaluation evaluateSeeds(const RunSpec &spec, const std::vector<NamedEncoder> &encoders,
                             const std::vector<std::uint64_t> &seeds, const ProgressFn &progress = {},
                             std::stop_token stop = {}, const store::Project *project = nullptr);

/// Calls the models of a result as tables for people do: by their encoders' labels.
void labelModels(EvaluationResult &result, const std::vector<NamedEncoder> &encoders);
void labelModels(SeedEvaluation &result, const std::vector<NamedEncoder> &encoders);

/// The spread as a table with its provenance: CSV a row a model and metric, all of it in each row; Markdown and LaTeX with
/// the provenance below or above. A single seed has no deviation: the cell is empty.
std::string exportSpread(const SeedEvaluation &result, TableFormat format);
/// What a result rests on in one line, hashes cut to 12 digits.
std::string shortProvenance(const Provenance &provenance);

/// Aligned columns: metric, model, mean, deviation (none of a single value). The last line is `note`, or says over how
/// many split seeds.
std::string formatSpread(const std::vector<SeedSpread> &spreads, const std::string &note = {});

/// Evaluates a further encoder on the test items of a run, exactly as the run evaluated its own, and keeps the result in
/// the project beside it. Throws InputError where the data has changed since or the folder holds no encoder; Cancelled.
store::TestedEncoder testEncoder(store::Project &project, std::int64_t run, const NamedEncoder &encoder,
                                 const ProgressFn &progress = {}, std::stop_token stop = {});

} // namespace apiary::run
