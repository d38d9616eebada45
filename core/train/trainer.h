#pragma once

#include "base/csr.h"
#include "base/memory.h"
#include "encoder/packed_tokens.h"
#include "encoder/transformer.h"

#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

namespace apiary::train {

enum class Passes { Auto, One, Two };

struct TrainerConfig {
    std::int64_t usersPerStep = 1024;
    std::int64_t itemsPerStep = 10000;
    bool negativesWithReplacement = false;
    int epochs = 5;
    int maxSteps = 0; ///< 0: as many as the epochs have
    double learningRate = 1e-5;
    bool dropout = true;
    std::int64_t tokenBudget = 4096;
    Passes passes = Passes::Auto;
    std::int64_t memoryBudget = 0; ///< bytes for activations; 0: half of what is free
    int evaluateEvery = 2;
    int patience = 5;
    std::uint64_t seed = 42;
};

/// What one step did.
struct StepReport {
    int step = 0;
    int epoch = 0;
    double loss = 0;
    double learningRate = 0;
    double gradientNorm = 0;
    double seconds = 0;
    std::int64_t tokens = 0;
    std::int64_t paddedTokens = 0; ///< with each micro-batch padded to its longest text
    std::int64_t items = 0;
    std::int64_t users = 0;
    int passes = 2; ///< 1 where no item was encoded twice
    MemoryUse memory;
};

/// What the trainer asks of its surroundings; all called in the training thread.
struct TrainerHooks {
    std::function<void(const StepReport &)> step;
    /// Value of the monitored metric now (larger is better), called before the first step and every evaluateEvery steps.
    std::function<double(int step)> validate;
    std::function<void(int step, double value)> best; ///< the weights now are the best so far
    std::function<void(const std::string &)> log;
    std::function<void()> pause; ///< called between micro-batches; blocks while paused, throws Cancelled on stop
};

struct TrainerResult {
    int steps = 0;
    int bestStep = 0;
    bool stoppedEarly = false;
    bool cancelled = false; ///< best weights so far are in place all the same
};

/// Algorithm 1 of beeFormer (arXiv 2409.10309) over packed token ids.
class Trainer {
public:
    /// `transformer` is trained in place. `interactions`: users × items, training entries only; token ids of item j are
    /// `tokens` text j. `trainItems`: the items that may take part, ascending. The spans must outlive the trainer.
    Trainer(encoder::Transformer &transformer, CsrView interactions, const encoder::PackedTokens &tokens,
            std::vector<std::int32_t> trainItems, TrainerConfig config);
    ~Trainer();

    int plannedSteps() const;
    /// Runs all steps. On return the best weights are in the transformer (the last ones where `validate` is not set).
    /// On stop returns with cancelled set, best weights in place. Throws Error where a loss or gradient is not finite:
    /// the weights are then those of the last good step.
    TrainerResult train(const TrainerHooks &hooks, std::stop_token stop);
    /// One step with the next sample; train() is a loop over it.
    StepReport step(std::stop_token stop, const std::function<void()> &pause = {});

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// Bytes of activations a step keeps in each mode for so many tokens in texts of about `length` tokens.
std::int64_t onePassBytes(const encoder::Transformer &transformer, std::int64_t tokens, std::int64_t length);

} // namespace apiary::train
