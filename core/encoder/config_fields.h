#pragma once

#include "encoder/architecture.h"
#include "encoder/post_norm_layer.h"

#include <vector>

namespace apiary::encoder {

/// Fields of config.json that many architectures share; each throws InputError naming the file and the field.

/// hidden_size, num_hidden_layers, vocab_size, max_position_embeddings.
NetworkSize readNetworkSize(const JsonFile &file);
/// The number of heads, which divides the width.
std::int64_t readHeads(const JsonFile &file, std::int64_t width, const std::string &field = "num_attention_heads");
/// Throws where heads are of an odd width, which cannot be rotated.
void expectEvenHeads(const JsonFile &file, std::int64_t headWidth, const char *field = "hidden_size");
/// layer_types: whether a layer's attention is a sliding window's; empty where there is no such field.
std::vector<bool> readWindowedLayers(const JsonFile &file, std::int64_t layers);
/// What BERT's kin call these settings: intermediate_size, layer_norm_eps, hidden_act and the dropouts.
PostNormSettings readPostNormSettings(const JsonFile &file, std::int64_t width);
/// An activation's name, as transformers writes it.
Activation readActivation(const JsonFile &file, const std::string &field, const char *fallback);
/// Throws unless the field is absent or has the one value that is known here.
void expectText(const JsonFile &file, const std::string &field, const char *known);
/// Throws unless the field is absent or has the one value that is known here.
void expectFlag(const JsonFile &file, const std::string &field, bool known);
/// Throws where is_decoder is set.
void refuseDecoder(const JsonFile &file);

} // namespace apiary::encoder
