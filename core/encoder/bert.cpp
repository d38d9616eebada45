#include "encoder/bert.h"

#include "base/cancel.h"
#include "encoder/ops.h"

namespace apiary::encoder {

namespace {

// Indices into the parameter list.
struct LinearIndex {
    std::size_t weight;
    std::size_t bias;
};
struct LayerIndex {
    LinearIndex query, key, value, output, outputNorm, intermediate, feedForward, feedForwardNorm;
};

class Bert final : public Transformer {
public:
    Bert(const ModelConfig &config, const WeightSource &weights);

    at::Tensor forward(const PackedTokens &tokens, const ForwardOptions &options) const override;
    std::vector<Parameter> &parameters() override { return m_parameters; }
    std::int64_t dimension() const override { return m_config.hiddenSize; }
    std::int64_t maxTokens() const override { return m_config.maxTokens; }
    void to(const at::Device &device) override;
    std::int64_t activationBytesPerToken(std::int64_t length) const override;

private:
    std::size_t add(const WeightSource &weights, const std::string &name, at::IntArrayRef shape);
    LinearIndex addLinear(const WeightSource &weights, const std::string &name, std::int64_t in, std::int64_t out);
    LinearIndex addNormWeights(const WeightSource &weights, const std::string &name);

    const at::Tensor &at(std::size_t i) const { return m_parameters[i].value; }
    at::Tensor linearOf(const BatchPtr &batch, const at::Tensor &x, const LinearIndex &l) const
    {
        return linear(batch, x, at(l.weight), at(l.bias));
    }
    at::Tensor embed(const BatchPtr &batch, const PackedTokens &tokens, const Mask &mask) const;
    at::Tensor pool(const BatchPtr &batch, const at::Tensor &states) const;

