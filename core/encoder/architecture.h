#pragma once

#include "encoder/model_config.h"
#include "encoder/transformer.h"

#include <functional>
#include <memory>
#include <span>
#include <string>

namespace apiary::encoder {

/// Gives a parameter of a checkpoint by its name, as a float32 tensor of its own memory with exactly this shape.
using WeightSource = std::function<at::Tensor(const std::string &name, at::IntArrayRef shape)>;

/// A Transformer architecture that can be loaded.
struct Architecture {
    const char *modelType; ///< config.json's model_type
    const char *prefix;    ///< what a checkpoint may put before every parameter's name
    std::unique_ptr<Transformer> (*make)(const ModelConfig &config, const WeightSource &weights);
};

/// All of them. To add one: a file that makes it, and a line in architecture.cpp.
std::span<const Architecture> architectures();

/// The one of this model_type; throws InputError with `where` and the known ones.
const Architecture &architecture(const std::string &modelType, const std::string &where);

} // namespace apiary::encoder
