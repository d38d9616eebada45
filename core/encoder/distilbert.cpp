#include "encoder/bodies.h"
#include "encoder/config_fields.h"
#include "encoder/post_norm_layer.h"

namespace apiary::encoder {

namespace {

constexpr PostNormNames names{"attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin",
                              "sa_layer_norm",   "ffn.lin1",        "ffn.lin2",        "output_layer_norm"};

struct Config {
    NetworkSize size;
    std::int64_t heads;
    std::int64_t padding;
    double dropout;
    PostNormSettings layer;
};

Config read(const JsonFile &file)
{
    Config config{};
    config.size.hiddenSize = file.integer("dim", 1, 1 << 16);
    config.size.layers = file.integer("n_layers", 1, 1000);
    config.size.vocabularySize = file.integer("vocab_size", 1, 1 << 24);
    config.size.maxPositions = file.integer("max_position_embeddings", 1, 1 << 20);
    config.heads = readHeads(file, config.size.hiddenSize, "n_heads");
    config.padding = file.integer("pad_token_id", -1, config.size.vocabularySize - 1, 0);
    config.dropout = file.number("dropout", 0, 0.999, 0.1);
    config.layer.width = config.size.hiddenSize;
    config.layer.intermediateSize = file.integer("hidden_dim", 1, 1 << 20);
    config.layer.normEps = 1e-12;
    config.layer.attentionDropout = file.number("attention_dropout", 0, 0.999, 0.1);
    config.layer.feedForwardDropout = config.dropout;
    config.layer.activation = readActivation(file, "activation", "gelu");
    return config;
}

class Distilbert final : public Body {
public:
    Distilbert(const Config &config, const WeightSource &weights) : Body(weights), m_config(config)
    {
        const std::int64_t width = config.size.hiddenSize;
        ParameterList &list = m_parameters;
        m_words = list.tensor("embeddings.word_embeddings.weight", {config.size.vocabularySize, width});
        m_positions = list.tensor("embeddings.position_embeddings.weight", {config.size.maxPositions, width});
        m_embeddingNorm = list.norm("embeddings.LayerNorm", width);
        for (std::int64_t i = 0; i < config.size.layers; ++i)
            m_layers.push_back(
                makePostNormLayer(list, "transformer.layer." + std::to_string(i) + ".", names, config.layer));
    }

    at::Tensor states(const Pass &pass) const override
    {
        const BatchPtr &batch = pass.batch;
        const at::Tensor sum =
            at::embedding(m_words, pass.ids(), m_config.padding) + at::embedding(m_positions, batch->positionOfToken());
        at::Tensor states = addNorm(batch, sum, at::Tensor(), m_embeddingNorm, m_config.layer.normEps, Mask{});
        states = dropout(batch, states, pass.mask(0, DropoutSite::Embeddings, m_config.dropout));
        AttentionShape shape;
        shape.heads = m_config.heads;
        for (std::size_t i = 0; i < m_layers.size(); ++i)
            states = applyPostNormLayer(pass, static_cast<std::int64_t>(i), m_layers[i], m_config.layer, shape, states);
        return states;
    }

    std::int64_t activationBytesPerToken(std::int64_t) const override
    {
        return postNormBytesPerToken(m_config.layer, m_config.size.layers);
    }

private:
    Config m_config;
    at::Tensor m_words, m_positions;
    Norm m_embeddingNorm;
    std::vector<PostNormLayer> m_layers;
};

} // namespace

NetworkSize distilbertSize(const JsonFile &config)
{
    return read(config).size;
}

std::unique_ptr<Body> makeDistilbert(const JsonFile &config, const WeightSource &weights)
{
    return std::make_unique<Distilbert>(read(config), weights);
}

} // namespace apiary::encoder
