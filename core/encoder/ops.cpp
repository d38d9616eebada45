#include "encoder/ops.h"

#include "base/cancel.h"
#include "encoder/evaluation_ops.h"
#include "encoder/fused.h"

#include <torch/csrc/autograd/custom_function.h>

namespace apiary::encoder {

at::Tensor polled(const BatchPtr &batch, at::Tensor x)
{
    if (x.requires_grad() && batch->stop.stop_possible())
        x.register_hook([stop = batch->stop](const at::Tensor &gradient) {
            throwIfStopped(stop);
            return gradient;
        });
    return x;
}

bool useFused(const BatchPtr &batch, const at::Tensor &x)
{
    return batch->fused && x.device().is_cpu() && x.scalar_type() == at::kFloat;
}

at::Tensor linear(const BatchPtr &batch, const at::Tensor &x, const Linear &weights)
{
    throwIfStopped(batch->stop);
    if (weights.quantized && useEvaluationOps(batch, nullptr, x)) {
        at::Tensor y = product(batch, x, weights);
        addBias(y, weights.bias);
        return y;
    }
    return polled(batch, at::linear(x, weights.weight, weights.bias));
}

at::Tensor addNorm(const BatchPtr &batch, const at::Tensor &x, const at::Tensor &residual, const Norm &norm, double eps,
                   const Mask &mask)
{
    throwIfStopped(batch->stop);
    if (useFused(batch, x))
        return fusedAddNorm(batch, x, residual, norm.weight,
                            norm.bias.defined() ? norm.bias : at::zeros_like(norm.weight), eps, mask);
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
    if (useFused(batch, x) && biases && activation == Activation::Gelu && !up.quantized)
        return fusedFeedForward(batch, x, up.weight, up.bias, down.weight, down.bias);
    return linear(batch, activate(linear(batch, x, up), activation), down);
}

} // namespace apiary::encoder
