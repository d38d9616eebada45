#pragma once

#include "data/split.h"
#include "encoder/packed_tokens.h"
#include "run/run_spec.h"
#include "text/tokenizer.h"
#include "train/trainer.h"

namespace apiary::run {

/// The spec's training as the trainer takes it.
train::TrainerConfig trainerConfig(const RunSpec &spec);
/// Token ids of item j as text j, keyed by the item.
encoder::PackedTokens packed(const text::TokenBatch &tokens);

} // namespace apiary::run
