#include "encoder/post_norm_layer.h"

namespace apiary::encoder {

PostNormLayer makePostNormLayer(ParameterList &list, const std::string &prefix, const PostNormNames &names,
                                const PostNormSettings &settings)
{
    const std::int64_t width = settings.width;
    PostNormLayer layer;
    layer.query = list.linear(prefix + names.query, width, width);
    layer.key = list.linear(prefix + names.key, width, width);
    layer.value = list.linear(prefix + names.value, width, width);
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
