#pragma once

#include <ATen/ATen.h>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace apiary::encoder {

/// A tensor as a safetensors header describes it.
struct TensorInfo {
    std::string dtype;               ///< as in the file: "F32", "F16", "BF16", "I64" …
    std::vector<std::int64_t> shape; ///< empty for a scalar
    std::uint64_t begin = 0;         ///< bytes, from the start of the data
    std::uint64_t end = 0;
};

/// A safetensors file, memory-mapped: 8 bytes of header length (little endian), a JSON header, then the tensors' bytes.
/// Format: https://github.com/huggingface/safetensors. Immutable once open; may be shared between threads.
class SafetensorsFile {
public:
    /// Maps the file and checks its whole header: lengths, JSON, dtypes, shapes, and that the tensors' ranges lie in the
    /// file, do not overlap and leave no hole. Throws InputError naming the file and the fact.
    static SafetensorsFile open(const std::filesystem::path &path);

    const std::filesystem::path &path() const { return m_path; }
    const std::map<std::string, std::string> &metadata() const { return m_metadata; }
    std::vector<std::string> names() const; ///< ascending
    bool has(const std::string &name) const { return m_tensors.contains(name); }
    /// Throws InputError where there is no such tensor.
    const TensorInfo &info(const std::string &name) const;

    /// The tensor in its own dtype on the CPU: a view of the mapping, which lives as long as the view. Writing to it
    /// changes this process's pages only, never the file.
    at::Tensor tensor(const std::string &name) const;
    /// A float32 copy in memory of its own; throws InputError where the tensor holds no floating-point numbers.
    at::Tensor floatTensor(const std::string &name) const;

private:
    struct Mapping;
    std::filesystem::path m_path;
    std::shared_ptr<Mapping> m_mapping;
    std::uint64_t m_dataBegin = 0;
    std::map<std::string, TensorInfo> m_tensors;
    std::map<std::string, std::string> m_metadata;
};

/// "[2, 3]", for messages.
std::string shapeText(std::span<const std::int64_t> shape);

/// Writes tensors (any device, any stride) under unique names. The file appears under `path` whole or not at all and is
/// on disk on return. The data begins at a multiple of 64 bytes, wider types first, so that every tensor can be mapped.
/// Throws Error where the disk is full or the folder cannot be written to.
void writeSafetensors(const std::filesystem::path &path, std::span<const std::pair<std::string, at::Tensor>> tensors,
                      const std::map<std::string, std::string> &metadata = {});

} // namespace apiary::encoder
