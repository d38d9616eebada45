#include "base/memory.h"

#include <algorithm>
#include <fstream>
#include <malloc.h>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

namespace apiary {

MemoryUse processMemory()
{
    MemoryUse use;
    std::ifstream statm("/proc/self/statm");
    std::int64_t size = 0, resident = 0;
    if (statm >> size >> resident)
        use.resident = resident * sysconf(_SC_PAGESIZE);
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    use.peakResident = std::max<std::int64_t>(usage.ru_maxrss * 1024, use.resident);
    const struct mallinfo2 info = mallinfo2();
    use.allocated = static_cast<std::int64_t>(info.uordblks + info.hblkhd);
    return use;
}

std::int64_t machineMemory()
{
    const std::int64_t physical = static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
    std::ifstream limit("/sys/fs/cgroup/memory.max");
    std::string text;
    if (limit >> text && text != "max")
        return std::min<std::int64_t>(physical, std::stoll(text));
    return physical;
}

std::int64_t availableMemory()
{
    std::ifstream meminfo("/proc/meminfo");
    std::int64_t available = machineMemory() / 2;
    std::string key, unit;
    for (std::int64_t kibibytes = 0; meminfo >> key >> kibibytes >> unit;)
        if (key == "MemAvailable:") {
            available = kibibytes * 1024;
            break;
        }
    std::ifstream current("/sys/fs/cgroup/memory.current");
    std::int64_t used = 0;
    if (current >> used)
        available = std::min(available, machineMemory() - used);
    return std::max<std::int64_t>(available, 0);
}

void preferLargePages(void *memory, std::size_t bytes)
{
#ifdef MADV_HUGEPAGE
    const auto begin = reinterpret_cast<std::uintptr_t>(memory), end = begin + bytes;
    const std::uintptr_t first = (begin + largePage - 1) / largePage * largePage, last = end / largePage * largePage;
    if (first < last)
        madvise(reinterpret_cast<void *>(first), last - first, MADV_HUGEPAGE);
#else
    static_cast<void>(memory);
    static_cast<void>(bytes);
#endif
}

void tuneAllocator()
{
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 64 << 20);
}

} // namespace apiary
