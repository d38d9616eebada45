#include "encoder/bert.h"

#include "encoder/config_fields.h"
#include "encoder/post_norm_layer.h"

namespace apiary::encoder {

namespace {

struct Config {
    NetworkSize size;
    std::int64_t heads;
    std::int64_t typeRows;
    std::int64_t padding;
    double hiddenDropout;
    PostNormSettings layer;
};

Config read(const JsonFile &file)
{
    Config config{};
    config.size = readNetworkSize(file);
    config.heads = readHeads(file, config.size.hiddenSize);
    config.typeRows = file.integer("type_vocab_size", 1, 1 << 16, 2);
    config.padding = file.integer("pad_token_id", -1, config.size.vocabularySize - 1, 0);
    config.hiddenDropout = file.number("hidden_dropout_prob", 0, 0.999, 0.1);
    config.layer = readPostNormSettings(file, config.size.hiddenSize);
    expectText(file, "position_embedding_type", "absolute");
    refuseDecoder(file);
    return config;
}

class Bert final : public Body {
public:
    Bert(const Config &config, const WeightSource &weights) : Body(weights), m_config(config)
    {
        const std::int64_t width = config.size.hiddenSize;
        ParameterList &list = m_parameters;
        m_words = list.tensor("embeddings.word_embeddings.weight", {config.size.vocabularySize, width});
        m_positions = list.tensor("embeddings.position_embeddings.weight", {config.size.maxPositions, width});
        m_types = list.tensor("embeddings.token_type_embeddings.weight", {config.typeRows, width});
        m_embeddingNorm = list.norm("embeddings.LayerNorm", width);
        for (std::int64_t i = 0; i < config.size.layers; ++i)
            m_layers.push_back(
                makePostNormLayer(list, "encoder.layer." + std::to_string(i) + ".", bertNames, config.layer));
    }

    at::Tensor states(const Pass &pass) const override
    {
        const BatchPtr &batch = pass.batch;
        const at::Tensor sum = at::embedding(m_words, pass.ids(), m_config.padding) +
                               at::embedding(m_positions, batch->positionOfToken()) + m_types[0];
        at::Tensor states = addNorm(batch, sum, at::Tensor(), m_embeddingNorm, m_config.layer.normEps, Mask{});
        states = dropout(batch, states, pass.mask(0, DropoutSite::Embeddings, m_config.hiddenDropout));
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
    at::Tensor m_words, m_positions, m_types;
    Norm m_embeddingNorm;
    std::vector<PostNormLayer> m_layers;
};

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
