// Reading an encoder folder; model_saving.cpp writes one.
#include "encoder/model_folder.h"

#include "base/error.h"
#include "encoder/checkpoint.h"
#include "encoder/model_hash.h"
#include "encoder/network.h"

namespace apiary::encoder {

namespace {

namespace fs = std::filesystem;

/// Weights of the modules behind the Transformer: "MODULE/NAME" stands in MODULE's own model.safetensors.
WeightSource headWeights(const fs::path &folder)
{
    WeightSource source;
    source.get = [folder](const std::string &name, at::IntArrayRef shape) {
        const std::size_t slash = name.rfind('/');
        return Checkpoint::open(folder / name.substr(0, slash)).weight(name.substr(slash + 1), shape);
    };
    return source;
}

} // namespace

LoadedModel loadModel(const fs::path &folder)
{
    LoadedModel model;
    model.folder = folder;
    model.config = readModelConfig(folder);
    model.architecture = model.config.modelType;
    const fs::path inner = folder / model.config.transformerPath;
    const JsonFile configuration = JsonFile::read(inner / "config.json");
    const Architecture &known = architecture(model.architecture, configuration.where("model_type"));
    const Checkpoint checkpoint = Checkpoint::open(inner);
    WeightSource weights;
    weights.get = [&](const std::string &name, at::IntArrayRef shape) {
        return checkpoint.weight(nameInFile(checkpoint, known.prefix, name), shape);
    };
    weights.has = [&](const std::string &name) { return checkpoint.has(nameInFile(checkpoint, known.prefix, name)); };
    model.transformer =
        std::make_unique<Network>(known.make(configuration, weights), model.config, headWeights(folder));
    for (const Parameter &parameter : model.transformer->parameters())
        model.parameterCount += parameter.value.numel();
    model.hash = modelHash(folder, model.config, *model.transformer);
    return model;
}

} // namespace apiary::encoder
