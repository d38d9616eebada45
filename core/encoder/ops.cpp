#include "encoder/ops.h"

#include "base/cancel.h"
#include "encoder/fused.h"

#include <torch/csrc/autograd/custom_function.h>

namespace apiary::encoder {

namespace {

// Polls for a stop when the gradient of `x` is ready.
at::Tensor polled(const BatchPtr &batch, at::Tensor x)
{
    if (x.requires_grad() && batch->stop.stop_possible())
        x.register_hook([stop = batch->stop](const at::Tensor &gradient) {
            throwIfStopped(stop);
            return gradient;
        });
    return x;
}

// Index of every token in a padded [texts, longest] grid.
at::Tensor paddedIndex(const PackedBatch &batch)
{
    return batch.textOfToken().mul(batch.longest).add(batch.positionOfToken());
}

at::Tensor padded(const PackedBatch &batch, const at::Tensor &index, const at::Tensor &x, std::int64_t heads)
{
    const std::int64_t width = x.size(1);
    const at::Tensor grid = at::zeros({batch.texts() * batch.longest, width}, x.options()).index_copy(0, index, x);
    return grid.view({batch.texts(), batch.longest, heads, width / heads}).transpose(1, 2);
}

at::Tensor tensorAttention(const BatchPtr &batch, const at::Tensor &q, const at::Tensor &k, const at::Tensor &v,
                           std::int64_t heads, const Mask &mask)
{
    const at::Tensor index = paddedIndex(*batch);
    const std::int64_t width = q.size(1);
    const double scale = 1.0 / std::sqrt(static_cast<double>(width / heads));
    at::Tensor scores = padded(*batch, index, q, heads).matmul(padded(*batch, index, k, heads).transpose(2, 3)) * scale;
    const at::Tensor present = at::zeros({batch->texts() * batch->longest}, q.options().dtype(at::kBool))
                                   .index_fill_(0, index, true)
                                   .view({batch->texts(), 1, 1, batch->longest});
    scores = scores.masked_fill(present.logical_not(), -std::numeric_limits<float>::infinity());
    at::Tensor probabilities = scores.softmax(-1);
    if (mask.threshold() > 0)
        probabilities = probabilities * attentionMask(*batch, mask, heads);
    const at::Tensor context = probabilities.matmul(padded(*batch, index, v, heads));
    return context.transpose(1, 2).reshape({batch->texts() * batch->longest, width}).index_select(0, index);
}

bool useFused(const BatchPtr &batch, const at::Tensor &x)
{
    return batch->fused && x.device().is_cpu() && x.scalar_type() == at::kFloat;
}

} // namespace

at::Tensor linear(const BatchPtr &batch, const at::Tensor &x, const Linear &weights)
{
    throwIfStopped(batch->stop);
    return polled(batch, at::linear(x, weights.weight, weights.bias));
}

at::Tensor addNorm(const BatchPtr &batch, const at::Tensor &x, const at::Tensor &residual, const Norm &norm, double eps,
                   const Mask &mask)
{
    throwIfStopped(batch->stop);
    if (useFused(batch, x) && norm.bias.defined())
        return fusedAddNorm(batch, x, residual, norm.weight, norm.bias, eps, mask);
    at::Tensor sum = dropout(batch, x, mask);
    if (residual.defined())
        sum = sum + residual;
    return polled(batch, at::layer_norm(sum, {x.size(1)}, norm.weight, norm.bias, eps));
}

at::Tensor dropout(const BatchPtr &batch, const at::Tensor &x, const Mask &mask)
{
    if (mask.threshold() == 0)
        return x;
    return useFused(batch, x) ? fusedDropout(batch, x, mask) : x * hiddenMask(*batch, mask, x.size(1));
}

at::Tensor attention(const BatchPtr &batch, const at::Tensor &q, const at::Tensor &k, const at::Tensor &v,
                     std::int64_t heads, const Mask &mask)
{
    throwIfStopped(batch->stop);
    return useFused(batch, q) ? fusedAttention(batch, q, k, v, heads, mask)
                              : polled(batch, tensorAttention(batch, q, k, v, heads, mask));
}

at::Tensor activate(const at::Tensor &x, Activation activation)
{
    switch (activation) {
    case Activation::GeluTanh:
        return at::gelu(x, "tanh");
    case Activation::Relu:
        return at::relu(x);
    case Activation::Silu:
        return at::silu(x);
    case Activation::Gelu:
        break;
    }
    return at::gelu(x);
}

at::Tensor feedForward(const BatchPtr &batch, const at::Tensor &x, const Linear &up, const Linear &down,
                       Activation activation)
{
    throwIfStopped(batch->stop);
    const bool biases = up.bias.defined() && down.bias.defined();
    if (useFused(batch, x) && biases && activation == Activation::Gelu)
        return fusedFeedForward(batch, x, up.weight, up.bias, down.weight, down.bias);
    return linear(batch, activate(linear(batch, x, up), activation), down);
}

} // namespace apiary::encoder
