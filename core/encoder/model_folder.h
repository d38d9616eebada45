#pragma once

#include "encoder/model_config.h"
#include "encoder/transformer.h"

#include <filesystem>
#include <memory>
#include <string>

namespace apiary::encoder {

/// A sentence-transformers folder read: config.json, modules.json, pooling, normalisation, weights.
struct LoadedModel {
    std::unique_ptr<Transformer> transformer;
    std::filesystem::path folder;
    std::string architecture; ///< config.json's model_type
    /// 32 hex digits over all that an embedding depends on: the network's configuration, the tokenizer's files, and the
    /// weights as float32 in the order of their names. Tells encoders apart; no protection against forgery.
    std::string hash;
    std::int64_t parameterCount = 0;
    ModelConfig config;
};

/// Reads a folder; weights in half precision become float32. Throws InputError naming the file and the fact (missing
/// tensor, wrong shape, unknown architecture …).
LoadedModel loadModel(const std::filesystem::path &folder);

/// Writes a complete sentence-transformers folder: the files of `source` (tokenizer, configuration, modules) with the
/// weights of `transformer` in safetensors, float32, and `readme` as README.md; tensors of `source` that are no
/// parameters of `transformer` (a pooler, buffers) are kept as they are. Appears under `target`, which must not exist,
/// whole or not at all, and is on disk on return. Throws Error where the disk is full or the place not writable.
void saveModel(const Transformer &transformer, const std::filesystem::path &source, const std::filesystem::path &target,
               const std::string &readme);

} // namespace apiary::encoder
