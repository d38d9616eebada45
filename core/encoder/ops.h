#pragma once

#include "encoder/dropout.h"
#include "encoder/packed_tokens.h"
#include "encoder/parameters.h"
#include "encoder/rotary.h"

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

/// Which tokens of a text attend to which, and how.
struct AttentionShape {
    std::int64_t heads = 1;    ///< of queries
    std::int64_t keyHeads = 0; ///< of keys and values, a divisor of `heads`, each for a run of them; 0: as many
    bool causal = false;       ///< a token sees itself and those before it
    std::int64_t window = -1;  ///< a token sees those at most so far away; negative: all
    Rotary rotary = {};        ///< turns queries and keys by their positions; may be undefined
    /// [heads, 2 · longest − 1], added to the scaled score at index key − query + longest − 1; differentiable; may be
    /// undefined.
    at::Tensor bias = {};

    std::int64_t headsOfKeys() const { return keyHeads > 0 ? keyHeads : heads; }
};

/// Multi-head attention of each text over itself: softmax(q·kᵀ / √d + bias) with dropout, times v.
/// q: [tokens, heads · d], so is the result; k, v: [tokens, headsOfKeys · d].
at::Tensor attention(const BatchPtr &batch, const at::Tensor &q, const at::Tensor &k, const at::Tensor &v,
                     const AttentionShape &shape, const Mask &mask);

/// f(x·W1ᵀ + b1)·W2ᵀ + b2; with GELU it keeps x and the pre-activation only.
at::Tensor feedForward(const BatchPtr &batch, const at::Tensor &x, const Linear &up, const Linear &down,
                       Activation activation = Activation::Gelu);
/// The activation alone.
at::Tensor activate(const at::Tensor &x, Activation activation);
/// dropout(f(gate) ∘ up)·Wᵀ + b, gate and up [tokens, middle] being two projections of one input (Shazeer 2020); keeps
/// those two only.
at::Tensor gatedFeedForward(const BatchPtr &batch, const at::Tensor &gate, const at::Tensor &up, const Linear &down,
                            Activation activation, const Mask &mask = {});

/// x / √(mean(x²) + ε) · weight of each run of weight.size(0) numbers of a row (Zhang & Sennrich 2019): whole rows, or
/// each head of them.
at::Tensor rmsNorm(const BatchPtr &batch, const at::Tensor &x, const at::Tensor &weight, double eps);

/// The masks as tensors: 0 or 1 / (1 − p), float32. For the path without kernels, and for tests of it.
at::Tensor hiddenMask(const PackedBatch &batch, const Mask &mask, std::int64_t width);    ///< [tokens, width]
at::Tensor attentionMask(const PackedBatch &batch, const Mask &mask, std::int64_t heads); ///< [texts, heads, L, L]

} // namespace apiary::encoder
