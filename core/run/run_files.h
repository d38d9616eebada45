#pragma once

#include "eval/comparison.h"
#include "run/inputs.h"

#include <filesystem>
#include <string>
#include <vector>

namespace apiary::store {
class Project;
struct RunRecord;
} // namespace apiary::store

namespace apiary::run {

/// JSON: versions, device, threads, the machine's processor and memory.
std::string environmentJson(const std::string &device, int threads);
/// JSON of a card: architecture, pooling, sizes.
std::string cardJson(const embed::EncoderCard &card);
/// JSON: what each step of the filter left.
std::string countsJson(const data::Dataset &dataset);

/// README.md of a tuned encoder: where it comes from, on what it learned, what it reached. `comparison` may be null.
std::string modelCard(const RunSpec &spec, const embed::EncoderCard &base, const data::Dataset &dataset, int steps,
                      int bestStep, const eval::Comparison *comparison);

/// Keeps the split in the project, once for all runs that share it, and names it in the run's split.json.
void keepSplit(const std::filesystem::path &staging, const store::Project &project, const Inputs &inputs);
/// The folder of the project with the split of a run; empty where the run named none.
std::filesystem::path storedSplit(const store::Project &project, const store::RunRecord &run);

/// totals.csv and segments.csv in the folder: what the test found beside the values of users. Where there is nothing of a
/// kind no file is written.
void writeTestFiles(const std::filesystem::path &folder, const std::vector<eval::Evaluation> &evaluations);

/// items.csv: row of the embeddings, id, role, title.
void writeItems(const std::filesystem::path &file, const Inputs &inputs);

/// Steps and validation of a run as one table: a row a step, validation metrics in columns of their own.
std::string scalarsCsv(const store::Project &project, std::int64_t run, bool header = true);

/// A CSV field, quoted where it must be.
std::string csvField(const std::string &value);
/// The shortest text that reads back as the same number; empty where it is not finite.
std::string csvNumber(double value);
/// Throws Error where the file cannot be written.
void writeText(const std::filesystem::path &file, const std::string &text);

} // namespace apiary::run
