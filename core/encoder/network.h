#pragma once

#include "encoder/architecture.h"
#include "encoder/head.h"
#include "encoder/model_config.h"

namespace apiary::encoder {

/// A body and its head: a Transformer as everything above the encoder sees it.
class Network final : public Transformer {
public:
    Network(std::unique_ptr<Body> body, const ModelConfig &config, const WeightSource &headWeights);

    at::Tensor forward(const PackedTokens &tokens, const ForwardOptions &options) const override;
    std::vector<Parameter> &parameters() override { return m_parameters; }
    std::int64_t dimension() const override { return m_dimension; }
    std::int64_t maxTokens() const override { return m_maxTokens; }
    void to(const at::Device &device) override;
    void quantize() override;
    void packWeights(bool on) override;
    double operationsPerToken(std::int64_t length) const override;
    std::int64_t activationBytesPerToken(std::int64_t length) const override
    {
        return m_body->activationBytesPerToken(length);
    }

private:
    std::unique_ptr<Body> m_body;
    Head m_head;
    std::vector<Parameter> m_parameters; ///< the body's, then the head's; tensors shared with them
    std::int64_t m_dimension;
    std::int64_t m_maxTokens;
    std::int64_t m_hiddenSize;
    std::int64_t m_layers;
};

} // namespace apiary::encoder
