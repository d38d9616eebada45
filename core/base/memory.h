#pragma once

#include <cstddef>
#include <cstdint>

namespace apiary {

/// Memory of this process and, where one is used, of its GPU, in bytes. A GPU figure is -1 where there is none.
struct MemoryUse {
    std::int64_t resident = 0;     ///< resident set now
    std::int64_t peakResident = 0; ///< largest resident set so far
    std::int64_t allocated = 0;    ///< in use in the C allocator, which holds libtorch's CPU tensors
    std::int64_t gpuAllocated = -1;
    std::int64_t gpuReserved = -1;
    std::int64_t gpuTotal = -1;
};

/// What the operating system and the C library say now; GPU fields stay -1 (encoder/device.h fills them).
MemoryUse processMemory();

/// Physical memory of the machine, or of the container's limit where that is smaller.
std::int64_t machineMemory();

/// What could be allocated now without swapping: the kernel's estimate (MemAvailable), within the container's limit.
std::int64_t availableMemory();

constexpr std::size_t largePage = std::size_t{2} << 20;

/// Asks for large pages beneath what of this memory fills whole ones: fewer faults at the first touch, fewer look-ups of
/// rows that lie far apart. A wish: where the system has none, nothing changes.
void preferLargePages(void *memory, std::size_t bytes);

/// Tells the C library to keep what large tensors free for the next ones instead of returning it page by page: a
/// training step allocates the same sizes over and over. Call it once, before the first tensor.
void tuneAllocator();

} // namespace apiary
