#include "encoder/kernels.inc"

namespace apiary::encoder {

extern const Kernels defaultKernels;
const Kernels defaultKernels{"default",       addNorm, addNormBackward, dropout,  gelu,     geluBackward, softmax,
                             softmaxBackward, addBias, biasGelu,        biasNorm, quantize, dequantize};

} // namespace apiary::encoder
