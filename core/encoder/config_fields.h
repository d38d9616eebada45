#pragma once

#include "encoder/architecture.h"

namespace apiary::encoder {

/// Fields of config.json that many architectures share; each throws InputError naming the file and the field.

/// hidden_size, num_hidden_layers, vocab_size, max_position_embeddings.
NetworkSize readNetworkSize(const JsonFile &file);
/// num_attention_heads, which divides the width.
std::int64_t readHeads(const JsonFile &file, std::int64_t width);
/// An activation's name, as transformers writes it.
Activation readActivation(const JsonFile &file, const std::string &field, const char *fallback);
/// Throws unless the field is absent or has the one value that is known here.
void expectText(const JsonFile &file, const std::string &field, const char *known);
/// Throws where is_decoder is set.
void refuseDecoder(const JsonFile &file);

} // namespace apiary::encoder
