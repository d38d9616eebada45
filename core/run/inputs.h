#pragma once

#include "data/dataset.h"
#include "data/split.h"
#include "embed/sentence_encoder.h"
#include "eval/evaluate.h"
#include "run/run_spec.h"
#include "text/tokenizer.h"

#include <span>
#include <stop_token>

namespace apiary::run {

/// A dataset with its split: what every run and every evaluation of a spec begins with.
struct Inputs {
    data::Dataset dataset;
    data::ItemSplit split;
};

/// Reads, filters and splits. Throws Error where no user can be trained on, or none evaluated.
Inputs loadInputs(const RunSpec &spec, const ProgressFn &progress, const std::stop_token &stop);

/// Throws Error unless rows hold items of the wanted role only: nothing of the held-out items may reach training, and
/// sources of an evaluation are training items.
void checkRoles(const CsrView &rows, const data::ItemSplit &split, data::ItemRole role, const std::string &what);
/// A task of the split, checked.
data::ColdStartTask taskOf(const Inputs &inputs, data::ItemRole role);
inline eval::Task view(const data::ColdStartTask &task)
{
    return {task.sources, task.targets, task.candidates};
}

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
