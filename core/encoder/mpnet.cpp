#include "encoder/bodies.h"
#include "encoder/config_fields.h"
#include "encoder/post_norm_layer.h"

#include <cmath>

namespace apiary::encoder {

namespace {

constexpr std::int64_t padding = 1; // whatever the configuration says of its tokens
constexpr std::int64_t buckets = 32, largestDistance = 128;
constexpr PostNormNames names{"attention.attn.q",    "attention.attn.k",   "attention.attn.v", "attention.attn.o",
                              "attention.LayerNorm", "intermediate.dense", "output.dense",     "output.LayerNorm"};

struct Config {
    NetworkSize size;
    std::int64_t heads;
    std::int64_t positionRows;
    std::int64_t bucketRows;
    double hiddenDropout;
    PostNormSettings layer;
};

Config read(const JsonFile &file)
{
    Config config{};
    config.size = readNetworkSize(file);
    config.heads = readHeads(file, config.size.hiddenSize);
    config.positionRows = file.integer("max_position_embeddings", padding + 2, 1 << 20);
    config.size.maxPositions = config.positionRows - padding - 1;
    config.bucketRows = file.integer("relative_attention_num_buckets", buckets, 1 << 16, buckets);
    config.hiddenDropout = file.number("hidden_dropout_prob", 0, 0.999, 0.1);
    config.layer = readPostNormSettings(file, config.size.hiddenSize);
    return config;
}

// T5's buckets (Raffel et al. 2020): half for each direction, of those half exact and half in logarithmic steps. The
// logarithm is taken in float32, as the reference takes it. int64 [2 · longest − 1], by key − query.
at::Tensor bucketsOfDistances(std::int64_t longest)
{
    const at::Tensor distance = at::arange(longest - 1, -longest, -1, at::kLong); // query − key
    constexpr std::int64_t half = buckets / 2, exact = half / 2;
    const at::Tensor away = distance.abs();
    const double scale = std::log(static_cast<double>(largestDistance) / exact);
    const at::Tensor steps = (at::log(away.to(at::kFloat) / exact) / scale * (half - exact)).to(at::kLong) + exact;
    return distance.lt(0).to(at::kLong) * half + at::where(away.lt(exact), away, steps.clamp_max(half - 1));
}

class Mpnet final : public Body {
public:
    Mpnet(const Config &config, const WeightSource &weights) : Body(weights), m_config(config)
    {
        const std::int64_t width = config.size.hiddenSize;
        ParameterList &list = m_parameters;
        m_words = list.tensor("embeddings.word_embeddings.weight", {config.size.vocabularySize, width});
        m_positions = list.tensor("embeddings.position_embeddings.weight", {config.positionRows, width});
        m_embeddingNorm = list.norm("embeddings.LayerNorm", width);
        for (std::int64_t i = 0; i < config.size.layers; ++i)
            m_layers.push_back(
                makePostNormLayer(list, "encoder.layer." + std::to_string(i) + ".", names, config.layer));
        m_bias = list.tensor("encoder.relative_attention_bias.weight", {config.bucketRows, config.heads});
    }

    at::Tensor states(const Pass &pass) const override
    {
        const BatchPtr &batch = pass.batch;
        const at::Tensor sum = at::embedding(m_words, pass.ids(), padding) +
                               at::embedding(m_positions, positionsAfterPadding(pass, padding), padding);
        at::Tensor states = addNorm(batch, sum, at::Tensor(), m_embeddingNorm, m_config.layer.normEps, Mask{});
        states = dropout(batch, states, pass.mask(0, DropoutSite::Embeddings, m_config.hiddenDropout));
        AttentionShape shape;
        shape.heads = m_config.heads;
        shape.bias = m_bias.index_select(0, bucketsOfDistances(batch->longest).to(batch->device)).t();
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
    at::Tensor m_words, m_positions, m_bias;
    Norm m_embeddingNorm;
    std::vector<PostNormLayer> m_layers;
};

} // namespace

NetworkSize mpnetSize(const JsonFile &config)
{
    return read(config).size;
}

std::unique_ptr<Body> makeMpnet(const JsonFile &config, const WeightSource &weights)
{
    return std::make_unique<Mpnet>(read(config), weights);
}

} // namespace apiary::encoder
