#include "base/cancel.h"
#include "encoder/fused.h"
#include "encoder/ops.h"

#include <limits>

namespace apiary::encoder {

namespace {

// Index of every token in a padded [texts, longest] grid.
at::Tensor paddedIndex(const PackedBatch &batch)
{
    return batch.textOfToken().mul(batch.longest).add(batch.positionOfToken());
}

// Packed rows → [texts, heads, longest, headWidth], each head `copies` times.
at::Tensor padded(const PackedBatch &batch, const at::Tensor &index, const at::Tensor &x, std::int64_t heads,
                  std::int64_t copies)
{
    const std::int64_t width = x.size(1);
    const at::Tensor grid = at::zeros({batch.texts() * batch.longest, width}, x.options()).index_copy(0, index, x);
    const at::Tensor split = grid.view({batch.texts(), batch.longest, heads, width / heads}).transpose(1, 2);
    return copies == 1 ? split : split.repeat_interleave(copies, 1);
}

// Which key a query sees: bool, broadcast to [texts, 1, longest, longest]. A query always sees its own place, so that
// the rows of padding have something to normalise.
at::Tensor visible(const PackedBatch &batch, const at::Tensor &index, const AttentionShape &shape)
{
    const at::Tensor position = at::arange(batch.longest, at::TensorOptions(at::kLong).device(batch.device));
    const at::Tensor distance = position.unsqueeze(0) - position.unsqueeze(1); // key − query
    at::Tensor seen = at::ones_like(distance, at::kBool);
    if (shape.causal)
        seen = seen.logical_and(distance.le(0));
    if (shape.window >= 0)
        seen = seen.logical_and(distance.abs().le(shape.window));
    const at::Tensor present = at::zeros({batch.texts() * batch.longest}, seen.options()).index_fill_(0, index, true);
    return present.view({batch.texts(), 1, 1, batch.longest}).logical_and(seen).logical_or(distance.eq(0));
}

at::Tensor tensorAttention(const BatchPtr &batch, const at::Tensor &q, const at::Tensor &k, const at::Tensor &v,
                           const AttentionShape &shape, const Mask &mask)
{
    const at::Tensor index = paddedIndex(*batch);
    const at::Tensor position = shape.rotary.defined() ? batch->positionOfToken() : at::Tensor();
    const auto turned = [&](const at::Tensor &x, std::int64_t heads) {
        return shape.rotary.defined() ? rotated(x, heads, shape.rotary, position) : x;
    };
    const std::int64_t width = q.size(1);
    const std::int64_t keyHeads = shape.headsOfKeys(), copies = shape.heads / keyHeads;
    const double scale = 1.0 / std::sqrt(static_cast<double>(width / shape.heads));
    const at::Tensor queries = padded(*batch, index, turned(q, shape.heads), shape.heads, 1);
    const at::Tensor keys = padded(*batch, index, turned(k, keyHeads), keyHeads, copies);
    at::Tensor scores = queries.matmul(keys.transpose(2, 3)) * scale;
    if (shape.bias.defined()) {
        const at::Tensor place = at::arange(batch->longest, at::TensorOptions(at::kLong).device(batch->device));
        const at::Tensor distance = place.unsqueeze(0) - place.unsqueeze(1) + (batch->longest - 1);
        scores = scores +
                 shape.bias.index_select(1, distance.flatten()).view({1, shape.heads, batch->longest, batch->longest});
    }
    scores = scores.masked_fill(visible(*batch, index, shape).logical_not(), -std::numeric_limits<float>::infinity());
    at::Tensor probabilities = scores.softmax(-1);
    if (mask.threshold() > 0)
        probabilities = probabilities * attentionMask(*batch, mask, shape.heads);
    const at::Tensor context = probabilities.matmul(padded(*batch, index, v, keyHeads, copies));
    return context.transpose(1, 2).reshape({batch->texts() * batch->longest, width}).index_select(0, index);
}

} // namespace

at::Tensor attention(const BatchPtr &batch, const at::Tensor &q, const at::Tensor &k, const at::Tensor &v,
                     const AttentionShape &shape, const Mask &mask)
{
    throwIfStopped(batch->stop);
    return useFused(batch, q) ? fusedAttention(batch, q, k, v, shape, mask)
                              : polled(batch, tensorAttention(batch, q, k, v, shape, mask));
}

} // namespace apiary::encoder
