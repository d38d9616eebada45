#include "encoder/model_folder.h"

#include "base/error.h"
#include "base/random.h"
#include "encoder/architecture.h"
#include "encoder/durable_file.h"
#include "encoder/json_file.h"
#include "encoder/safetensors.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

namespace apiary::encoder {

namespace {

namespace fs = std::filesystem;

constexpr const char *weightsName = "model.safetensors";

/// Two lanes of mix64 over 8-byte words and the lengths of the parts.
class Digest {
public:
    void add(const void *data, std::size_t size)
    {
        const char *at = static_cast<const char *>(data);
        word(size);
        for (; size >= 8; size -= 8, at += 8) {
            std::uint64_t value = 0;
            std::memcpy(&value, at, 8);
            word(value);
        }
        std::uint64_t rest = 0;
        std::memcpy(&rest, at, size);
        word(rest);
    }
    void add(const std::string &text) { add(text.data(), text.size()); }
    void add(std::int64_t value) { add(&value, sizeof value); }
    void add(double value) { add(&value, sizeof value); }

    std::string hex() const
    {
        char text[33];
        std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(m_lanes[0]),
                      static_cast<unsigned long long>(m_lanes[1]));
        return text;
    }

private:
    void word(std::uint64_t value)
    {
        m_lanes[0] = mix64(m_lanes[0] ^ value);
        m_lanes[1] = mix64(m_lanes[1] + value);
    }
    std::array<std::uint64_t, 2> m_lanes{0x41706961, 0x72790001};
};

std::string readBytes(const fs::path &path)
{
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::string digestOf(const ModelConfig &config, const fs::path &folder, const Transformer &transformer)
{
    Digest digest;
    digest.add(config.modelType);
    for (const std::int64_t value :
         {config.hiddenSize, config.layers, config.heads, config.intermediateSize, config.vocabularySize,
          config.maxPositions, config.typeVocabularySize, config.maxTokens})
        digest.add(value);
    digest.add(config.layerNormEps);
    digest.add(config.activation);
    digest.add(std::string(poolingName(config.pooling)));
    digest.add(std::int64_t{config.normalize});
    for (const char *name : {"tokenizer.json", "vocab.txt"})
        if (fs::is_regular_file(folder / name))
            digest.add(readBytes(folder / name));
    std::vector<const Parameter *> order;
    for (const Parameter &parameter : transformer.parameters())
        order.push_back(&parameter);
    std::sort(order.begin(), order.end(), [](const Parameter *a, const Parameter *b) { return a->name < b->name; });
    for (const Parameter *parameter : order) {
        const at::Tensor value = parameter->value.detach().to(at::kCPU).contiguous();
        digest.add(parameter->name);
        digest.add(value.const_data_ptr(), value.nbytes());
    }
    return digest.hex();
}

SafetensorsFile openWeights(const fs::path &folder)
{
    if (!fs::exists(folder / weightsName)) {
        for (const auto &[name, fact] :
             {std::pair("model.safetensors.index.json", "the weights are split into several files"),
              std::pair("pytorch_model.bin", "the weights are there only as a pickle, which is never loaded")})
            if (fs::exists(folder / name))
                throw InputError(fact, (folder / name).string(),
                                 "load the encoder in sentence-transformers and save it again as one safetensors file");
    }
    return SafetensorsFile::open(folder / weightsName);
}

/// The name a parameter has in the file: its own, or with the architecture's prefix.
std::string nameInFile(const SafetensorsFile &file, const std::string &prefix, const std::string &name)
{
    return !file.has(name) && file.has(prefix + name) ? prefix + name : name;
}

at::Tensor readWeight(const SafetensorsFile &file, const std::string &name, at::IntArrayRef shape)
{
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

void writeFolder(const Transformer &transformer, const fs::path &source, const fs::path &target,
                 const std::string &readme)
{
    const ModelConfig config = readModelConfig(source);
    const std::string prefix = architecture(config.modelType, source.string()).prefix;
    const fs::path inner = source / config.transformerPath;
    const SafetensorsFile file = openWeights(inner);
    copyFolder(source, target, inner / "config.json");

    std::vector<std::pair<std::string, at::Tensor>> tensors;
    std::vector<std::string> written;
    for (const Parameter &parameter : transformer.parameters()) {
        tensors.emplace_back(nameInFile(file, prefix, parameter.name), parameter.value);
        written.push_back(tensors.back().first);
    }
    std::sort(written.begin(), written.end());
    for (const std::string &name : file.names())
        if (!std::binary_search(written.begin(), written.end(), name))
            tensors.emplace_back(name, file.tensor(name));
    writeSafetensors(target / config.transformerPath / weightsName, tensors, {{"format", "pt"}});

    DurableFile text(target / "README.md");
    text.write(readme);
    text.finish();
    syncFolder(target);
}

} // namespace

LoadedModel loadModel(const fs::path &folder)
{
    LoadedModel model;
    model.folder = folder;
    model.config = readModelConfig(folder);
    const fs::path inner = folder / model.config.transformerPath;
    const Architecture &known = architecture(model.config.modelType, (inner / "config.json").string());
    model.architecture = model.config.modelType;
    const SafetensorsFile file = openWeights(inner);
    model.transformer = known.make(model.config, [&](const std::string &name, at::IntArrayRef shape) {
        return readWeight(file, nameInFile(file, known.prefix, name), shape);
    });
    for (const Parameter &parameter : model.transformer->parameters())
        model.parameterCount += parameter.value.numel();
    model.hash = digestOf(model.config, inner, *model.transformer);
    return model;
}

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
