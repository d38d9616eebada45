#include "encoder/kernels.inc"

namespace apiary::encoder {

extern const Kernels defaultKernels;
const Kernels defaultKernels{"default", addNorm,      addNormBackward, dropout,
                             gelu,      geluBackward, softmax,         softmaxBackward};

} // namespace apiary::encoder
