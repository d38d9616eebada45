#pragma once

#include "recsys/dots.h"

#include <cstdint>
#include <span>

namespace apiary::recsys {

/// The inner loops of implicit ALS, for the widest vectors of this processor. Every sum has an order of its own that
/// nothing around it changes. `stride` floats a row, a multiple of 16, filled up with zeros beyond the factors.

/// gram[factors × stride] += Σ yᵀy over rows [begin, end) of y.
void addGram(const PaddedMatrix &y, std::int64_t begin, std::int64_t end, std::int64_t factors, float *gram);

/// What one row's least squares are about: minimise Σ over items c·(1 − x·y)² + Σ over others (x·y)² + λ‖x‖², where
/// gram = YᵀY + λI [factors × stride] and c is the confidence of the row's items.
struct RowProblem {
    const PaddedMatrix &y;
    std::span<const std::int32_t> items;
    const float *gram;
    std::int64_t factors;
    float confidence;
};

/// `steps` steps of conjugate gradients from x (Takács, Pilászy, Tikk 2011); work: 3 × stride floats.
void conjugateGradients(const RowProblem &problem, int steps, float *x, float *work);

/// The normal equations: matrix [factors × stride] = gram + Σ (c − 1) yᵀy, right [stride] = Σ c·y.
void normalEquations(const RowProblem &problem, float *matrix, float *right);

/// to[k] += from[k].
void addTo(float *to, const float *from, std::int64_t count);

/// to = from / ‖from‖, in double precision; zeros stay zeros. False where a value is not finite: `to` is as it was then.
bool toUnit(const float *from, std::int64_t count, float *to);

} // namespace apiary::recsys
