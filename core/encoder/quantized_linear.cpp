#include "encoder/quantized_linear.h"

#include "encoder/kernels.h"

#include <ATen/Parallel.h>

namespace apiary::encoder {

std::shared_ptr<const QuantizedLinear> quantized(const Linear &weights)
{
    const at::Tensor matrix = weights.weight.detach();
    const at::Tensor scales = matrix.abs().amax(1).clamp_min(1e-30).div_(127);
    auto result = std::make_shared<QuantizedLinear>();
    result->weight = matrix.div(scales.unsqueeze(1)).round_().clamp_(-127, 127).to(at::kChar).contiguous().t();
    result->scales = scales.contiguous();
    return result;
}

at::Tensor quantizedProduct(const at::Tensor &x, const QuantizedLinear &weights)
{
    const at::Tensor input = x.contiguous();
    const std::int64_t rows = input.size(0), in = input.size(1), out = weights.scales.size(0);
    at::Tensor whole = at::empty({rows, in}, input.options().dtype(at::kChar));
    std::vector<float> rowScales(static_cast<std::size_t>(rows));
    const auto *from = input.const_data_ptr<float>();
    auto *to = whole.mutable_data_ptr<std::int8_t>();
    at::parallel_for(0, rows, 16, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
            rowScales[static_cast<std::size_t>(i)] = kernels().quantize(in, from + i * in, to + i * in);
    });
    const at::Tensor sums = at::_int_mm(whole, weights.weight);
    at::Tensor y = at::empty({rows, out}, input.options());
    const auto *sum = sums.const_data_ptr<std::int32_t>();
    const auto *scales = weights.scales.const_data_ptr<float>();
    auto *value = y.mutable_data_ptr<float>();
    at::parallel_for(0, rows, 16, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
            kernels().dequantize(out, sum + i * out, rowScales[static_cast<std::size_t>(i)], scales, value + i * out);
    });
    return y;
}

} // namespace apiary::encoder
