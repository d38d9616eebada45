#include "run/trainer_config.h"

#include <numeric>

namespace apiary::run {

train::TrainerConfig trainerConfig(const RunSpec &spec)
{
    train::TrainerConfig config;
    config.usersPerStep = spec.training.usersPerStep;
    config.itemsPerStep = spec.training.itemsPerStep;
    config.negativesWithReplacement = spec.training.negativesWithReplacement;
    config.epochs = spec.training.epochs;
    config.maxSteps = spec.training.maxSteps;
    config.learningRate = spec.training.learningRate;
    config.dropout = spec.training.dropout;
    config.tokenBudget = spec.training.tokenBudget;
    switch (spec.training.passes) {
    case Passes::Auto:
        config.passes = train::Passes::Auto;
        break;
    case Passes::One:
        config.passes = train::Passes::One;
        break;
    case Passes::Two:
        config.passes = train::Passes::Two;
        break;
    }
    config.memoryBudget = spec.training.memoryBudget;
    config.evaluateEvery = spec.training.evaluateEvery;
    config.patience = spec.training.patience;
    config.seed = spec.seed;
    return config;
}

encoder::PackedTokens packed(const text::TokenBatch &tokens)
{
    encoder::PackedTokens out;
    out.ids = tokens.ids;
    out.offsets = tokens.offsets;
    out.promptTokens = tokens.promptTokens;
    out.items.resize(static_cast<std::size_t>(tokens.size()));
    std::iota(out.items.begin(), out.items.end(), std::int64_t{0});
    return out;
}

} // namespace apiary::run
