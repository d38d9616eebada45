#include "base/error.h"
#include "encoder/bodies.h"
#include "encoder/config_fields.h"

namespace apiary::encoder {

namespace {

struct Config {
    NetworkSize size;
    std::int64_t heads, keyHeads, headWidth;
    std::int64_t intermediateSize;
    std::int64_t padding;
    std::int64_t window; // tokens before its own that a token of a windowed layer sees
    std::vector<bool> windowed;
    double theta;
    double normEps;
    bool attentionBias;
    double attentionDropout;
    Activation activation;
};

void readWindow(const JsonFile &file, Config &config)
{
    const bool used = file.boolean("use_sliding_window", false);
    config.window = used ? file.integer("sliding_window", 1, 1 << 20, 4096) - 1 : -1;
    config.windowed = readWindowedLayers(file, config.size.layers);
    if (!config.windowed.empty())
        return;
    const std::int64_t first = file.integer("max_window_layers", 0, 1000, 28);
    for (std::int64_t i = 0; i < config.size.layers; ++i)
        config.windowed.push_back(used && i >= first);
}

Config read(const JsonFile &file)
{
    Config config{};
    config.size = readNetworkSize(file);
    config.heads = file.integer("num_attention_heads", 1, 1 << 10);
    config.keyHeads = file.integer("num_key_value_heads", 1, config.heads, config.heads);
    if (config.heads % config.keyHeads != 0)
        throw InputError(std::to_string(config.heads) + " heads do not divide among " +
                             std::to_string(config.keyHeads) + " of keys and values",
                         file.where("num_key_value_heads"), "download the encoder's folder again");
    config.headWidth = file.integer("head_dim", 1, 1 << 12, 128);
    expectEvenHeads(file, config.headWidth, "head_dim");
    config.intermediateSize = file.integer("intermediate_size", 1, 1 << 20);
    config.padding = file.integer("pad_token_id", -1, config.size.vocabularySize - 1, -1);
    readWindow(file, config);
    config.theta = readRotaryTheta(file, 10000);
    config.normEps = file.number("rms_norm_eps", 0, 1, 1e-6);
    config.attentionBias = file.boolean("attention_bias", false);
    config.attentionDropout = file.number("attention_dropout", 0, 0.999, 0);
    config.activation = readActivation(file, "hidden_act", "silu");
    return config;
}

struct Layer {
    at::Tensor inputNorm;
    LinearPtr query, key, value, output;
    at::Tensor queryNorm, keyNorm;
    at::Tensor feedForwardNorm;
    LinearPtr gate, up, down;
};

class Qwen3 final : public Body {
public:
    Qwen3(const Config &config, const WeightSource &weights);

    at::Tensor states(const Pass &pass) const override;
    std::int64_t activationBytesPerToken(std::int64_t length) const override;

private:
    at::Tensor attended(const Pass &pass, std::size_t index, const AttentionShape &shape, const at::Tensor &x) const;

    Config m_config;
    at::Tensor m_words, m_finalNorm;
    std::vector<Layer> m_layers;
};

Qwen3::Qwen3(const Config &config, const WeightSource &weights) : Body(weights), m_config(config)
{
    const std::int64_t width = config.size.hiddenSize, middle = config.intermediateSize;
    const std::int64_t queries = config.heads * config.headWidth, keys = config.keyHeads * config.headWidth;
    const bool bias = config.attentionBias;
    ParameterList &list = m_parameters;
    m_words = list.tensor("embed_tokens.weight", {config.size.vocabularySize, width});
    for (std::int64_t i = 0; i < config.size.layers; ++i) {
        const std::string prefix = "layers." + std::to_string(i) + ".";
        Layer layer;
        layer.inputNorm = list.tensor(prefix + "input_layernorm.weight", {width});
        layer.query = list.linear(prefix + "self_attn.q_proj", width, queries, bias);
        layer.key = list.linear(prefix + "self_attn.k_proj", width, keys, bias);
        layer.value = list.linear(prefix + "self_attn.v_proj", width, keys, bias);
        layer.output = list.linear(prefix + "self_attn.o_proj", queries, width, bias);
        layer.queryNorm = list.tensor(prefix + "self_attn.q_norm.weight", {config.headWidth});
        layer.keyNorm = list.tensor(prefix + "self_attn.k_norm.weight", {config.headWidth});
        layer.feedForwardNorm = list.tensor(prefix + "post_attention_layernorm.weight", {width});
        layer.gate = list.linear(prefix + "mlp.gate_proj", width, middle, false);
        layer.up = list.linear(prefix + "mlp.up_proj", width, middle, false);
        layer.down = list.linear(prefix + "mlp.down_proj", middle, width, false);
        m_layers.push_back(std::move(layer));
    }
    m_finalNorm = list.tensor("norm.weight", {width});
}

// Both norms keep their input and give a row; queries and keys before and after their norm, values, context; and the two
// projections of the feed-forward block.
std::int64_t Qwen3::activationBytesPerToken(std::int64_t) const
{
    const std::int64_t width = m_config.size.hiddenSize;
    const std::int64_t heads = (3 * m_config.heads + 3 * m_config.keyHeads) * m_config.headWidth;
    const std::int64_t layer = 4 * width + heads + 2 * m_config.intermediateSize;
    return static_cast<std::int64_t>(sizeof(float)) * (m_config.size.layers * layer + 3 * width);
}

at::Tensor Qwen3::attended(const Pass &pass, std::size_t index, const AttentionShape &shape, const at::Tensor &x) const
{
    const BatchPtr &batch = pass.batch;
    const Layer &layer = m_layers[index];
    const at::Tensor q = rmsNorm(batch, linear(batch, x, *layer.query), layer.queryNorm, m_config.normEps);
    const at::Tensor k = rmsNorm(batch, linear(batch, x, *layer.key), layer.keyNorm, m_config.normEps);
    const at::Tensor context = attention(
        batch, q, k, linear(batch, x, *layer.value), shape,
        pass.mask(static_cast<std::int64_t>(index), DropoutSite::AttentionProbabilities, m_config.attentionDropout));
    return linear(batch, context, *layer.output);
}

at::Tensor Qwen3::states(const Pass &pass) const
{
    const BatchPtr &batch = pass.batch;
    AttentionShape whole;
    whole.heads = m_config.heads;
    whole.keyHeads = m_config.keyHeads;
    whole.causal = true;
    whole.rotary = rotaryTable(m_config.headWidth, m_config.theta, batch->longest, batch->device);
    AttentionShape windowed = whole;
    windowed.window = m_config.window;
    at::Tensor states = at::embedding(m_words, pass.ids(), m_config.padding);
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const Layer &layer = m_layers[i];
        const at::Tensor input = rmsNorm(batch, states, layer.inputNorm, m_config.normEps);
        states = states + attended(pass, i, m_config.windowed[i] ? windowed : whole, input);
        const at::Tensor x = rmsNorm(batch, states, layer.feedForwardNorm, m_config.normEps);
        states = states + gatedFeedForward(batch, linear(batch, x, *layer.gate), linear(batch, x, *layer.up),
                                           *layer.down, m_config.activation);
    }
    return rmsNorm(batch, states, m_finalNorm, m_config.normEps);
}

} // namespace

NetworkSize qwen3Size(const JsonFile &config)
{
    return read(config).size;
}

std::unique_ptr<Body> makeQwen3(const JsonFile &config, const WeightSource &weights)
{
    return std::make_unique<Qwen3>(read(config), weights);
}

} // namespace apiary::encoder
