#include "encoder/bert.h"

#include "base/error.h"
#include "encoder/config_fields.h"

namespace apiary::encoder {

namespace {

struct Config {
    NetworkSize size;
    std::int64_t heads;
    std::int64_t intermediateSize;
    std::int64_t typeVocabularySize;
    double normEps;
    double hiddenDropout;
    double attentionDropout;
    Activation activation;
};

Config read(const JsonFile &file)
{
    Config config{};
    config.size = readNetworkSize(file);
    config.heads = readHeads(file, config.size.hiddenSize);
    config.intermediateSize = file.integer("intermediate_size", 1, 1 << 20);
    config.typeVocabularySize = file.integer("type_vocab_size", 1, 1 << 16, 2);
    config.normEps = file.number("layer_norm_eps", 0, 1, 1e-12);
    config.hiddenDropout = file.number("hidden_dropout_prob", 0, 0.999, 0.1);
    config.attentionDropout = file.number("attention_probs_dropout_prob", 0, 0.999, 0.1);
    config.activation = readActivation(file, "hidden_act", "gelu");
    expectText(file, "position_embedding_type", "absolute");
    refuseDecoder(file);
    return config;
}

struct Layer {
    LinearPtr query, key, value, output;
    Norm outputNorm;
    LinearPtr intermediate, feedForward;
    Norm feedForwardNorm;
};

class Bert final : public Body {
public:
    Bert(const Config &config, const WeightSource &weights);

    at::Tensor states(const Pass &pass) const override;
    std::int64_t activationBytesPerToken(std::int64_t length) const override;

private:
    Config m_config;
    at::Tensor m_words, m_positions, m_types;
    Norm m_embeddingNorm;
    std::vector<Layer> m_layers;
};

Bert::Bert(const Config &config, const WeightSource &weights) : Body(weights), m_config(config)
{
    const std::int64_t width = config.size.hiddenSize;
    ParameterList &list = m_parameters;
    m_words = list.tensor("embeddings.word_embeddings.weight", {config.size.vocabularySize, width});
    m_positions = list.tensor("embeddings.position_embeddings.weight", {config.size.maxPositions, width});
    m_types = list.tensor("embeddings.token_type_embeddings.weight", {config.typeVocabularySize, width});
    m_embeddingNorm = list.norm("embeddings.LayerNorm", width);
    for (std::int64_t i = 0; i < config.size.layers; ++i) {
        const std::string prefix = "encoder.layer." + std::to_string(i) + ".";
        Layer layer;
        layer.query = list.linear(prefix + "attention.self.query", width, width);
        layer.key = list.linear(prefix + "attention.self.key", width, width);
        layer.value = list.linear(prefix + "attention.self.value", width, width);
        layer.output = list.linear(prefix + "attention.output.dense", width, width);
        layer.outputNorm = list.norm(prefix + "attention.output.LayerNorm", width);
        layer.intermediate = list.linear(prefix + "intermediate.dense", width, config.intermediateSize);
        layer.feedForward = list.linear(prefix + "output.dense", config.intermediateSize, width);
        layer.feedForwardNorm = list.norm(prefix + "output.LayerNorm", width);
        m_layers.push_back(std::move(layer));
    }
}

// What the fused operations keep a token: q, k, v, context (4 · width), two normalised rows and their outputs
// (4 · width), the pre-activation; the tensor path keeps masks and probabilities too and is not planned for here.
std::int64_t Bert::activationBytesPerToken(std::int64_t) const
{
    const std::int64_t layer = 8 * m_config.size.hiddenSize + m_config.intermediateSize;
    return static_cast<std::int64_t>(sizeof(float)) * (m_config.size.layers * layer + 4 * m_config.size.hiddenSize);
}

at::Tensor Bert::states(const Pass &pass) const
{
    const BatchPtr &batch = pass.batch;
    const at::Tensor sum =
        at::embedding(m_words, pass.ids()) + at::embedding(m_positions, batch->positionOfToken()) + m_types[0];
    at::Tensor states = addNorm(batch, sum, at::Tensor(), m_embeddingNorm, m_config.normEps, Mask{});
    states = dropout(batch, states, pass.mask(0, DropoutSite::Embeddings, m_config.hiddenDropout));
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const Layer &layer = m_layers[i];
        const auto mask = [&](DropoutSite site, double probability) {
            return pass.mask(static_cast<std::int64_t>(i), site, probability);
        };
        const at::Tensor context =
            attention(batch, linear(batch, states, *layer.query), linear(batch, states, *layer.key),
                      linear(batch, states, *layer.value), m_config.heads,
                      mask(DropoutSite::AttentionProbabilities, m_config.attentionDropout));
        states = addNorm(batch, linear(batch, context, *layer.output), states, layer.outputNorm, m_config.normEps,
                         mask(DropoutSite::AttentionOutput, m_config.hiddenDropout));
        const at::Tensor hidden =
            feedForward(batch, states, *layer.intermediate, *layer.feedForward, m_config.activation);
        states = addNorm(batch, hidden, states, layer.feedForwardNorm, m_config.normEps,
                         mask(DropoutSite::FeedForwardOutput, m_config.hiddenDropout));
    }
    return states;
}

} // namespace

NetworkSize bertSize(const JsonFile &config)
{
    return read(config).size;
}

std::unique_ptr<Body> makeBert(const JsonFile &config, const WeightSource &weights)
{
    return std::make_unique<Bert>(read(config), weights);
}

} // namespace apiary::encoder
