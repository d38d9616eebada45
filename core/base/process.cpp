#include "base/process.h"

#include "base/memory.h"

#include <cstdlib>
#include <unistd.h>
#ifdef __SSE2__
#include <xmmintrin.h>
#endif

namespace apiary {

void prepareProcess(char **argv)
{
    constexpr const char *policy = "OMP_WAIT_POLICY";
    if (!std::getenv(policy)) {
        setenv(policy, "passive", 1);
        execv("/proc/self/exe", argv);
    }
    tuneAllocator();
#ifdef __SSE2__
    constexpr unsigned flushToZero = 0x8000, denormalsAreZero = 0x0040;
    _mm_setcsr(_mm_getcsr() | flushToZero | denormalsAreZero);
#endif
}

} // namespace apiary
