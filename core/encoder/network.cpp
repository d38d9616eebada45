#include "encoder/network.h"

#include "encoder/packed_matrix.h"
#include "encoder/quantized_linear.h"

namespace apiary::encoder {

Network::Network(std::unique_ptr<Body> body, const ModelConfig &config, const WeightSource &headWeights)
    : m_body(std::move(body))
    , m_head(config.head, headWeights)
    , m_dimension(config.dimension())
    , m_maxTokens(config.maxTokens)
    , m_hiddenSize(config.hiddenSize)
    , m_layers(config.layers)
{
    m_parameters = m_body->parameters().all();
    const std::vector<Parameter> &own = m_head.parameters().all();
    m_parameters.insert(m_parameters.end(), own.begin(), own.end());
}

// The tensors' data move, the tensors stay: body and head hold the same ones.
void Network::to(const at::Device &device)
{
    for (Parameter &parameter : m_parameters)
        parameter.value.set_data(parameter.value.detach().to(device));
}

void Network::quantize()
{
    for (const LinearPtr &linear : m_body->parameters().linears())
        linear->quantized = quantized(*linear);
}

void Network::packWeights(bool on)
{
    for (const LinearPtr &linear : m_body->parameters().linears())
        linear->packed = on && !linear->quantized ? PackedMatrix::of(linear->weight) : nullptr;
}

// Scores and contexts take 4 · length · width in layers that see whole texts; the rest are the matrices.
double Network::operationsPerToken(std::int64_t length) const
{
    double operations = 4.0 * static_cast<double>(length * m_hiddenSize * m_layers);
    for (const LinearPtr &linear : m_body->parameters().linears())
        operations += 2.0 * static_cast<double>(linear->weight.numel());
    return operations;
}

at::Tensor Network::forward(const PackedTokens &tokens, const ForwardOptions &options) const
{
    auto batch = std::make_shared<PackedBatch>();
    batch->offsets = tokens.offsets;
    for (std::int64_t i = 0; i < tokens.size(); ++i)
        batch->longest = std::max(batch->longest, tokens.length(i));
    batch->device = device();
    batch->fused = !options.tensorOperations;
    batch->stop = options.stop;
    const Pass pass{tokens, std::move(batch), options.dropout};
    return m_head.embeddings(pass, m_body->states(pass));
}

} // namespace apiary::encoder
