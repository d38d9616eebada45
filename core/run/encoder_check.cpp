#include "run/encoder_check.h"

#include "base/error.h"
#include "encoder/architecture.h"
#include "encoder/checkpoint.h"
#include "encoder/model_config.h"
#include "encoder/network.h"
#include "text/tokenizer.h"

#include <algorithm>

namespace apiary::run {

namespace {

namespace fs = std::filesystem;

/// A tensor of this shape without memory, where the checkpoint has it as loading would take it.
at::Tensor described(const encoder::Checkpoint &checkpoint, const std::string &name, at::IntArrayRef shape)
{
    const encoder::SafetensorsFile &file = checkpoint.fileOf(name);
    const encoder::TensorInfo &info = file.info(name);
    const std::string remedy = "config.json and the weights do not belong together: download both again";
    if (!std::equal(info.shape.begin(), info.shape.end(), shape.begin(), shape.end()))
        throw InputError("tensor \"" + name + "\" has the shape " + encoder::shapeText(info.shape) +
                             ", the configuration asks for " + encoder::shapeText({shape.data(), shape.size()}),
                         file.path().string(), remedy);
    if (!info.dtype.starts_with('F') && !info.dtype.starts_with("BF"))
        throw InputError("tensor \"" + name + "\" holds " + info.dtype + ", expected floating-point numbers",
                         file.path().string(), "choose the encoder's unquantized weights");
    return at::empty(shape, at::TensorOptions(at::kFloat).device(at::kMeta));
}

/// Makes the network of tensors without memory: what it asks for is what loadModel() would ask for.
void checkNetwork(const fs::path &folder, const encoder::ModelConfig &config)
{
    const fs::path inner = folder / config.transformerPath;
    const encoder::JsonFile configuration = encoder::JsonFile::read(inner / "config.json");
    const encoder::Architecture &known = encoder::architecture(config.modelType, configuration.where("model_type"));
    const encoder::Checkpoint checkpoint = encoder::Checkpoint::open(inner);
    encoder::WeightSource weights;
    weights.get = [&](const std::string &name, at::IntArrayRef shape) {
        return described(checkpoint, encoder::nameInFile(checkpoint, known.prefix, name), shape);
    };
    weights.has = [&](const std::string &name) {
        return checkpoint.has(encoder::nameInFile(checkpoint, known.prefix, name));
    };
    encoder::WeightSource head;
    head.get = [&](const std::string &name, at::IntArrayRef shape) {
        const std::size_t slash = name.rfind('/');
        return described(encoder::Checkpoint::open(folder / name.substr(0, slash)), name.substr(slash + 1), shape);
    };
    const encoder::Network made(known.make(configuration, weights), config, head);
}

void checkTokenizer(const fs::path &folder, const encoder::ModelConfig &config)
{
    const auto tokenizer = text::loadTokenizer(folder / config.transformerPath);
    if (tokenizer->vocabularySize() > config.vocabularySize)
        throw InputError("the tokenizer has " + std::to_string(tokenizer->vocabularySize()) + " tokens, the network " +
                             std::to_string(config.vocabularySize),
                         folder.string(), "the folder mixes two encoders: download it again");
}

} // namespace

void checkEncoder(const fs::path &folder, CheckDepth depth)
{
    const encoder::ModelConfig config = encoder::readModelConfig(folder);
    checkNetwork(folder, config);
    hub::requireTokenizer(folder / config.transformerPath);
    if (depth == CheckDepth::Tokenizer)
        checkTokenizer(folder, config);
}

hub::EncoderCard encoderCard(const fs::path &folder, CheckDepth depth)
{
    hub::EncoderCard card = hub::readCard(folder);
    if (!card.error.empty())
        return card;
    try {
        checkEncoder(folder, depth);
    } catch (const std::exception &error) {
        card.error = error.what();
    }
    return card;
}

} // namespace apiary::run
