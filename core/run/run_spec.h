#pragma once

#include "data/dataset.h"

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace apiary::run {

/// How interactions are divided: see data/scenario.h for what each kind does and which of the fields it reads.
struct ScenarioSpec {
    std::string kind = "cold-start"; ///< data::ScenarioKind by name
    double testShare = 0.2;
    double validationShare = 0.1;
    std::uint64_t seed = 42;
    std::string draw = "shares"; ///< or "as-published": data::publishedSplit() with `draws`
    int draws = 2000;
    int folds = 5;
    int fold = 0;
    double sourceShare = 0.8;
    std::filesystem::path folder; ///< of a ready-made split
};

struct EncoderSpec {
    std::filesystem::path folder; ///< relative paths are relative to the spec's file, then to the working folder
    std::int64_t maxTokens = 0;   ///< 0: the encoder's own maximum
    std::string prompt;           ///< name of the prompt before every text; empty: the encoder's default; "none"
};

enum class Passes { Auto, One, Two }; ///< Auto: one where activations fit the memory budget

struct TrainingSpec {
    int usersPerStep = 1024;
    int itemsPerStep = 10000; ///< m: positives and negatives together; more than there are means all
    bool negativesWithReplacement = false;
    int epochs = 5;
    int maxSteps = 0; ///< 0: as many as the epochs have
    std::string optimizer = "nadam";
    double learningRate = 1e-5;
    std::string schedule = "constant";
    bool dropout = true;
    std::int64_t tokenBudget = 4096; ///< padded tokens a micro-batch
    Passes passes = Passes::Auto;
    std::int64_t memoryBudget = 0; ///< bytes that activations may take; 0: half of what the machine has free
    int evaluateEvery = 2;         ///< steps between evaluations on validation items
    std::string monitor = "ndcg@100";
    int patience = 5; ///< evaluations without a better value before training stops; 0: never stops early
};

struct EvaluationSpec {
    std::string metrics = "recall@20, recall@50, ndcg@100"; ///< of the test, as eval::parseMetrics() reads them
    bool segments = true;     ///< also by item popularity and user activity: see eval/segments.h
    bool random = true;       ///< a popularity-free random recommender as the floor
    std::string recommenders; ///< to compare with, as parseRecommenders() reads them; empty: none
    int bootstrapResamples = 10000;
    double level = 0.95;
};

/// What to do. The window edits it, the command line reads it, projects/ holds some, the store keeps the resolved copy.
struct RunSpec {
    std::string name;
    std::string description;
    data::DatasetSource dataset;
    data::DatasetFilter filter;
    ScenarioSpec scenario;
    EncoderSpec encoder;
    TrainingSpec training;
    EvaluationSpec evaluation;
    std::uint64_t seed = 42;
    std::string device = "auto";
    int threads = 0; ///< 0: all cores

    friend bool operator==(const RunSpec &, const RunSpec &);
};

/// One editable field: the one place for its default, bounds, unit and help, which the schema, the checks and the
/// window's form share.
struct FieldInfo {
    std::string path; ///< "training.learningRate"
    std::string type; ///< "integer", "number", "boolean", "string", "enum"
    std::string label;
    std::string help;
    std::string unit;
    double minimum = 0;
    double maximum = 0; ///< equal to minimum: unbounded
    std::vector<std::string> choices;
    bool decides = true; ///< false: it names things, or changes time and memory, never the result
};
const std::vector<FieldInfo> &fields();

/// Parses and checks. Unknown or ill-typed fields and values out of bounds throw InputError naming the field, its line
/// and what was expected. `where` names the source in messages.
RunSpec parseSpec(const std::string &json, const std::string &where);
RunSpec loadSpec(const std::filesystem::path &file);
/// Throws InputError for a value out of bounds, naming its field.
void checkSpec(const RunSpec &spec);
/// checkSpec, and that the files and the folder that it names are there, and times where it needs them: what can be known
/// before a run starts.
void checkInputs(const RunSpec &spec);
nlohmann::ordered_json toJson(const RunSpec &spec);
std::string toText(const RunSpec &spec);
/// JSON Schema (2020-12) of a RunSpec; $defs holds the parameters of each recommender that evaluation.recommenders may name.
nlohmann::ordered_json specSchema();
/// "default", "quickstart", "paper": InputError for another name.
RunSpec preset(const std::string &name);
/// SHA-256 over the fields that decide the result, as canonical JSON: equal for specs that differ in names, threads and the
/// settings of memory only, or in fields that their scenario does not read. Paths of plain files, of the encoder and of a
/// ready-made split count as they stand. The device counts: its results differ beyond the last bits.
std::string specHash(const RunSpec &spec);
/// specHash() of a stored spec, so that runs of any version compare; `stored`, the hash it was stored with, where this
/// version cannot read it.
std::string specHash(const std::string &specJson, const std::string &stored);

} // namespace apiary::run
