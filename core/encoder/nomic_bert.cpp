#include "base/error.h"
#include "encoder/bodies.h"
#include "encoder/config_fields.h"

namespace apiary::encoder {

namespace {

struct Config {
    NetworkSize size;
    std::int64_t heads;
    std::int64_t intermediateSize;
    std::int64_t typeRows;
    std::int64_t padding;
    double theta;
    double normEps;
    double embeddingDropout, attentionDropout, residualDropout;
    Activation activation;
};

// The fields of the hub's nomic-ai models, which are those of GPT-2.
Config readHub(const JsonFile &file)
{
    Config config{};
    config.size.hiddenSize = file.integer("n_embd", 1, 1 << 16);
    config.size.layers = file.integer("n_layer", 1, 1000);
    const std::int64_t multiple = file.integer("pad_vocab_size_multiple", 1, 1 << 16, 1);
    config.size.vocabularySize = (file.integer("vocab_size", 1, 1 << 24) + multiple - 1) / multiple * multiple;
    config.size.maxPositions = file.integer("n_positions", 1, 1 << 20);
    // Longer texts would have their angles scaled.
    if (file.has("rotary_scaling_factor"))
        config.size.maxPositions = file.integer("max_trained_positions", 1, config.size.maxPositions, 2048);
    config.heads = readHeads(file, config.size.hiddenSize, "n_head");
    config.intermediateSize = file.integer("n_inner", 1, 1 << 20, 4 * config.size.hiddenSize);
    config.theta = file.number("rotary_emb_base", 1, 1e12, 10000);
    config.normEps = file.number("layer_norm_epsilon", 0, 1, 1e-5);
    config.embeddingDropout = file.number("embd_pdrop", 0, 0.999, 0);
    config.attentionDropout = file.number("attn_pdrop", 0, 0.999, 0);
    config.residualDropout = file.number("resid_pdrop", 0, 0.999, 0);
    expectText(file, "activation_function", "swiglu");
    config.activation = Activation::Silu;
    if (file.number("rotary_emb_fraction", 0, 1, 0) != 1)
        throw InputError("only a part of each head is rotated", file.where("rotary_emb_fraction"),
                         "this version reads encoders that rotate whole heads");
    for (const char *field : {"rotary_emb_interleaved", "prenorm", "causal", "use_rms_norm", "parallel_block",
                              "qkv_proj_bias", "mlp_fc1_bias", "mlp_fc2_bias", "scale_attn_by_inverse_layer_idx"})
        expectFlag(file, field, false);
    if (file.integer("num_experts", 0, 1 << 20, 0) > 0)
        throw InputError("the network is a mixture of experts", file.where("num_experts"), "choose a dense encoder");
    return config;
}

Config readNative(const JsonFile &file)
{
    Config config{};
    config.size = readNetworkSize(file);
    config.heads = readHeads(file, config.size.hiddenSize);
    config.intermediateSize = file.integer("intermediate_size", 1, 1 << 20);
    config.theta = readRotaryTheta(file, 1000);
    config.normEps = file.number("layer_norm_eps", 0, 1, 1e-12);
    config.embeddingDropout = config.residualDropout = file.number("hidden_dropout_prob", 0, 0.999, 0);
    config.attentionDropout = file.number("attention_probs_dropout_prob", 0, 0.999, 0);
    config.activation = readActivation(file, "hidden_act", "silu");
    const std::int64_t headWidth = config.size.hiddenSize / config.heads;
    file.integer("head_dim", headWidth, headWidth, headWidth);
    return config;
}

Config read(const JsonFile &file)
{
    Config config = file.has("n_embd") ? readHub(file) : readNative(file);
    config.typeRows = file.integer("type_vocab_size", 1, 1 << 16, 2);
    config.padding = file.integer("pad_token_id", -1, config.size.vocabularySize - 1, 0);
    expectEvenHeads(file, config.size.hiddenSize / config.heads);
    return config;
}

struct Layer {
    LinearPtr joined;            // query, key and value in one
    LinearPtr query, key, value; // or each alone
    LinearPtr output;
    Norm attentionNorm;
    LinearPtr gate, up, down;
    Norm feedForwardNorm;
};

class NomicBert final : public Body {
public:
    NomicBert(const Config &config, const WeightSource &weights) : Body(weights), m_config(config)
    {
        ParameterList &list = m_parameters;
        const std::int64_t width = config.size.hiddenSize;
        // nomic-bert-2048 has every name behind "bert.", as a model with a language model's head.
        const bool headed = list.available("bert.emb_ln.weight");
        const bool hub = headed || list.available("emb_ln.weight");
        const std::string root = headed ? "bert." : "";
        m_words = list.tensor(root + "embeddings.word_embeddings.weight", {config.size.vocabularySize, width});
        m_types = list.tensor(root + "embeddings.token_type_embeddings.weight", {config.typeRows, width});
        m_embeddingNorm = list.norm(root + (hub ? "emb_ln" : "embeddings.LayerNorm"), width);
        for (std::int64_t i = 0; i < config.size.layers; ++i)
            m_layers.push_back(hub ? hubLayer(root + "encoder.layers." + std::to_string(i) + ".")
                                   : nativeLayer("layers." + std::to_string(i) + "."));
    }

