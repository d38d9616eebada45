#pragma once

#include "base/memory.h"

#include <cstdint>
#include <string>
#include <vector>

namespace apiary::encoder {

/// Something that a Transformer can run on.
struct DeviceInfo {
    std::string name;        ///< "cpu", "cuda:0" …
    std::string description; ///< the processor's name, in the maker's words
    std::int64_t memory = 0; ///< bytes in all
};

/// The processor first, then each GPU that can be used. The first call (of this or of resolveDevice) opens libtorch's
/// GPU library where there is an NVIDIA driver, which takes seconds: call one of them at start, before any other use of
/// libtorch, which would settle on having no GPU. Safe from any thread.
std::vector<DeviceInfo> devices();

/// "auto" (the first GPU, else the processor), "cpu", "cuda" or "cuda:1" → "cpu" or "cuda:i". Throws InputError saying
/// what is missing where a GPU is asked for that cannot be used.
std::string resolveDevice(const std::string &wanted);

/// Fills the GPU fields from libtorch's allocator; leaves them for "cpu". Any thread.
void addDeviceMemory(MemoryUse &use, const std::string &device);
/// Gives the memory that libtorch keeps unused on a GPU back to it; nothing for "cpu".
void releaseDeviceMemory(const std::string &device);

/// Threads of each operation on the processor (at least 1); call before training or from its thread.
void setThreads(int count);
int threads();

std::string libtorchVersion(); ///< e.g. "2.15.0"
/// The instruction set that libtorch uses here: "AVX512", "AVX2", "DEFAULT" …
std::string cpuCapability();

} // namespace apiary::encoder
