#pragma once

#include "encoder/packed_tokens.h"
#include "encoder/transformer.h"
#include "optim/elsa_loss.h"
#include "train/sampler.h"

#include <cstdint>
#include <functional>
#include <stop_token>

namespace apiary::train {

/// What a step may spend, and what it draws its masks from. Changes of tokenBudget and keepBytes change cost only.
struct StepOptions {
    encoder::DropoutPlan dropout;
    bool useDropout = true;
    std::int64_t tokenBudget = 4096;
    std::int64_t keepBytes = 0; ///< activations that may stay between the passes; what exceeds it is encoded again
    std::stop_token stop;
    std::function<void()> pause; ///< called between micro-batches
};

struct StepOutcome {
    double loss = 0;
    std::int64_t tokens = 0;
    std::int64_t paddedTokens = 0; ///< with each micro-batch padded to its longest text
    int microBatches = 0;
    int encodedTwice = 0; ///< micro-batches
};

/// Loss of the sample and, accumulated into the transformer's parameters' grad(), its gradient: Algorithm 1 of
/// beeFormer. The items are encoded in micro-batches, those whose activations fit keepBytes with a graph that is kept,
/// the others without gradients; the loss gives the embeddings' gradient; kept graphs run backward, the others are
/// encoded again with the same masks. A loss that is not finite ends the step before any gradient is computed.
StepOutcome accumulateGradients(const encoder::Transformer &transformer, const encoder::PackedTokens &tokens,
                                const StepSample &sample, const StepOptions &options);

} // namespace apiary::train
