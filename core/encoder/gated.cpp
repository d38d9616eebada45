// Gated feed-forward layers on all devices: an autograd function of tensor operations that keeps the two projections
// alone and makes their product again in the backward pass.
#include "base/cancel.h"
#include "encoder/fused.h"
#include "encoder/fused_call.h"

#include <ATen/core/grad_mode.h>

namespace apiary::encoder {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

struct GatedCall : FusedCall {
    GatedCall(BatchPtr theBatch, Mask theMask, Activation theActivation)
        : FusedCall(std::move(theBatch), std::move(theMask))
        , activation(theActivation)
    {
    }
    Activation activation;

    at::Tensor dropped(const at::Tensor &x) const { return dropout(batch, x, mask); }
};
using GatedCallPtr = c10::intrusive_ptr<GatedCall>;

at::Tensor activationGradient(const at::Tensor &dy, const at::Tensor &x, Activation activation)
{
    switch (activation) {
    case Activation::GeluTanh:
        return at::gelu_backward(dy, x, "tanh");
    case Activation::Relu:
        return at::threshold_backward(dy, x, 0);
    case Activation::Silu:
        return at::silu_backward(dy, x);
    case Activation::Gelu:
        break;
    }
    return at::gelu_backward(dy, x);
}

class Gated : public torch::autograd::Function<Gated> {
public:
    static at::Tensor forward(AutogradContext *context, const at::Tensor &gate, const at::Tensor &up,
                              const at::Tensor &weight, const std::optional<at::Tensor> &bias, const GatedCallPtr &call)
    {
        FusedCall::keep(context, call);
        context->save_for_backward({gate, up, weight});
        context->saved_data["bias"] = bias.has_value();
        return at::linear(call->dropped(activate(gate, call->activation).mul_(up)), weight, bias);
    }

    static variable_list backward(AutogradContext *context, const variable_list &gradients)
    {
        const auto &call = static_cast<const GatedCall &>(FusedCall::of(context));
        throwIfStopped(call.batch->stop);
        const variable_list saved = context->get_saved_variables();
        const at::Tensor dy = gradients[0].contiguous();
        const at::Tensor active = activate(saved[0], call.activation);
        const at::Tensor dWeight = dy.t().mm(call.dropped(active * saved[1]));
        throwIfStopped(call.batch->stop);
        const at::Tensor dProduct = call.dropped(dy.mm(saved[2]));
        const at::Tensor dGate = activationGradient(dProduct * saved[1], saved[0], call.activation);
        const bool hasBias = context->saved_data["bias"].toBool();
        return {dGate, dProduct * active, dWeight, hasBias ? dy.sum(0) : at::Tensor(), at::Tensor()};
    }
};

} // namespace

at::Tensor gatedFeedForward(const BatchPtr &batch, const at::Tensor &gate, const at::Tensor &up, const Linear &down,
                            Activation activation, const Mask &mask)
{
    throwIfStopped(batch->stop);
    if (!batch->fused || !at::GradMode::is_enabled())
        return linear(batch, dropout(batch, activate(gate, activation) * up, mask), down);
    return Gated::apply(gate, up, down.weight, down.bias.defined() ? std::optional(down.bias) : std::nullopt,
                        c10::make_intrusive<GatedCall>(batch, mask, activation));
}

} // namespace apiary::encoder
