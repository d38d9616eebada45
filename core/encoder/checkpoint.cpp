#include "encoder/checkpoint.h"

#include "base/error.h"
#include "base/file_inside.h"
#include "encoder/json_file.h"
#include "encoder/modules.h"

#include <algorithm>
#include <utility>

namespace apiary::encoder {

namespace {

namespace fs = std::filesystem;

constexpr const char *singleName = "model.safetensors";
constexpr const char *indexName = "model.safetensors.index.json";
constexpr std::size_t mostShards = 1000;

} // namespace

Checkpoint Checkpoint::open(const fs::path &folder)
{
    if (!fs::exists(folder / singleName)) {
        if (fs::exists(folder / indexName))
            return openShards(folder);
        if (fs::exists(folder / "pytorch_model.bin"))
            throw InputError("the weights are there only as a pickle, which is never loaded",
                             (folder / "pytorch_model.bin").string(),
                             "load the encoder in sentence-transformers and save it again as safetensors");
    }
    Checkpoint checkpoint;
    checkpoint.m_path = folder / singleName;
    checkpoint.m_opened.push_back(SafetensorsFile::open(fileInside(folder, singleName)));
    for (const std::string &name : checkpoint.m_opened.front().names())
        checkpoint.m_files[name] = 0;
    return checkpoint;
}

Checkpoint Checkpoint::openShards(const fs::path &folder)
{
    const JsonFile index = JsonFile::read(fileInside(folder, indexName));
    const auto map = index.root().find("weight_map");
    if (map == index.root().end() || !map->is_object() || map->empty())
        throw InputError("expected an object from tensors to files", index.where("weight_map"),
                         "download the encoder's folder again");
    Checkpoint checkpoint;
    checkpoint.m_path = folder / indexName;
    std::map<std::string, std::size_t> opened;
    for (const auto &[tensor, file] : map->items()) {
        const std::string name = file.is_string() ? file.get<std::string>() : std::string();
        if (name.empty() || fs::path(name).filename() != name || opened.size() >= mostShards)
            throw InputError("tensor \"" + tensor + "\" is not said to be in a file of this folder",
                             index.where("weight_map"), "download the encoder's folder again");
        const auto [entry, isNew] = opened.emplace(name, checkpoint.m_opened.size());
        if (isNew)
            checkpoint.m_opened.push_back(SafetensorsFile::open(fileInside(folder, name)));
        if (!checkpoint.m_opened[entry->second].has(tensor))
            throw InputError("tensor \"" + tensor + "\" is missing, though the index says it is here",
                             (folder / name).string(), "download the encoder's folder again");
        checkpoint.m_files[tensor] = entry->second;
    }
    return checkpoint;
}

std::vector<std::string> Checkpoint::names() const
{
    std::vector<std::string> result;
    for (const auto &[name, file] : m_files)
        result.push_back(name);
    return result;
}

const SafetensorsFile &Checkpoint::fileOf(const std::string &name) const
{
    const auto found = m_files.find(name);
    if (found == m_files.end())
        throw InputError("tensor \"" + name + "\" is missing", m_path.string(),
                         "config.json and the weights do not belong together: download both again");
    return m_opened[found->second];
}

at::Tensor Checkpoint::weight(const std::string &name, at::IntArrayRef shape) const
{
    const SafetensorsFile &file = fileOf(name);
    const TensorInfo &info = file.info(name);
    if (!std::equal(info.shape.begin(), info.shape.end(), shape.begin(), shape.end()))
        throw InputError("tensor \"" + name + "\" has the shape " + shapeText(info.shape) +
                             ", the configuration asks for " + shapeText({shape.data(), shape.size()}),
                         file.path().string(),
                         "config.json and the weights do not belong together: download both again");
    at::Tensor value = file.floatTensor(name);
    if (!value.isfinite().all().item<bool>())
        throw InputError("tensor \"" + name + "\" holds values that are not finite", file.path().string(),
                         "the encoder was saved after its training had diverged: choose an earlier one");
    return value;
}

std::string nameInFile(const Checkpoint &file, const std::string &prefix, const std::string &name)
{
    for (const std::string &one : {name, prefix + name}) {
        if (file.has(one))
            return one;
        // As the first BERT checkpoints call the vectors of a LayerNorm.
        for (const auto &[now, before] : {std::pair(".weight", ".gamma"), std::pair(".bias", ".beta")})
            if (one.ends_with(std::string("LayerNorm") + now) && file.has(one.substr(0, one.rfind('.')) + before))
                return one.substr(0, one.rfind('.')) + before;
    }
    return name;
}

} // namespace apiary::encoder
