#pragma once

#include "base/csr.h"
#include "base/random.h"
#include "encoder/bert.h"
#include "encoder/network.h"

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
        const nlohmann::json json{{"hidden_size", 24},          {"num_hidden_layers", 2},
                                  {"num_attention_heads", 3},   {"intermediate_size", 40},
                                  {"vocab_size", 50},           {"max_position_embeddings", 32},
                                  {"hidden_dropout_prob", 0.1}, {"attention_probs_dropout_prob", 0.1}};
        encoder::ModelConfig config;
        config.maxTokens = 32;
        config.head.resize(2);
        for (encoder::Module &module : config.head)
            module.in = module.out = 24;
        config.head[0].modes = {encoder::Pooling::Mean};
        config.head[1].kind = encoder::Module::Kind::Normalize;
        encoder::WeightSource weights;
        weights.get = [&](const std::string &name, at::IntArrayRef shape) {
            at::Tensor value = at::empty(shape, at::kFloat);
            auto *data = value.mutable_data_ptr<float>();
            const bool norm = name.find("LayerNorm.weight") != std::string::npos;
            for (std::int64_t i = 0; i < value.numel(); ++i)
                data[i] = static_cast<float>((rng.uniform() - 0.5) * 0.6) + (norm ? 1.0F : 0.0F);
            return value;
        };
        model = std::make_unique<encoder::Network>(encoder::makeBert(encoder::JsonFile::of(json, "tiny"), weights),
                                                   config, weights);
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
