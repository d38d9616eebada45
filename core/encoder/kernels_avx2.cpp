#include "encoder/kernels.inc"

namespace apiary::encoder {

extern const Kernels avx2Kernels;
const Kernels avx2Kernels{"avx2", addNorm, addNormBackward, dropout, gelu, geluBackward, softmax, softmaxBackward};

} // namespace apiary::encoder
