#pragma once

#include "encoder/safetensors.h"

#include <map>
#include <string>
#include <vector>

namespace apiary::encoder {

/// The weights of a folder: model.safetensors, or the files that model.safetensors.index.json names.
class Checkpoint {
public:
    /// Throws InputError where there are none, or only a pickle, or where the index and the files disagree.
    static Checkpoint open(const std::filesystem::path &folder);

    bool has(const std::string &name) const { return m_files.contains(name); }
    std::vector<std::string> names() const; ///< ascending
    /// The file that holds the tensor; throws InputError where none does.
    const SafetensorsFile &fileOf(const std::string &name) const;
    at::Tensor tensor(const std::string &name) const { return fileOf(name).tensor(name); }
    /// A float32 tensor of its own memory with exactly this shape and finite values; throws InputError otherwise.
    at::Tensor weight(const std::string &name, at::IntArrayRef shape) const;

private:
    static Checkpoint openShards(const std::filesystem::path &folder);

    std::filesystem::path m_path; ///< for errors
    std::vector<SafetensorsFile> m_opened;
    std::map<std::string, std::size_t> m_files; ///< tensor → index in m_opened
};

/// The name that a parameter has in a checkpoint: its own, or with the architecture's prefix, or an older one.
std::string nameInFile(const Checkpoint &file, const std::string &prefix, const std::string &name);

} // namespace apiary::encoder
