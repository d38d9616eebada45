#include "encoder/kernels.inc"

namespace apiary::encoder {

extern const Kernels avx2Kernels;
const Kernels avx2Kernels{"avx2",          addNorm, addNormBackward, dropout,  gelu,     geluBackward, softmax,
                          softmaxBackward, addBias, biasGelu,        biasNorm, quantize, dequantize};

} // namespace apiary::encoder
