#include "train/two_pass.h"

#include "base/cancel.h"

#include <ATen/core/grad_mode.h>
#include <cmath>

namespace apiary::train {

namespace {

using encoder::PackedTokens;

struct MicroBatch {
    std::vector<std::int64_t> positions; ///< into the sample's items
    PackedTokens tokens;
    std::int64_t longest = 0;
    at::Tensor kept; ///< embeddings with their graph, where it fits
};

std::vector<MicroBatch> cut(const PackedTokens &tokens, const StepSample &sample, std::int64_t tokenBudget)
{
    std::vector<std::int64_t> lengths;
    for (const std::int32_t item : sample.items)
        lengths.push_back(tokens.length(item));
    std::vector<MicroBatch> batches;
    for (std::vector<std::int64_t> &positions : encoder::cutByLength(lengths, tokenBudget)) {
        MicroBatch batch;
        batch.tokens.promptTokens = tokens.promptTokens;
        for (const std::int64_t position : positions) {
            const std::int32_t item = sample.items[static_cast<std::size_t>(position)];
            const auto first = static_cast<std::size_t>(tokens.offsets[static_cast<std::size_t>(item)]);
            const auto length = static_cast<std::size_t>(tokens.length(item));
            batch.tokens.add(std::span(tokens.ids).subspan(first, length), item);
            batch.longest = std::max(batch.longest, tokens.length(item));
        }
        batch.positions = std::move(positions);
        batches.push_back(std::move(batch));
    }
    return batches;
}

at::Tensor multiplicityOf(const StepSample &sample)
{
    return sample.multiplicity.empty() ? at::Tensor() : at::tensor(sample.multiplicity, at::kFloat);
}

} // namespace

StepOutcome accumulateGradients(const encoder::Transformer &transformer, const PackedTokens &tokens,
                                const StepSample &sample, const StepOptions &options)
{
    StepOutcome outcome;
    std::vector<MicroBatch> batches = cut(tokens, sample, options.tokenBudget);
    encoder::ForwardOptions forward;
    forward.dropout = options.useDropout ? &options.dropout : nullptr;
    forward.stop = options.stop;
    const auto poll = [&] {
        throwIfStopped(options.stop);
        if (options.pause)
            options.pause();
    };
    const auto indexOf = [&](const MicroBatch &batch) {
        return at::tensor(batch.positions, at::kLong).to(transformer.device());
    };

    const auto count = static_cast<std::int64_t>(sample.items.size());
    at::Tensor embeddings =
        at::empty({count, transformer.dimension()}, at::TensorOptions(at::kFloat).device(transformer.device()));
    std::int64_t keepBytes = options.keepBytes;
    for (MicroBatch &batch : batches) {
        poll();
        outcome.tokens += batch.tokens.tokens();
        outcome.paddedTokens += batch.longest * batch.tokens.size();
        const std::int64_t bytes = batch.tokens.tokens() * transformer.activationBytesPerToken(batch.longest);
        const bool keep = bytes <= keepBytes;
        const at::AutoGradMode gradients(keep);
        const at::Tensor result = transformer.forward(batch.tokens, forward);
        embeddings.index_copy_(0, indexOf(batch), result.detach());
        if (keep) {
            keepBytes -= bytes;
            batch.kept = result;
        } else {
            ++outcome.encodedTwice;
        }
    }
    outcome.microBatches = static_cast<int>(batches.size());

    const optim::LossAndGradient loss = optim::elsaNmse(embeddings, sample.users, multiplicityOf(sample), poll);
    outcome.loss = loss.loss;
    if (!std::isfinite(loss.loss))
        return outcome;
    for (MicroBatch &batch : batches) {
        poll();
        const at::AutoGradMode gradients(true);
        if (!batch.kept.defined())
            batch.kept = transformer.forward(batch.tokens, forward);
        batch.kept.backward(loss.gradient.index_select(0, indexOf(batch)));
        batch.kept.reset(); // frees the graph and its activations
    }
    return outcome;
}

} // namespace apiary::train