    at::Tensor states(const Pass &pass) const override;

    // q, k, v and context, two normalised rows and their outputs, and the two projections of the feed-forward block.
    std::int64_t activationBytesPerToken(std::int64_t) const override
    {
        const std::int64_t width = m_config.size.hiddenSize, layer = 8 * width + 2 * m_config.intermediateSize;
        return static_cast<std::int64_t>(sizeof(float)) * (m_config.size.layers * layer + 4 * width);
    }

private:
    Layer hubLayer(const std::string &prefix)
    {
        const std::int64_t width = m_config.size.hiddenSize, middle = m_config.intermediateSize;
        ParameterList &list = m_parameters;
        Layer layer;
        layer.joined = list.linear(prefix + "attn.Wqkv", width, 3 * width, false);
        layer.output = list.linear(prefix + "attn.out_proj", width, width, false);
        layer.attentionNorm = list.norm(prefix + "norm1", width);
        layer.up = list.linear(prefix + "mlp.fc11", width, middle, false);
        layer.gate = list.linear(prefix + "mlp.fc12", width, middle, false);
        layer.down = list.linear(prefix + "mlp.fc2", middle, width, false);
        layer.feedForwardNorm = list.norm(prefix + "norm2", width);
        return layer;
    }

    Layer nativeLayer(const std::string &prefix)
    {
        const std::int64_t width = m_config.size.hiddenSize, middle = m_config.intermediateSize;
        ParameterList &list = m_parameters;
        Layer layer;
        layer.query = list.linear(prefix + "self_attn.q_proj", width, width, false);
        layer.key = list.linear(prefix + "self_attn.k_proj", width, width, false);
        layer.value = list.linear(prefix + "self_attn.v_proj", width, width, false);
        layer.output = list.linear(prefix + "self_attn.o_proj", width, width, false);
        layer.attentionNorm = list.norm(prefix + "post_attention_layernorm", width);
        layer.up = list.linear(prefix + "mlp.up_proj", width, middle, false);
        layer.gate = list.linear(prefix + "mlp.gate_proj", width, middle, false);
        layer.down = list.linear(prefix + "mlp.down_proj", middle, width, false);
        layer.feedForwardNorm = list.norm(prefix + "post_mlp_layernorm", width);
        return layer;
    }

    std::vector<at::Tensor> projections(const BatchPtr &batch, const Layer &layer, const at::Tensor &states) const
    {
        if (layer.joined)
            return linear(batch, states, *layer.joined).chunk(3, 1);
        return {linear(batch, states, *layer.query), linear(batch, states, *layer.key),
                linear(batch, states, *layer.value)};
    }

    Config m_config;
    at::Tensor m_words, m_types;
    Norm m_embeddingNorm;
    std::vector<Layer> m_layers;
};

at::Tensor NomicBert::states(const Pass &pass) const
{
    const BatchPtr &batch = pass.batch;
    const at::Tensor sum = at::embedding(m_words, pass.ids(), m_config.padding) + m_types[0];
    at::Tensor states = addNorm(batch, sum, at::Tensor(), m_embeddingNorm, m_config.normEps, Mask{});
    states = dropout(batch, states, pass.mask(0, DropoutSite::Embeddings, m_config.embeddingDropout));
    AttentionShape shape;
    shape.heads = m_config.heads;
    shape.rotary =
        rotaryTable(m_config.size.hiddenSize / m_config.heads, m_config.theta, batch->longest, batch->device);
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const Layer &layer = m_layers[i];
        const auto mask = [&](DropoutSite site, double probability) {
            return pass.mask(static_cast<std::int64_t>(i), site, probability);
        };
        const std::vector<at::Tensor> qkv = projections(batch, layer, states);
        const at::Tensor context = attention(batch, qkv[0], qkv[1], qkv[2], shape,
                                             mask(DropoutSite::AttentionProbabilities, m_config.attentionDropout));
        states = addNorm(batch, linear(batch, context, *layer.output), states, layer.attentionNorm, m_config.normEps,
                         mask(DropoutSite::AttentionOutput, m_config.residualDropout));
        const at::Tensor hidden = gatedFeedForward(batch, linear(batch, states, *layer.gate),
                                                   linear(batch, states, *layer.up), *layer.down, m_config.activation);
        states = addNorm(batch, hidden, states, layer.feedForwardNorm, m_config.normEps,
                         mask(DropoutSite::FeedForwardOutput, m_config.residualDropout));
    }
    return states;
}

} // namespace

NetworkSize nomicBertSize(const JsonFile &config)
{
    return read(config).size;
}

std::unique_ptr<Body> makeNomicBert(const JsonFile &config, const WeightSource &weights)
{
    return std::make_unique<NomicBert>(read(config), weights);
}

} // namespace apiary::encoder
