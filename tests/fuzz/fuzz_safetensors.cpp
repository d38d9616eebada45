// A safetensors file of any bytes: opened, its tensors read, or refused with an InputError.
#include "base/error.h"
#include "encoder/safetensors.h"

#include <cstdlib>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

using namespace apiary;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const int file = memfd_create("fuzz", 0);
    static const std::string path = "/proc/self/fd/" + std::to_string(file);
    if (file < 0 || ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != static_cast<ssize_t>(size))
        std::abort();
    try {
        const auto opened = encoder::SafetensorsFile::open(path);
        for (const std::string &name : opened.names()) {
            const encoder::TensorInfo &info = opened.info(name);
            if (info.end > size)
                std::abort(); // outside the file
            opened.tensor(name);
            opened.floatTensor(name);
        }
    } catch (const InputError &) {
    }
    return 0;
}
