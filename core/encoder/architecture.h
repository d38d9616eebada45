#pragma once

#include "encoder/body.h"
#include "encoder/json_file.h"

#include <memory>
#include <span>
#include <string>

namespace apiary::encoder {

/// What has to be known of a network before its weights are read.
struct NetworkSize {
    std::int64_t hiddenSize = 0; ///< width of a token's state
    std::int64_t layers = 0;
    std::int64_t vocabularySize = 0; ///< rows of the embedding table
    std::int64_t maxPositions = 0;   ///< tokens a text at most
};

/// A Transformer architecture that can be loaded.
struct Architecture {
    const char *modelType; ///< config.json's model_type
    const char *prefix;    ///< what a checkpoint may put before every parameter's name
    /// Both read config.json and throw InputError for a field that is missing, out of bounds or unknown here.
    NetworkSize (*size)(const JsonFile &config);
    std::unique_ptr<Body> (*make)(const JsonFile &config, const WeightSource &weights);
};

/// All of them. To add one: a file that makes it, and a line in architecture.cpp.
std::span<const Architecture> architectures();

/// The one of this model_type; throws InputError with `where` and the known ones.
const Architecture &architecture(const std::string &modelType, const std::string &where);

} // namespace apiary::encoder
