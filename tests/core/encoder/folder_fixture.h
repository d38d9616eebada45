#pragma once

// Included before any Qt header: libtorch's headers clash with Qt's keywords.
#include "encoder/model_folder.h"
#include "encoder/safetensors.h"

#include "support/assets.h"

#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace apiary::tests {

namespace fs = std::filesystem;
using encoder::PackedTokens;
using encoder::SafetensorsFile;
using nlohmann::json;

inline fs::path tinyFolder()
{
    return golden() / "tiny-bert";
}

/// The golden texts' token ids, those of `which` alone where given.
inline PackedTokens goldenTokens(const SafetensorsFile &golden, std::vector<std::int64_t> which = {})
{
    const at::Tensor ids = golden.tensor("ids"), offsets = golden.tensor("offsets");
    const auto *id = ids.const_data_ptr<std::int32_t>();
    const auto *offset = offsets.const_data_ptr<std::int64_t>();
    if (which.empty())
        for (std::int64_t i = 0; i + 1 < offsets.numel(); ++i)
            which.push_back(i);
    PackedTokens tokens;
    for (const std::int64_t i : which)
        tokens.add({id + offset[i], id + offset[i + 1]}, i);
    return tokens;
}

inline double maxDifference(const at::Tensor &a, const at::Tensor &b)
{
    return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

inline json readJson(const fs::path &path)
{
    std::ifstream stream(path);
    return json::parse(stream);
}

inline void editJson(const fs::path &path, const std::function<void(json &)> &edit)
{
    json value = readJson(path);
    edit(value);
    std::ofstream(path) << value.dump();
}

using Tensors = std::map<std::string, at::Tensor>;

/// Rewrites the weights of a folder.
inline void editWeights(const fs::path &folder, const std::function<void(Tensors &)> &edit)
{
    Tensors tensors;
    {
        const SafetensorsFile file = SafetensorsFile::open(folder / "model.safetensors");
        for (const std::string &name : file.names())
            tensors[name] = file.tensor(name).clone();
    }
    edit(tensors);
    encoder::writeSafetensors(folder / "model.safetensors",
                              std::vector<std::pair<std::string, at::Tensor>>(tensors.begin(), tensors.end()));
}

} // namespace apiary::tests
