#include "train/trainer.h"

#include "base/cancel.h"
#include "optim/nadam.h"
#include "train/two_pass.h"

#include <ATen/core/grad_mode.h>
#include <chrono>
#include <cmath>
#include <limits>
#include <new>
#include <optional>

namespace apiary::train {

namespace {
constexpr std::int64_t smallestBudget = 64;

std::vector<at::Tensor> trainable(encoder::Transformer &transformer)
{
    std::vector<at::Tensor> values;
    for (encoder::Parameter &parameter : transformer.parameters()) {
        parameter.value.set_requires_grad(true);
        values.push_back(parameter.value);
    }
    return values;
}

} // namespace

std::int64_t onePassBytes(const encoder::Transformer &transformer, std::int64_t tokens, std::int64_t length)
{
    return tokens * transformer.activationBytesPerToken(length);
}

struct Trainer::Private {
    encoder::Transformer &transformer;
    const encoder::PackedTokens &tokens;
    TrainerConfig config;
    Sampler sampler;
    std::vector<at::Tensor> parameters;
    optim::Nadam optimizer;
    int steps = 0;
    std::vector<at::Tensor> best;
    std::function<void(const std::string &)> log;

    Private(encoder::Transformer &transformer_, CsrView interactions, const encoder::PackedTokens &tokens_,
            std::vector<std::int32_t> items, const TrainerConfig &config_)
        : transformer(transformer_)
        , tokens(tokens_)
        , config(config_)
        , sampler(interactions, std::move(items),
                  {config_.usersPerStep, config_.itemsPerStep, config_.negativesWithReplacement, config_.seed})
        , parameters(trainable(transformer_))
        , optimizer(parameters, {.learningRate = config_.learningRate})
    {
    }

    std::int64_t keepBytes() const
    {
        switch (config.passes) {
        case Passes::One:
            return std::numeric_limits<std::int64_t>::max();
        case Passes::Two:
            return 0;
        case Passes::Auto:
            break;
        }
        return config.memoryBudget > 0 ? config.memoryBudget : availableMemory() / 2;
    }

    void clearGradients()
    {
        for (at::Tensor &parameter : parameters)
            parameter.mutable_grad().reset();
    }

    StepOutcome gradients(const StepSample &sample, int step, std::stop_token stop, const std::function<void()> &pause);
    void keepBest();
    void restoreBest();
};

StepOutcome Trainer::Private::gradients(const StepSample &sample, int step, std::stop_token stop,
                                        const std::function<void()> &pause)
{
    std::int64_t keep = keepBytes();
    while (true) {
        clearGradients();
        try {
            return accumulateGradients(transformer, tokens, sample,
                                       {{config.seed, step}, config.dropout, config.tokenBudget, keep, stop, pause});
        } catch (const std::bad_alloc &) {
            if (config.tokenBudget <= smallestBudget)
                throw;
        } catch (const c10::OutOfMemoryError &) {
            if (config.tokenBudget <= smallestBudget)
                throw;
        }
        // The same step again for less memory: the same result (two passes, half the micro-batch).
        keep = 0;
        config.passes = Passes::Two;
        config.tokenBudget /= 2;
        if (log)
            log("Out of memory in step " + std::to_string(step) + ": trying again in two passes with " +
                std::to_string(config.tokenBudget) + " tokens a micro-batch.");
    }
}

void Trainer::Private::keepBest()
{
    const at::NoGradGuard noGrad;
    best.resize(parameters.size());
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (best[i].defined())
            best[i].copy_(parameters[i]);
        else
            best[i] = parameters[i].detach().clone();
    }
}

void Trainer::Private::restoreBest()
{
    const at::NoGradGuard noGrad;
    for (std::size_t i = 0; i < best.size(); ++i)
        parameters[i].detach().copy_(best[i]);
}

Trainer::Trainer(encoder::Transformer &transformer, CsrView interactions, const encoder::PackedTokens &tokens,
                 std::vector<std::int32_t> trainItems, TrainerConfig config)
    : d(std::make_unique<Private>(transformer, interactions, tokens, std::move(trainItems), config))
{
    if (d->sampler.users() == 0)
        throw InputError("no user has a training item, so there is nothing to learn from", "training",
                         "lower the filter's thresholds or the shares of held-out items");
}

Trainer::~Trainer()
{
    d->clearGradients();
    for (encoder::Parameter &parameter : d->transformer.parameters())
        parameter.value.set_requires_grad(false);
}

int Trainer::plannedSteps() const
{
    const int all = d->sampler.stepsPerEpoch() * d->config.epochs;
    return d->config.maxSteps > 0 ? std::min(all, d->config.maxSteps) : all;
}

StepReport Trainer::step(std::stop_token stop, const std::function<void()> &pause)
{
    const auto began = std::chrono::steady_clock::now();
    const int step = d->steps + 1;
    const StepSample sample = d->sampler.sample(step);
    const StepOutcome outcome = d->gradients(sample, step, stop, pause);
    const auto fail = [&](const std::string &what) {
        d->clearGradients();
        throw Error(what + " in step " + std::to_string(step) + " is not a finite number", "training",
                    "the weights are those of step " + std::to_string(step - 1) +
                        "; try a lower learning rate, and look for empty or broken texts");
    };
    if (!std::isfinite(outcome.loss))
        fail("the loss");
    const double norm = optim::gradientNorm(d->parameters);
    if (!std::isfinite(norm))
        fail("the gradient");
    d->optimizer.step();
    d->clearGradients();
    d->steps = step;

    StepReport report;
    report.step = step;
    report.epoch = sample.epoch;
    report.loss = outcome.loss;
    report.learningRate = d->optimizer.learningRate();
    report.gradientNorm = norm;
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    report.tokens = outcome.tokens;
    report.paddedTokens = outcome.paddedTokens;
    report.items = static_cast<std::int64_t>(sample.items.size());
    report.users = sample.users.rows();
    report.passes = outcome.encodedTwice > 0 ? 2 : 1;
    report.memory = processMemory();
    return report;
}

TrainerResult Trainer::train(const TrainerHooks &hooks, std::stop_token stop)
{
    TrainerResult result;
    d->log = hooks.log;
    double bestValue = -std::numeric_limits<double>::infinity();
    int without = 0; // evaluations since the best one
    const auto evaluate = [&](int step) {
        if (!hooks.validate)
            return;
        const double value = hooks.validate(step);
        if (value > bestValue) {
            bestValue = value;
            without = 0;
            result.bestStep = step;
            d->keepBest();
            if (hooks.best)
                hooks.best(step, value);
        } else {
            ++without;
        }
    };
    try {
        evaluate(0);
        const int planned = plannedSteps();
        while (d->steps < planned) {
            const StepReport report = step(stop, hooks.pause);
            if (hooks.step)
                hooks.step(report);
            if (d->steps % d->config.evaluateEvery == 0 || d->steps == planned)
                evaluate(d->steps);
            if (d->config.patience > 0 && without >= d->config.patience) {
                result.stoppedEarly = true;
                break;
            }
        }
    } catch (const Cancelled &) {
        d->clearGradients();
        result.cancelled = true;
    }
    result.steps = d->steps;
    d->restoreBest();
    if (!hooks.validate)
        result.bestStep = d->steps;
    return result;
}

} // namespace apiary::train
