#include "encoder/kernels.inc"

namespace apiary::encoder {

extern const Kernels avx512Kernels;
const Kernels avx512Kernels{"avx512",        addNorm, addNormBackward, dropout,  gelu,     geluBackward, softmax,
                            softmaxBackward, addBias, biasGelu,        biasNorm, quantize, dequantize};

} // namespace apiary::encoder
