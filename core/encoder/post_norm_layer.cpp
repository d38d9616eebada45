#include "encoder/post_norm_layer.h"

#include "encoder/evaluation_ops.h"

namespace apiary::encoder {

namespace {

/// The layer in evaluation mode on the processor.
at::Tensor evaluated(const BatchPtr &batch, const PostNormLayer &layer, const PostNormSettings &settings,
                     const AttentionShape &shape, const at::Tensor &states)
{
    const std::int64_t width = settings.width;
    at::Tensor qkv = product(batch, states, *layer.joined);
    addBias(qkv, layer.joined->bias);
    const at::Tensor context = attention(batch, qkv.narrow(1, 0, width), qkv.narrow(1, width, width),
                                         qkv.narrow(1, 2 * width, width), shape, Mask{});
    at::Tensor attended = product(batch, context, *layer.output);
    addBiasAndNorm(attended, layer.output->bias, states, layer.attentionNorm, settings.normEps);
    at::Tensor middle = product(batch, attended, *layer.up);
    addBiasAndActivate(middle, layer.up->bias, settings.activation);
    at::Tensor result = product(batch, middle, *layer.down);
    addBiasAndNorm(result, layer.down->bias, attended, layer.feedForwardNorm, settings.normEps);
    return result;
}

} // namespace

PostNormLayer makePostNormLayer(ParameterList &list, const std::string &prefix, const PostNormNames &names,
                                const PostNormSettings &settings)
{
    const std::int64_t width = settings.width;
    PostNormLayer layer;
    layer.query = list.linear(prefix + names.query, width, width);
    layer.key = list.linear(prefix + names.key, width, width);
    layer.value = list.linear(prefix + names.value, width, width);
    layer.joined = list.joined({layer.query, layer.key, layer.value});
    layer.output = list.linear(prefix + names.output, width, width);
    layer.attentionNorm = list.norm(prefix + names.attentionNorm, width);
    layer.up = list.linear(prefix + names.up, width, settings.intermediateSize);
    layer.down = list.linear(prefix + names.down, settings.intermediateSize, width);
    layer.feedForwardNorm = list.norm(prefix + names.feedForwardNorm, width);
    return layer;
}

at::Tensor applyPostNormLayer(const Pass &pass, std::int64_t index, const PostNormLayer &layer,
                              const PostNormSettings &settings, const AttentionShape &shape, const at::Tensor &states)
{
    const BatchPtr &batch = pass.batch;
    if (useEvaluationOps(batch, pass.dropoutPlan, states) && layer.joined->beginsWith(*layer.query))
        return evaluated(batch, layer, settings, shape, states);
    const at::Tensor context =
        attention(batch, linear(batch, states, *layer.query), linear(batch, states, *layer.key),
                  linear(batch, states, *layer.value), shape,
                  pass.mask(index, DropoutSite::AttentionProbabilities, settings.attentionDropout));
    const at::Tensor attended =
        addNorm(batch, linear(batch, context, *layer.output), states, layer.attentionNorm, settings.normEps,
                pass.mask(index, DropoutSite::AttentionOutput, settings.attentionOutputDropout));
    return addNorm(batch, feedForward(batch, attended, *layer.up, *layer.down, settings.activation), attended,
                   layer.feedForwardNorm, settings.normEps,
                   pass.mask(index, DropoutSite::FeedForwardOutput, settings.feedForwardDropout));
}

// What the fused operations keep a token: q, k, v, context (4 · width), two normalised rows and their outputs
// (4 · width), the pre-activation and, where the activation is no kernel, what it gives; the embeddings' rows. The
// tensor path keeps masks and probabilities too and is not planned for here.
std::int64_t postNormBytesPerToken(const PostNormSettings &settings, std::int64_t layers)
{
    const std::int64_t middles = settings.activation == Activation::Gelu ? 1 : 2;
    const std::int64_t layer = 8 * settings.width + middles * settings.intermediateSize;
    return static_cast<std::int64_t>(sizeof(float)) * (layers * layer + 4 * settings.width);
}

at::Tensor positionsAfterPadding(const Pass &pass, std::int64_t padding)
{
    const PackedTokens &tokens = pass.tokens;
    at::Tensor positions = at::empty({tokens.tokens()}, at::kLong);
    auto *out = positions.mutable_data_ptr<std::int64_t>();
    for (std::int64_t text = 0; text < tokens.size(); ++text) {
        std::int64_t counted = 0;
        for (auto i = static_cast<std::size_t>(tokens.offsets[static_cast<std::size_t>(text)]);
             i < static_cast<std::size_t>(tokens.offsets[static_cast<std::size_t>(text) + 1]); ++i)
            out[i] = tokens.ids[i] == padding ? padding : padding + ++counted;
    }
    return positions.to(pass.batch->device);
}

} // namespace apiary::encoder
