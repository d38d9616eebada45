#pragma once

#include "recsys/dots.h"

#include <ATen/ATen.h>
#include <cstdint>
#include <vector>

namespace apiary::recsys {

/// y = x·Wᵀ + b for scoring: every row of y depends on its row of x alone, bit by bit (see dots()).
class DenseLayer {
public:
    DenseLayer() : m_weight(1, 1) {}
    /// weight [out, in], bias [out]; copied.
    DenseLayer(const at::Tensor &weight, const at::Tensor &bias);

    std::int64_t outputs() const { return static_cast<std::int64_t>(m_bias.size()); }
    /// Rows [0, count) of `in` into those of `out` (as wide as outputs()).
    void apply(const PaddedMatrix &in, std::int64_t count, PaddedMatrix &out) const;

private:
    PaddedMatrix m_weight;
    std::vector<float> m_bias;
    std::vector<std::int32_t> m_all;
};

/// A matrix [rows, columns] as dots() wants it.
PaddedMatrix padded(const at::Tensor &matrix);
/// In place, over the first `count` rows.
void applyTanh(PaddedMatrix &rows, std::int64_t count);
/// ln(1 + eˣ): keeps the order of scores of any sign and makes them positive.
float softplus(float x);

} // namespace apiary::recsys
