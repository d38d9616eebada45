#pragma once

#include "base/progress.h"

#include <ATen/ATen.h>
#include <stop_token>

namespace apiary::recsys {

/// Replaces a symmetric positive definite matrix [n, n, contiguous, float32 or float64] by its inverse; only the lower
/// triangle is read, both are written. Sweeps block after block (Goodnight 1979) over the lower triangle: n³
/// operations where inversion by LU takes 2n³, no second matrix, and a place to stop at every few hundredths of a
/// second. Throws Error where the matrix is not positive definite.
void invertInPlace(const at::Tensor &matrix, const ProgressFn &progress = {}, const std::stop_token &stop = {});

} // namespace apiary::recsys
