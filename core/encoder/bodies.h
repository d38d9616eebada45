#pragma once

#include "encoder/architecture.h"

namespace apiary::encoder {

/// The architectures beside BERT. Names, numbers and dropouts are those of transformers' implementations.

/// MPNet (Song et al. 2020): BERT with a bias by relative position that all layers share (all-mpnet-base-v2).
NetworkSize mpnetSize(const JsonFile &config);
std::unique_ptr<Body> makeMpnet(const JsonFile &config, const WeightSource &weights);

/// RoBERTa (Liu et al. 2019), CamemBERT and XLM-RoBERTa (bge-m3, multilingual-e5): BERT with positions counted from the
/// padding's index on.
NetworkSize robertaSize(const JsonFile &config);
std::unique_ptr<Body> makeRoberta(const JsonFile &config, const WeightSource &weights);

/// DistilBERT (Sanh et al. 2019).
NetworkSize distilbertSize(const JsonFile &config);
std::unique_ptr<Body> makeDistilbert(const JsonFile &config, const WeightSource &weights);

/// NomicBERT (Nussbaum et al. 2024): rotary positions and gated feed-forward blocks, post-layer normalisation
/// (nomic-embed-text-v1.5). Reads the hub's names and fields and those of transformers.
NetworkSize nomicBertSize(const JsonFile &config);
std::unique_ptr<Body> makeNomicBert(const JsonFile &config, const WeightSource &weights);

/// ModernBERT (Warner et al. 2024): layers of local and global attention, pre-layer normalisation, GeGLU.
NetworkSize modernBertSize(const JsonFile &config);
std::unique_ptr<Body> makeModernBert(const JsonFile &config, const WeightSource &weights);

/// Qwen3 (Yang et al. 2025): causal, grouped-query attention with normalised queries and keys (Qwen3-Embedding).
NetworkSize qwen3Size(const JsonFile &config);
std::unique_ptr<Body> makeQwen3(const JsonFile &config, const WeightSource &weights);

} // namespace apiary::encoder
