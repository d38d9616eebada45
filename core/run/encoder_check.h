#pragma once

#include "hub/card.h"

#include <filesystem>

namespace apiary::run {

/// How deep checkEncoder() looks. Files: as long as a folder's list may take; Tokenizer: builds the tokenizer, too, which
/// takes up to a second or so where that is large.
enum class CheckDepth { Files, Tokenizer };

/// Whether the encoder of a folder can be opened, as far as that can be told without reading its weights: architecture and
/// configuration are known, every tensor is in a safetensors file of the folder by its name, shape and a floating-point
/// type, links stay inside the folder, and there is a tokenizer (with Tokenizer: a known one, no larger than the network's
/// table). What is left to opening it: whether the weights are finite. Throws the InputError that opening would throw.
void checkEncoder(const std::filesystem::path &folder, CheckDepth depth = CheckDepth::Tokenizer);

/// hub::readCard(), whose `error` also says what checkEncoder() objects to, where the card itself finds nothing.
hub::EncoderCard encoderCard(const std::filesystem::path &folder, CheckDepth depth = CheckDepth::Files);

} // namespace apiary::run
