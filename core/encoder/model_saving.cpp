// Writing an encoder folder.
#include "base/error.h"
#include "encoder/architecture.h"
#include "encoder/checkpoint.h"
#include "encoder/durable_file.h"
#include "encoder/json_file.h"
#include "encoder/model_folder.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace apiary::encoder {

namespace {

namespace fs = std::filesystem;

using Tensors = std::vector<std::pair<std::string, at::Tensor>>;

constexpr const char *weightsName = "model.safetensors";

std::string readBytes(const fs::path &path)
{
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// What stays behind: weights in any format, and descriptions of the source encoder that no longer hold.
bool isCopied(const fs::path &path)
{
    static const std::array<std::string, 10> weights{".safetensors", ".bin", ".h5",   ".msgpack", ".onnx",
                                                     ".ot",          ".pt",  ".ckpt", ".gguf",    ".pkl"};
    static const std::array<std::string, 5> names{"README.md", "data_config.json", "model.safetensors.index.json",
                                                  "onnx", "openvino"};
    const std::string name = path.filename().string();
    return !name.starts_with('.') && std::find(names.begin(), names.end(), name) == names.end() &&
           std::find(weights.begin(), weights.end(), path.extension()) == weights.end();
}

/// config.json as it is, but for the type of the weights, which are float32 now.
void copyConfiguration(const fs::path &from, const fs::path &to)
{
    nlohmann::ordered_json config = nlohmann::ordered_json::parse(readBytes(from));
    bool changed = false;
    for (const char *field : {"torch_dtype", "dtype"}) {
        if (config.contains(field) && config[field] != "float32") {
            config[field] = "float32";
            changed = true;
        }
    }
    if (!changed)
        return copyDurably(from, to);
    DurableFile file(to);
    file.write(config.dump(2) + "\n");
    file.finish();
}

void copyFolder(const fs::path &from, const fs::path &to, const fs::path &configuration)
{
    for (const fs::directory_entry &entry : fs::directory_iterator(from)) {
        if (!isCopied(entry.path()))
            continue;
        const fs::path target = to / entry.path().filename();
        if (entry.is_directory() && !entry.is_symlink()) {
            fs::create_directory(target);
            copyFolder(entry.path(), target, configuration);
        } else if (entry.is_regular_file()) {
            entry.path() == configuration ? copyConfiguration(entry.path(), target) : copyDurably(entry.path(), target);
        }
    }
    syncFolder(to);
}

/// The network's weights under the names of the source, and what else the source holds.
Tensors networkTensors(const std::vector<Parameter> &parameters, const Checkpoint &source, const std::string &prefix)
{
    Tensors tensors;
    std::vector<std::string> written;
    for (const Parameter &parameter : parameters) {
        tensors.emplace_back(nameInFile(source, prefix, parameter.name), parameter.value);
        written.push_back(tensors.back().first);
    }
    std::sort(written.begin(), written.end());
    for (const std::string &name : source.names())
        if (!std::binary_search(written.begin(), written.end(), name))
            tensors.emplace_back(name, source.tensor(name));
    return tensors;
}

void writeFolder(const Transformer &transformer, const fs::path &source, const fs::path &target,
                 const std::string &readme)
{
    const ModelConfig config = readModelConfig(source);
    const fs::path inner = source / config.transformerPath;
    const Checkpoint checkpoint = Checkpoint::open(inner);
    copyFolder(source, target, inner / "config.json");

    std::vector<Parameter> ofBody = transformer.parameters();
    for (const Module &module : config.head) {
        const std::string start = module.path.generic_string() + "/";
        const auto isOfModule = [&](const Parameter &parameter) {
            return !module.path.empty() && parameter.name.starts_with(start);
        };
        Tensors own;
        for (const Parameter &parameter : transformer.parameters())
            if (isOfModule(parameter))
                own.emplace_back(parameter.name.substr(start.size()), parameter.value);
        if (!own.empty())
            writeSafetensors(target / module.path / weightsName, own, {{"format", "pt"}});
        std::erase_if(ofBody, isOfModule);
    }
    writeSafetensors(target / config.transformerPath / weightsName,
                     networkTensors(ofBody, checkpoint, architecture(config.modelType, source.string()).prefix),
                     {{"format", "pt"}});

    DurableFile text(target / "README.md");
    text.write(readme);
    text.finish();
    syncFolder(target);
}

} // namespace

void saveModel(const Transformer &transformer, const fs::path &source, const fs::path &target,
               const std::string &readme)
{
    if (fs::exists(fs::symlink_status(target)))
        throw InputError("exists already", target.string(), "choose another name, or remove what is there");
    const fs::path part = temporarySibling(target);
    std::error_code error;
    if (!fs::create_directory(part, error))
        throw Error("a folder cannot be created here: " + error.message(), target.string(),
                    "choose a folder that exists and that you may write to");
    try {
        writeFolder(transformer, source, part, readme);
        renameDurably(part, target);
    } catch (const fs::filesystem_error &problem) {
        fs::remove_all(part, error);
        throw Error(std::string("the encoder cannot be saved: ") + problem.code().message(), problem.path1().string(),
                    "check the folder's permissions and the disk");
    } catch (...) {
        fs::remove_all(part, error);
        throw;
    }
}

} // namespace apiary::encoder
