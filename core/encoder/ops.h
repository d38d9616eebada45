#pragma once

#include "encoder/dropout.h"
#include "encoder/packed_tokens.h"
#include "encoder/parameters.h"

#include <ATen/ATen.h>
#include <memory>
#include <stop_token>
#include <vector>

namespace apiary::encoder {

/// The operations that Transformers are made of, over packed rows: [tokens, width], text after text, no padding.
/// On the CPU in float32 they are fused kernels that keep little and draw their masks again in the backward pass; on
/// any other device, or where `fused` is off, the same masks and formulas as tensor operations.

/// What the operations of one forward pass share. Kept alive by their backward passes.
struct PackedBatch {
    std::vector<std::int64_t> offsets; ///< texts + 1
    std::int64_t longest = 0;
    at::Device device = at::kCPU;
    bool fused = true;
    std::stop_token stop;

    std::int64_t texts() const { return static_cast<std::int64_t>(offsets.size()) - 1; }
    std::int64_t tokens() const { return offsets.back(); }
    std::int64_t begin(std::int64_t text) const { return offsets[static_cast<std::size_t>(text)]; }
    std::int64_t length(std::int64_t text) const { return begin(text + 1) - begin(text); }

    at::Tensor textOfToken() const;     ///< int64 [tokens]
    at::Tensor positionOfToken() const; ///< int64 [tokens]
};
using BatchPtr = std::shared_ptr<const PackedBatch>;

/// A dropout to apply: a key for each text; no keys, no dropout.
struct Mask {
    std::vector<std::uint64_t> keys;
    double probability = 0;

    std::int32_t threshold() const { return keys.empty() ? 0 : dropoutThreshold(probability); }
    /// 1 / (1 − p) for the p that the 24-bit threshold stands for.
    float keep() const { return static_cast<float>(1.0 / (1.0 - threshold() / 16777216.0)); }
};

/// What a feed-forward layer bends its middle by.
enum class Activation {
    Gelu,     ///< x · Φ(x)
    GeluTanh, ///< its approximation by tanh
    Relu,
    Silu, ///< x · sigmoid(x)
};

/// x·Wᵀ + b; polls for a stop before and in the backward pass.
at::Tensor linear(const BatchPtr &batch, const at::Tensor &x, const Linear &weights);

/// LayerNorm(residual + dropout(x)); `residual` may be undefined.
at::Tensor addNorm(const BatchPtr &batch, const at::Tensor &x, const at::Tensor &residual, const Norm &norm, double eps,
                   const Mask &mask);

at::Tensor dropout(const BatchPtr &batch, const at::Tensor &x, const Mask &mask);

/// Bidirectional multi-head attention of each text over itself: softmax(q·kᵀ / √d) with dropout, times v.
/// q, k, v: [tokens, heads · d]; so is the result.
at::Tensor attention(const BatchPtr &batch, const at::Tensor &q, const at::Tensor &k, const at::Tensor &v,
                     std::int64_t heads, const Mask &mask);

/// f(x·W1ᵀ + b1)·W2ᵀ + b2; with GELU it keeps x and the pre-activation only.
at::Tensor feedForward(const BatchPtr &batch, const at::Tensor &x, const Linear &up, const Linear &down,
                       Activation activation = Activation::Gelu);
/// The activation alone.
at::Tensor activate(const at::Tensor &x, Activation activation);

/// The masks as tensors: 0 or 1 / (1 − p), float32. For the path without kernels, and for tests of it.
at::Tensor hiddenMask(const PackedBatch &batch, const Mask &mask, std::int64_t width);    ///< [tokens, width]
at::Tensor attentionMask(const PackedBatch &batch, const Mask &mask, std::int64_t heads); ///< [texts, heads, L, L]

} // namespace apiary::encoder
