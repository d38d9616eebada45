#pragma once

#include "encoder/model_config.h"
#include "encoder/transformer.h"

namespace apiary::encoder {

/// LoadedModel::hash of a network read from this folder.
std::string modelHash(const std::filesystem::path &folder, const ModelConfig &config, const Transformer &transformer);

} // namespace apiary::encoder
