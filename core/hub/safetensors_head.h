#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace apiary::hub {

/// What the head of a safetensors file (https://github.com/huggingface/safetensors) tells.
struct SafetensorsHead {
    std::map<std::string, std::int64_t> elements; ///< numbers by dtype ("F32", "I64")
    std::int64_t parameters = 0;                  ///< those of floating-point tensors
};

/// Reads the head alone. Throws InputError for a file that is none, is cut off, or whose sizes make no sense.
SafetensorsHead readSafetensorsHead(const std::filesystem::path &file);

} // namespace apiary::hub
