#include "encoder/bodies.h"
#include "encoder/config_fields.h"

namespace apiary::encoder {

namespace {

struct Config {
    NetworkSize size;
    std::int64_t heads;
    std::int64_t intermediateSize;
    std::int64_t padding;
    std::int64_t window; // tokens to either side in a local layer
    std::vector<bool> local;
    double globalTheta, localTheta;
    double normEps;
    bool normBias, attentionBias, feedForwardBias;
    double embeddingDropout, attentionDropout, feedForwardDropout;
    Activation activation;
};

void readThetas(const JsonFile &file, Config &config)
{
    config.globalTheta = file.number("global_rope_theta", 1, 1e12, 160000);
    config.localTheta = file.number("local_rope_theta", 1, 1e12, 10000);
    if (!file.has("rope_parameters"))
        return;
    const std::string name = file.where("rope_parameters");
    const nlohmann::json &parameters = file.root().at("rope_parameters");
    const auto theta = [&](const char *kind, double fallback) {
        const auto found = parameters.find(kind);
        return found == parameters.end() || found->is_null()
                   ? fallback
                   : readRotaryParameters(*found, name + "." + kind, fallback);
    };
    config.globalTheta = theta("full_attention", config.globalTheta);
    config.localTheta = theta("sliding_attention", config.localTheta);
}

Config read(const JsonFile &file)
{
    Config config{};
    config.size = readNetworkSize(file);
    config.heads = readHeads(file, config.size.hiddenSize);
    expectEvenHeads(file, config.size.hiddenSize / config.heads);
    config.intermediateSize = file.integer("intermediate_size", 1, 1 << 20);
    config.padding = file.integer("pad_token_id", -1, config.size.vocabularySize - 1, -1);
    config.window = file.integer("local_attention", 1, 1 << 20, 128) / 2;
    config.local = readWindowedLayers(file, config.size.layers);
    if (config.local.empty()) {
        const std::int64_t period = file.integer("global_attn_every_n_layers", 1, 1000, 3);
        for (std::int64_t i = 0; i < config.size.layers; ++i)
            config.local.push_back(i % period != 0);
    }
    readThetas(file, config);
    config.normEps = file.number("norm_eps", 0, 1, 1e-5);
    config.normBias = file.boolean("norm_bias", false);
    config.attentionBias = file.boolean("attention_bias", false);
    config.feedForwardBias = file.boolean("mlp_bias", false);
    config.embeddingDropout = file.number("embedding_dropout", 0, 0.999, 0);
    config.attentionDropout = file.number("attention_dropout", 0, 0.999, 0);
    config.feedForwardDropout = file.number("mlp_dropout", 0, 0.999, 0);
    config.activation = readActivation(file, "hidden_activation", "gelu");
    return config;
}

struct Layer {
    Norm attentionNorm; // none in the first layer
    LinearPtr joined, output;
    Norm feedForwardNorm;
    LinearPtr gated, down;
};

class ModernBert final : public Body {
public:
    ModernBert(const Config &config, const WeightSource &weights) : Body(weights), m_config(config)
    {
        const std::int64_t width = config.size.hiddenSize, middle = config.intermediateSize;
        ParameterList &list = m_parameters;
        m_words = list.tensor("embeddings.tok_embeddings.weight", {config.size.vocabularySize, width});
        m_embeddingNorm = list.norm("embeddings.norm", width, config.normBias);
        for (std::int64_t i = 0; i < config.size.layers; ++i) {
            const std::string prefix = "layers." + std::to_string(i) + ".";
            Layer layer;
            if (i > 0)
                layer.attentionNorm = list.norm(prefix + "attn_norm", width, config.normBias);
            layer.joined = list.linear(prefix + "attn.Wqkv", width, 3 * width, config.attentionBias);
            layer.output = list.linear(prefix + "attn.Wo", width, width, config.attentionBias);
            layer.feedForwardNorm = list.norm(prefix + "mlp_norm", width, config.normBias);
            layer.gated = list.linear(prefix + "mlp.Wi", width, 2 * middle, config.feedForwardBias);
            layer.down = list.linear(prefix + "mlp.Wo", middle, width, config.feedForwardBias);
            m_layers.push_back(std::move(layer));
        }
        m_finalNorm = list.norm("final_norm", width, config.normBias);
    }

    at::Tensor states(const Pass &pass) const override;

    // Two normalised rows and their outputs, q, k, v and context, and both halves of the feed-forward block.
    std::int64_t activationBytesPerToken(std::int64_t) const override
    {
        const std::int64_t width = m_config.size.hiddenSize, layer = 8 * width + 2 * m_config.intermediateSize;
        return static_cast<std::int64_t>(sizeof(float)) * (m_config.size.layers * layer + 5 * width);
    }

private:
    at::Tensor normed(const BatchPtr &batch, const at::Tensor &x, const Norm &norm) const
    {
        return addNorm(batch, x, at::Tensor(), norm, m_config.normEps, Mask{});
    }
    AttentionShape shapeOf(const BatchPtr &batch, bool local) const
    {
        AttentionShape shape;
        shape.heads = m_config.heads;
        shape.window = local ? m_config.window : -1;
        shape.rotary = rotaryTable(m_config.size.hiddenSize / m_config.heads,
                                   local ? m_config.localTheta : m_config.globalTheta, batch->longest, batch->device);
        return shape;
    }

    Config m_config;
    at::Tensor m_words;
    Norm m_embeddingNorm, m_finalNorm;
    std::vector<Layer> m_layers;
};

at::Tensor ModernBert::states(const Pass &pass) const
{
    const BatchPtr &batch = pass.batch;
    const AttentionShape global = shapeOf(batch, false), local = shapeOf(batch, true);
    at::Tensor states = normed(batch, at::embedding(m_words, pass.ids(), m_config.padding), m_embeddingNorm);
    states = dropout(batch, states, pass.mask(0, DropoutSite::Embeddings, m_config.embeddingDropout));
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const Layer &layer = m_layers[i];
        const auto mask = [&](DropoutSite site, double probability) {
            return pass.mask(static_cast<std::int64_t>(i), site, probability);
        };
        const at::Tensor input = i > 0 ? normed(batch, states, layer.attentionNorm) : states;
        const std::vector<at::Tensor> qkv = linear(batch, input, *layer.joined).chunk(3, 1);
        const at::Tensor context = attention(batch, qkv[0], qkv[1], qkv[2], m_config.local[i] ? local : global,
                                             mask(DropoutSite::AttentionProbabilities, m_config.attentionDropout));
        states = states + dropout(batch, linear(batch, context, *layer.output),
                                  mask(DropoutSite::AttentionOutput, m_config.attentionDropout));
        const std::vector<at::Tensor> halves =
            linear(batch, normed(batch, states, layer.feedForwardNorm), *layer.gated).chunk(2, 1);
        states = states + gatedFeedForward(batch, halves[0], halves[1], *layer.down, m_config.activation,
                                           mask(DropoutSite::FeedForwardMiddle, m_config.feedForwardDropout));
    }
    return normed(batch, states, m_finalNorm);
}

} // namespace

NetworkSize modernBertSize(const JsonFile &config)
{
    return read(config).size;
}

std::unique_ptr<Body> makeModernBert(const JsonFile &config, const WeightSource &weights)
{
    return std::make_unique<ModernBert>(read(config), weights);
}

} // namespace apiary::encoder
