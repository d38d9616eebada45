#include "encoder/kernels.h"

#include <cstring>
#include <initializer_list>

namespace apiary::encoder {

extern const Kernels defaultKernels;
#ifdef APIARY_X86_KERNELS
extern const Kernels avx2Kernels;
extern const Kernels avx512Kernels;
#endif

const Kernels *kernelsNamed(const char *name)
{
    if (std::strcmp(name, defaultKernels.name) == 0)
        return &defaultKernels;
#ifdef APIARY_X86_KERNELS
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (avx2 && std::strcmp(name, avx2Kernels.name) == 0)
        return &avx2Kernels;
    if (avx512 && std::strcmp(name, avx512Kernels.name) == 0)
        return &avx512Kernels;
#endif
    return nullptr;
}

const Kernels &kernels()
{
    static const Kernels *const best = [] {
        for (const char *name : {"avx512", "avx2"})
            if (const Kernels *found = kernelsNamed(name))
                return found;
        return &defaultKernels;
    }();
    return *best;
}

} // namespace apiary::encoder
