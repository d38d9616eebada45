#pragma once

#include "encoder/model_config.h"
#include "encoder/transformer.h"

#include <functional>
#include <memory>

namespace apiary::encoder {

/// Gives the weight of a name in a checkpoint, float32, checked against the shape; throws InputError otherwise.
using WeightSource = std::function<at::Tensor(const std::string &name, at::IntArrayRef shape)>;

/// BERT (Devlin et al. 2019) with post-layer normalisation and absolute positions, as Hugging Face stores it.
std::unique_ptr<Transformer> makeBert(const ModelConfig &config, const WeightSource &weights);

} // namespace apiary::encoder
