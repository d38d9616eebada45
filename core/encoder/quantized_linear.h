#pragma once

#include "encoder/parameters.h"

namespace apiary::encoder {

/// A matrix in whole numbers: row j of W is scales[j] · weight[:, j], weight in [−127, 127].
struct QuantizedLinear {
    at::Tensor weight; ///< int8 [in, out], a transposed view
    at::Tensor scales; ///< float32 [out]
};

/// Symmetric quantisation, a scale for each output channel.
std::shared_ptr<const QuantizedLinear> quantized(const Linear &weights);

/// x·Wᵀ without its bias, float32 [rows, out], outside training and on the processor: each row of x is quantised with a
/// scale of its own, products are summed in int32.
at::Tensor quantizedProduct(const at::Tensor &x, const QuantizedLinear &weights);

} // namespace apiary::encoder
