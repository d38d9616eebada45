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

at::Tensor linear(const BatchPtr &batch, const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias)
{
    throwIfStopped(batch->stop);
    return polled(batch, at::linear(x, weight, bias));
}

at::Tensor addNorm(const BatchPtr &batch, const at::Tensor &x, const at::Tensor &residual, const at::Tensor &gamma,
                   const at::Tensor &beta, double eps, const Mask &mask)
{
    throwIfStopped(batch->stop);
    if (useFused(batch, x))
        return fusedAddNorm(batch, x, residual, gamma, beta, eps, mask);
    at::Tensor sum = dropout(batch, x, mask);
    if (residual.defined())
        sum = sum + residual;
    return polled(batch, at::layer_norm(sum, {x.size(1)}, gamma, beta, eps));
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

at::Tensor feedForward(const BatchPtr &batch, const at::Tensor &x, const at::Tensor &w1, const at::Tensor &b1,
                       const at::Tensor &w2, const at::Tensor &b2)
{
    throwIfStopped(batch->stop);
    if (useFused(batch, x))
        return fusedFeedForward(batch, x, w1, b1, w2, b2);
    return polled(batch, at::linear(at::gelu(polled(batch, at::linear(x, w1, b1))), w2, b2));
}

at::Tensor meanPool(const BatchPtr &batch, const at::Tensor &x)
{
    at::Tensor lengths = at::empty({batch->texts(), 1}, at::kFloat);
    for (std::int64_t i = 0; i < batch->texts(); ++i)
        lengths.mutable_data_ptr<float>()[i] = static_cast<float>(batch->length(i));
    return at::zeros({batch->texts(), x.size(1)}, x.options()).index_add(0, batch->textOfToken(), x) /
           lengths.to(x.device());
}

at::Tensor firstPool(const BatchPtr &batch, const at::Tensor &x)
{
    const std::vector<std::int64_t> first(batch->offsets.begin(), batch->offsets.end() - 1);
    return x.index_select(0, at::tensor(first, at::kLong).to(x.device()));
}

at::Tensor maxPool(const BatchPtr &batch, const at::Tensor &x)
{
    std::vector<at::Tensor> rows;
    for (std::int64_t i = 0; i < batch->texts(); ++i)
        rows.push_back(x.narrow(0, batch->begin(i), batch->length(i)).amax(0));
    return at::stack(rows);
}

} // namespace apiary::encoder
