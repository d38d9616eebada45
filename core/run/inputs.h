#pragma once

#include "data/dataset.h"
#include "data/scenario.h"
#include "embed/sentence_encoder.h"
#include "eval/evaluate.h"
#include "run/run_spec.h"
#include "text/tokenizer.h"

#include <span>
#include <stop_token>

namespace apiary::run {

/// Where the spec's data are, for messages: its imported dataset, or its file of interactions.
std::string dataPlace(const RunSpec &spec);

/// A dataset divided: what every run and every evaluation of a spec begins with.
struct Inputs {
    data::Dataset dataset;
    data::Scenario scenario;
};

/// What the spec says of the scenario, for data::makeScenario().
data::ScenarioOptions scenarioOptions(const RunSpec &spec);
/// Reads, filters and divides. Throws Error where no user can be trained on, or none evaluated. Where `storedSplit` is a
/// folder that saveScenario() wrote, its lists are taken instead of dividing anew.
Inputs loadInputs(const RunSpec &spec, const ProgressFn &progress, const std::stop_token &stop,
                  const std::filesystem::path &storedSplit = {});

inline eval::Task view(const data::EvaluationTask &task)
{
    return {task.sources, task.targets, task.candidates};
}

/// How the test of a spec is evaluated, with what its metrics know of the items.
struct TestSettings {
    eval::EvaluationOptions options;
    /// Users of each item, to which `options` refers: in training, or in the whole dataset where the scenario holds items
    /// out, which nobody has in training.
    std::vector<std::int64_t> popularity;
};
/// `embeddings` (of all items; they must outlive the settings) measure how alike the items of a list are.
TestSettings testSettings(const RunSpec &spec, const Inputs &inputs, const recsys::Embeddings *embeddings);

/// Most tokens of a text under the spec: its own limit, or the encoder's where that is smaller or it has none.
std::int64_t maxTokens(const RunSpec &spec, std::int64_t ofEncoder);
/// How items' texts become tokens under the spec. Its prompt is one of its own encoder's (InputError where that has none
/// of the name); another encoder that lacks it takes its own default.
embed::TextOptions textOptions(const RunSpec &spec, const embed::SentenceEncoder &encoder);
/// Threads under the spec, at least 1.
int threadCount(const RunSpec &spec);
/// Opens the spec's encoder (or another folder's) on the spec's device and threads; whole numbers on the processor.
std::unique_ptr<embed::SentenceEncoder> openEncoder(const RunSpec &spec, const std::filesystem::path &folder,
                                                    embed::Precision precision = embed::Precision::Exact);

/// Embeddings of some items, in a matrix of all items; the others' rows are zero.
embed::Embeddings encodeItems(embed::SentenceEncoder &encoder, const text::TokenBatch &tokens,
                              std::span<const std::int32_t> items, const ProgressFn &progress,
                              const std::stop_token &stop);

/// The same progress under another name.
ProgressFn renamed(ProgressFn report, std::string stage, std::string unit = "items");

} // namespace apiary::run
