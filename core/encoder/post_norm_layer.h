#pragma once

#include "encoder/body.h"

#include <string>

namespace apiary::encoder {

/// The layer of BERT and its kin (Vaswani et al. 2017): attention, then a feed-forward block, each followed by a residual
/// sum and a LayerNorm.
struct PostNormLayer {
    LinearPtr query, key, value; ///< all with a bias
    LinearPtr joined;            ///< the three in one, for evaluation mode
    LinearPtr output;
    Norm attentionNorm;
    LinearPtr up, down;
    Norm feedForwardNorm;
};

/// What an architecture calls the parts of a layer, e.g. "attention.self.query".
struct PostNormNames {
    const char *query, *key, *value, *output, *attentionNorm, *up, *down, *feedForwardNorm;
};

/// As BERT and RoBERTa call them.
inline constexpr PostNormNames bertNames{
    "attention.self.query",       "attention.self.key", "attention.self.value", "attention.output.dense",
    "attention.output.LayerNorm", "intermediate.dense", "output.dense",         "output.LayerNorm"};

/// What is equal in every layer.
struct PostNormSettings {
    std::int64_t width = 0;
    std::int64_t intermediateSize = 0;
    double normEps = 1e-12;
    double attentionDropout = 0;       ///< of the attention probabilities
    double attentionOutputDropout = 0; ///< of what is added to the residual
    double feedForwardDropout = 0;
    Activation activation = Activation::Gelu;
};

/// `prefix` ends with a dot, e.g. "encoder.layer.0.".
PostNormLayer makePostNormLayer(ParameterList &list, const std::string &prefix, const PostNormNames &names,
                                const PostNormSettings &settings);
/// States after layer number `index`.
at::Tensor applyPostNormLayer(const Pass &pass, std::int64_t index, const PostNormLayer &layer,
                              const PostNormSettings &settings, const AttentionShape &shape, const at::Tensor &states);
/// Bytes that a token keeps in `layers` such layers and the embeddings before them.
std::int64_t postNormBytesPerToken(const PostNormSettings &settings, std::int64_t layers);

/// Positions as RoBERTa and MPNet count them: padding + 1 for the first token, and `padding` for a token that is the
/// padding itself, which does not count. int64 [tokens].
at::Tensor positionsAfterPadding(const Pass &pass, std::int64_t padding);

} // namespace apiary::encoder
