#include "encoder/evaluation_ops.h"

#include "base/cancel.h"
#include "encoder/fused.h"
#include "encoder/kernels.h"
#include "encoder/packed_matrix.h"
#include "encoder/quantized_linear.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

namespace apiary::encoder {

namespace {

template <typename Body>
void forEachRow(at::Tensor &x, const Body &body)
{
    const std::int64_t width = x.size(1);
    auto *data = x.mutable_data_ptr<float>();
    at::parallel_for(0, x.size(0), 16, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
            body(i, data + i * width);
    });
}

const float *dataOf(const at::Tensor &x)
{
    return x.defined() ? x.const_data_ptr<float>() : nullptr;
}

} // namespace

bool useEvaluationOps(const BatchPtr &batch, const DropoutPlan *dropout, const at::Tensor &x)
{
    return !dropout && !at::GradMode::is_enabled() && useFused(batch, x);
}

at::Tensor product(const BatchPtr &batch, const at::Tensor &x, const Linear &weights)
{
    throwIfStopped(batch->stop);
    if (weights.quantized)
        return quantizedProduct(x, *weights.quantized);
    if (weights.packed)
        return weights.packed->product(x);
    return x.mm(weights.weight.t());
}

void addBias(at::Tensor &x, const at::Tensor &bias)
{
    if (!bias.defined())
        return;
    const std::int64_t width = x.size(1);
    forEachRow(x, [&, b = dataOf(bias)](std::int64_t, float *row) { kernels().addBias(width, b, row); });
}

void addBiasAndNorm(at::Tensor &x, const at::Tensor &bias, const at::Tensor &residual, const Norm &norm, double eps)
{
    const std::int64_t width = x.size(1);
    const at::Tensor other = residual.contiguous();
    forEachRow(x, [&, b = dataOf(bias), r = dataOf(other), gamma = dataOf(norm.weight),
                   beta = dataOf(norm.bias)](std::int64_t i, float *row) {
        kernels().biasNorm(width, b, r + i * width, gamma, beta, static_cast<float>(eps), row);
    });
}

void addBiasAndActivate(at::Tensor &x, const at::Tensor &bias, Activation activation)
{
    if (activation != Activation::Gelu || !bias.defined()) {
        addBias(x, bias);
        x = activate(x, activation);
        return;
    }
    const std::int64_t width = x.size(1);
    forEachRow(x, [&, b = dataOf(bias)](std::int64_t, float *row) { kernels().biasGelu(width, b, row); });
}

} // namespace apiary::encoder
