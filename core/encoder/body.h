#pragma once

#include "encoder/ops.h"
#include "encoder/parameters.h"

namespace apiary::encoder {

/// One forward pass, as the parts of a network see it.
struct Pass {
    const PackedTokens &tokens;
    BatchPtr batch;
    const DropoutPlan *dropoutPlan = nullptr;

    /// The dropout of a place in the network; none in evaluation mode.
    Mask mask(std::int64_t layer, DropoutSite site, double probability) const
    {
        return dropoutPlan ? Mask{dropoutPlan->keys(tokens, layer, site), probability} : Mask{};
    }
    /// The token ids, int64 [tokens], on the batch's device.
    at::Tensor ids() const { return at::tensor(tokens.ids, at::kInt).to(at::kLong).to(batch->device); }
};

/// An architecture: token ids in, one state a token out. Made of the operations of ops.h, over packed tokens.
class Body {
public:
    virtual ~Body() = default;

    /// States of the last layer, [tokens, width], as pooling takes them. Differentiable.
    virtual at::Tensor states(const Pass &pass) const = 0;
    /// Bytes that a token of a pass with gradients keeps until its backward pass, in texts of so many tokens.
    virtual std::int64_t activationBytesPerToken(std::int64_t length) const = 0;

    ParameterList &parameters() { return m_parameters; }
    const ParameterList &parameters() const { return m_parameters; }

protected:
    explicit Body(const WeightSource &weights) : m_parameters(weights) {}

    ParameterList m_parameters;
};

} // namespace apiary::encoder
