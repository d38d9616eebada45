#pragma once

#include "encoder/architecture.h"

namespace apiary::encoder {

/// BERT (Devlin et al. 2019) with post-layer normalisation and absolute positions, as Hugging Face stores it.
NetworkSize bertSize(const JsonFile &config);
std::unique_ptr<Body> makeBert(const JsonFile &config, const WeightSource &weights);

} // namespace apiary::encoder
