#include "base/process.h"

#include "base/memory.h"

#include <cstdlib>
#include <unistd.h>

namespace apiary {

void prepareProcess(char **argv)
{
    constexpr const char *policy = "OMP_WAIT_POLICY";
    if (!std::getenv(policy)) {
        setenv(policy, "passive", 1);
        execv("/proc/self/exe", argv);
    }
    tuneAllocator();
}

} // namespace apiary
