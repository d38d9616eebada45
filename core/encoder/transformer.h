#pragma once

#include "encoder/dropout.h"
#include "encoder/packed_tokens.h"

#include <ATen/ATen.h>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace apiary::encoder {

/// A weight under the name it has in the checkpoint.
struct Parameter {
    std::string name;
    at::Tensor value; ///< float32, a leaf; requires_grad where training
};

/// What a forward pass needs beside the tokens. With `dropout` unset the network is in evaluation mode.
struct ForwardOptions {
    const DropoutPlan *dropout = nullptr;
    bool tensorOperations = false; ///< plain tensor operations even where fused kernels exist; same masks, for tests
    std::stop_token stop; ///< polled between layers forward and inside the operations' backward; throws Cancelled
};

/// A Transformer over packed token ids with its pooling: token ids in, one embedding a text out. Differentiable.
class Transformer {
public:
    virtual ~Transformer() = default;

    /// Embeddings of the micro-batch, [texts, dimension()], float32 on device().
    virtual at::Tensor forward(const PackedTokens &tokens, const ForwardOptions &options) const = 0;

    virtual std::vector<Parameter> &parameters() = 0;
    const std::vector<Parameter> &parameters() const { return const_cast<Transformer *>(this)->parameters(); }
    virtual std::int64_t dimension() const = 0;
    virtual std::int64_t maxTokens() const = 0;
    virtual void to(const at::Device &device) = 0;
    /// Bytes that one token of a forward pass with gradients keeps until its backward pass.
    virtual std::int64_t activationBytesPerToken(std::int64_t length) const = 0;

    /// Makes the matrices of whole numbers that evaluation mode takes from then on, on the processor; they do not follow
    /// the parameters when these change.
    virtual void quantize() = 0;
    /// Keeps the matrices once more in the layout of the processor's products, for many passes in evaluation mode; to be
    /// taken back before the parameters change.
    virtual void packWeights(bool on) = 0;
    /// Floating-point operations that a token's forward pass takes in a text of so many tokens: its products alone.
    virtual double operationsPerToken(std::int64_t length) const = 0;

    at::Device device() const { return parameters().front().value.device(); }
};

} // namespace apiary::encoder
