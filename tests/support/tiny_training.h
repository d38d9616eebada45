#pragma once

#include "base/csr.h"
#include "base/random.h"
#include "encoder/bert.h"

#include <memory>
#include <numeric>

namespace apiary::tests {

/// A seeded two-layer BERT with random texts and interactions: small enough for any test, real in every operation.
struct TinyTraining {
    std::unique_ptr<encoder::Transformer> model;
    encoder::PackedTokens tokens;
    Csr interactions;

    explicit TinyTraining(std::uint64_t seed = 1, std::int64_t items = 40, std::int64_t users = 60)
    {
        CounterRng rng(seed);
        encoder::ModelConfig config;
        config.modelType = "bert";
        config.hiddenSize = 24;
        config.layers = 2;
        config.heads = 3;
        config.intermediateSize = 40;
        config.vocabularySize = 50;
        config.maxPositions = 32;
        config.typeVocabularySize = 2;
        config.layerNormEps = 1e-12;
        config.hiddenDropout = 0.1;
        config.attentionDropout = 0.1;
        config.activation = "gelu";
        config.maxTokens = 32;
        config.pooling = encoder::Pooling::Mean;
        config.normalize = true;
        model = encoder::makeBert(config, [&](const std::string &name, at::IntArrayRef shape) {
            at::Tensor value = at::empty(shape, at::kFloat);
            auto *data = value.mutable_data_ptr<float>();
            const bool norm = name.find("LayerNorm.weight") != std::string::npos;
            for (std::int64_t i = 0; i < value.numel(); ++i)
                data[i] = static_cast<float>((rng.uniform() - 0.5) * 0.6) + (norm ? 1.0F : 0.0F);
            return value;
        });
        for (std::int64_t i = 0; i < items; ++i) {
            std::vector<std::int32_t> ids(3 + rng.below(12));
            for (std::int32_t &id : ids)
                id = static_cast<std::int32_t>(rng.below(50));
            tokens.add(ids, i);
        }
        interactions.cols = items;
        for (std::int64_t u = 0; u < users; ++u) {
            std::vector<std::int32_t> row;
            for (std::int32_t i = 0; i < items; ++i)
                if (rng.below(20) < 2)
                    row.push_back(i);
            interactions.addRow(row);
        }
    }

    std::vector<std::int32_t> items() const
    {
        std::vector<std::int32_t> all(static_cast<std::size_t>(interactions.cols));
        std::iota(all.begin(), all.end(), 0);
        return all;
    }

    void requireGradients()
    {
        for (encoder::Parameter &parameter : model->parameters())
            parameter.value.set_requires_grad(true);
    }
};

} // namespace apiary::tests
