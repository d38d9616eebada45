#include "recsys/dense_layer.h"

#include <cassert>
#include <cmath>
#include <numeric>

namespace apiary::recsys {

PaddedMatrix padded(const at::Tensor &matrix)
{
    const at::Tensor dense = matrix.detach().to(at::kCPU, at::kFloat).contiguous();
    PaddedMatrix result(dense.size(0), dense.size(1));
    for (std::int64_t r = 0; r < dense.size(0); ++r)
        std::copy_n(dense.const_data_ptr<float>() + r * dense.size(1), dense.size(1), result.row(r));
    return result;
}

DenseLayer::DenseLayer(const at::Tensor &weight, const at::Tensor &bias) : m_weight(padded(weight))
{
    const at::Tensor values = bias.detach().to(at::kCPU, at::kFloat).contiguous();
    m_bias.assign(values.const_data_ptr<float>(), values.const_data_ptr<float>() + values.numel());
    m_all.resize(m_bias.size());
    std::iota(m_all.begin(), m_all.end(), 0);
}

void DenseLayer::apply(const PaddedMatrix &in, std::int64_t count, PaddedMatrix &out) const
{
    assert(out.stride() >= outputs() && out.rows() >= count);
    dots(in, count, m_weight, m_all, out.row(0), out.stride());
    for (std::int64_t r = 0; r < count; ++r)
        for (std::size_t k = 0; k < m_bias.size(); ++k)
            out.row(r)[k] += m_bias[k];
}

void applyTanh(PaddedMatrix &rows, std::int64_t count)
{
    for (std::int64_t r = 0; r < count; ++r)
        for (std::int64_t k = 0; k < rows.stride(); ++k)
            rows.row(r)[k] = std::tanh(rows.row(r)[k]);
}

float softplus(float x)
{
    return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}

} // namespace apiary::recsys
