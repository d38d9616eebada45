#include "encoder/device.h"

#include "base/error.h"

#include <ATen/ATen.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <algorithm>
#include <charconv>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <link.h>
#include <torch/headeronly/version.h>

namespace apiary::encoder {

namespace {

namespace fs = std::filesystem;

struct Gpus {
    std::vector<DeviceInfo> found;
    std::string why; ///< what is missing, where none was found
    std::string remedy;
};

/// The few functions of NVIDIA's driver that name the GPUs; their C interface is stable.
class Driver {
public:
    explicit Driver(void *library)
        : m_init(symbol<int (*)(unsigned)>(library, "cuInit"))
        , m_get(symbol<int (*)(int *, int)>(library, "cuDeviceGet"))
        , m_name(symbol<int (*)(char *, int, int)>(library, "cuDeviceGetName"))
        , m_memory(symbol<int (*)(std::size_t *, int)>(library, "cuDeviceTotalMem_v2"))
    {
    }
    bool start() const { return m_init && m_get && m_name && m_memory && m_init(0) == 0; }
    DeviceInfo describe(int index) const
    {
        DeviceInfo info;
        info.name = "cuda:" + std::to_string(index);
        int device = 0;
        char name[256] = {};
        std::size_t memory = 0;
        if (m_get(&device, index) == 0 && m_name(name, sizeof name - 1, device) == 0)
            info.description = name;
        if (m_memory(&memory, device) == 0)
            info.memory = static_cast<std::int64_t>(memory);
        return info;
    }

private:
    template <typename Function>
    static Function symbol(void *library, const char *name)
    {
        return reinterpret_cast<Function>(::dlsym(library, name));
    }
    int (*m_init)(unsigned);
    int (*m_get)(int *, int);
    int (*m_name)(char *, int, int);
    int (*m_memory)(std::size_t *, int);
};

/// libtorch_cuda.so beside the libtorch_cpu.so that this process uses.
fs::path cudaLibrary()
{
    const char *name = "libtorch_cuda.so";
    void *cpu = ::dlopen("libtorch_cpu.so", RTLD_NOW | RTLD_NOLOAD);
    link_map *map = nullptr;
    if (!cpu || ::dlinfo(cpu, RTLD_DI_LINKMAP, &map) != 0 || !map)
        return name;
    const fs::path path = fs::path(map->l_name).parent_path() / name;
    ::dlclose(cpu);
    return path;
}

Gpus findGpus()
{
    void *library = ::dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return {{}, "this machine has no NVIDIA driver", "choose the device cpu, or install the driver of its GPU"};
    const Driver driver(library);
    if (!driver.start())
        return {{},
                "the NVIDIA driver finds no GPU that it can use",
                "choose the device cpu, or check what nvidia-smi says"};
    const fs::path torch = cudaLibrary();
    if (!fs::exists(torch))
        return {{},
                "this libtorch has no part for GPUs (" + torch.string() + ")",
                "choose the device cpu, or point APIARY_TORCH_DIR to a libtorch with CUDA and build again"};
    if (!::dlopen(torch.c_str(), RTLD_NOW | RTLD_GLOBAL)) {
        const char *reason = ::dlerror();
        return {{},
                std::string("libtorch's part for GPUs cannot be opened: ") + (reason ? reason : "unknown reason"),
                "run ./run build on this machine, which fetches the GPU libraries, or choose the device cpu"};
    }
    Gpus gpus;
    if (at::accelerator::getAccelerator() == at::kCUDA) {
        const int count = at::accelerator::deviceCount();
        for (int i = 0; i < count; ++i)
            gpus.found.push_back(driver.describe(i));
    }
    if (gpus.found.empty()) {
        gpus.why = "libtorch finds no GPU that it can use";
        gpus.remedy = "choose the device cpu, or check that the driver is new enough for this libtorch";
    }
    return gpus;
}

const Gpus &gpus()
{
    static const Gpus found = findGpus();
    return found;
}

std::string processorName()
{
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("model name") && line.find(": ") != std::string::npos)
            return line.substr(line.find(": ") + 2);
    return "processor";
}

/// The index of "cuda:i", or -1.
int gpuIndex(const std::string &device)
{
    if (device == "cuda")
        return 0;
    int index = -1;
    constexpr std::size_t prefix = 5;
    const char *end = device.data() + device.size();
    if (!device.starts_with("cuda:") || std::from_chars(device.data() + prefix, end, index).ptr != end)
        return -1;
    return index;
}

} // namespace

std::vector<DeviceInfo> devices()
{
    std::vector<DeviceInfo> all{{"cpu", processorName(), machineMemory()}};
    all.insert(all.end(), gpus().found.begin(), gpus().found.end());
    return all;
}

std::string resolveDevice(const std::string &wanted)
{
    if (wanted == "cpu")
        return wanted;
    if (wanted == "auto")
        return gpus().found.empty() ? "cpu" : gpus().found.front().name;
    const int index = gpuIndex(wanted);
    if (index < 0)
        throw InputError("unknown device \"" + wanted + "\"", "device",
                         "choose one of: auto, cpu, cuda, cuda:0, cuda:1 …");
    if (gpus().found.empty())
        throw InputError("no GPU for \"" + wanted + "\": " + gpus().why, "device", gpus().remedy);
    if (static_cast<std::size_t>(index) >= gpus().found.size())
        throw InputError("no GPU " + std::to_string(index) + ", this machine has " +
                             std::to_string(gpus().found.size()),
                         "device", "choose one from cuda:0 to cuda:" + std::to_string(gpus().found.size() - 1));
    return gpus().found[static_cast<std::size_t>(index)].name;
}

void addDeviceMemory(MemoryUse &use, const std::string &device)
{
    const int index = gpuIndex(device);
    if (index < 0 || static_cast<std::size_t>(index) >= gpus().found.size())
        return;
    use.gpuTotal = gpus().found[static_cast<std::size_t>(index)].memory;
    use.gpuAllocated = use.gpuReserved = 0;
    // Before the first tensor on a GPU its allocator does not exist.
    auto *allocator = at::getDeviceAllocator(at::kCUDA);
    if (!allocator || !allocator->initialized())
        return;
    const auto stats = at::accelerator::getDeviceStats(static_cast<c10::DeviceIndex>(index));
    constexpr auto all = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
    use.gpuAllocated = stats.allocated_bytes[all].current;
    use.gpuReserved = stats.reserved_bytes[all].current;
}

void releaseDeviceMemory(const std::string &device)
{
    if (gpuIndex(device) >= 0 && !gpus().found.empty())
        at::accelerator::emptyCache();
}

void setThreads(int count)
{
    at::set_num_threads(std::max(count, 1));
}

int threads()
{
    return at::get_num_threads();
}

std::string libtorchVersion()
{
    return TORCH_VERSION;
}

std::string cpuCapability()
{
    return at::get_cpu_capability();
}

} // namespace apiary::encoder