    ModelConfig m_config;
    std::vector<Parameter> m_parameters;
    std::size_t m_words = 0, m_positions = 0, m_types = 0;
    LinearIndex m_embeddingNorm{};
    std::vector<LayerIndex> m_layers;
};

Bert::Bert(const ModelConfig &config, const WeightSource &weights) : m_config(config)
{
    const std::int64_t width = config.hiddenSize;
    m_words = add(weights, "embeddings.word_embeddings.weight", {config.vocabularySize, width});
    m_positions = add(weights, "embeddings.position_embeddings.weight", {config.maxPositions, width});
    m_types = add(weights, "embeddings.token_type_embeddings.weight", {config.typeVocabularySize, width});
    m_embeddingNorm = addNormWeights(weights, "embeddings.LayerNorm");
    for (std::int64_t i = 0; i < config.layers; ++i) {
        const std::string prefix = "encoder.layer." + std::to_string(i) + ".";
        LayerIndex layer{};
        layer.query = addLinear(weights, prefix + "attention.self.query", width, width);
        layer.key = addLinear(weights, prefix + "attention.self.key", width, width);
        layer.value = addLinear(weights, prefix + "attention.self.value", width, width);
        layer.output = addLinear(weights, prefix + "attention.output.dense", width, width);
        layer.outputNorm = addNormWeights(weights, prefix + "attention.output.LayerNorm");
        layer.intermediate = addLinear(weights, prefix + "intermediate.dense", width, config.intermediateSize);
        layer.feedForward = addLinear(weights, prefix + "output.dense", config.intermediateSize, width);
        layer.feedForwardNorm = addNormWeights(weights, prefix + "output.LayerNorm");
        m_layers.push_back(layer);
    }
}

std::size_t Bert::add(const WeightSource &weights, const std::string &name, at::IntArrayRef shape)
{
    m_parameters.push_back({name, weights(name, shape)});
    return m_parameters.size() - 1;
}

LinearIndex Bert::addLinear(const WeightSource &weights, const std::string &name, std::int64_t in, std::int64_t out)
{
    const std::size_t weight = add(weights, name + ".weight", {out, in});
    return {weight, add(weights, name + ".bias", {out})};
}

LinearIndex Bert::addNormWeights(const WeightSource &weights, const std::string &name)
{
    const std::size_t weight = add(weights, name + ".weight", {m_config.hiddenSize});
    return {weight, add(weights, name + ".bias", {m_config.hiddenSize})};
}

void Bert::to(const at::Device &device)
{
    for (Parameter &parameter : m_parameters)
        parameter.value = parameter.value.detach().to(device).set_requires_grad(parameter.value.requires_grad());
}

// What the fused operations keep a token: q, k, v, context (4 · width), two normalised rows and their outputs
// (4 · width), the pre-activation; the tensor path keeps masks and probabilities too and is not planned for here.
std::int64_t Bert::activationBytesPerToken(std::int64_t) const
{
    const std::int64_t layer = 8 * m_config.hiddenSize + m_config.intermediateSize;
    return static_cast<std::int64_t>(sizeof(float)) * (m_config.layers * layer + 4 * m_config.hiddenSize);
}

at::Tensor Bert::embed(const BatchPtr &batch, const PackedTokens &tokens, const Mask &mask) const
{
    const at::Tensor ids = at::tensor(tokens.ids, at::kInt).to(at::kLong).to(batch->device);
    const at::Tensor sum =
        at::embedding(at(m_words), ids) + at::embedding(at(m_positions), batch->positionOfToken()) + at(m_types)[0];
    const at::Tensor states = addNorm(batch, sum, at::Tensor(), at(m_embeddingNorm.weight), at(m_embeddingNorm.bias),
                                      m_config.layerNormEps, Mask{});
    return dropout(batch, states, mask);
}

at::Tensor Bert::pool(const BatchPtr &batch, const at::Tensor &states) const
{
    at::Tensor pooled;
    switch (m_config.pooling) {
    case Pooling::Mean:
        pooled = meanPool(batch, states);
        break;
    case Pooling::Cls:
        pooled = firstPool(batch, states);
        break;
    case Pooling::Max:
        pooled = maxPool(batch, states);
        break;
    }
    // As torch.nn.functional.normalize: the norm is at least 1e-12.
    return m_config.normalize ? pooled / pooled.norm(2, {1}, true).clamp_min(1e-12) : pooled;
}

at::Tensor Bert::forward(const PackedTokens &tokens, const ForwardOptions &options) const
{
    auto shared = std::make_shared<PackedBatch>();
    shared->offsets = tokens.offsets;
    for (std::int64_t i = 0; i < tokens.size(); ++i)
        shared->longest = std::max(shared->longest, tokens.length(i));
    shared->device = device();
    shared->fused = !options.tensorOperations;
    shared->stop = options.stop;
    const BatchPtr batch = std::move(shared);
    const auto mask = [&](std::int64_t layer, DropoutSite site, double probability) {
        return options.dropout ? Mask{options.dropout->keys(tokens, layer, site), probability} : Mask{};
    };
    at::Tensor states = embed(batch, tokens, mask(0, DropoutSite::Embeddings, m_config.hiddenDropout));
    for (std::int64_t i = 0; i < m_config.layers; ++i) {
        const LayerIndex &layer = m_layers[static_cast<std::size_t>(i)];
        const at::Tensor context =
            attention(batch, linearOf(batch, states, layer.query), linearOf(batch, states, layer.key),
                      linearOf(batch, states, layer.value), m_config.heads,
                      mask(i, DropoutSite::AttentionProbabilities, m_config.attentionDropout));
        states = addNorm(batch, linearOf(batch, context, layer.output), states, at(layer.outputNorm.weight),
                         at(layer.outputNorm.bias), m_config.layerNormEps,
                         mask(i, DropoutSite::AttentionOutput, m_config.hiddenDropout));
        const at::Tensor hidden = feedForward(batch, states, at(layer.intermediate.weight), at(layer.intermediate.bias),
                                              at(layer.feedForward.weight), at(layer.feedForward.bias));
        states = addNorm(batch, hidden, states, at(layer.feedForwardNorm.weight), at(layer.feedForwardNorm.bias),
                         m_config.layerNormEps, mask(i, DropoutSite::FeedForwardOutput, m_config.hiddenDropout));
    }
    return pool(batch, states);
}

} // namespace

std::unique_ptr<Transformer> makeBert(const ModelConfig &config, const WeightSource &weights)
{
    return std::make_unique<Bert>(config, weights);
}

} // namespace apiary::encoder
