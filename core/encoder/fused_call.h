#pragma once

#include "encoder/ops.h"

#include <ATen/core/ivalue.h>
#include <torch/csrc/autograd/custom_function.h>

namespace apiary::encoder {

/// What a fused operation's backward pass needs beside tensors.
struct FusedCall : torch::CustomClassHolder {
    FusedCall(BatchPtr theBatch, Mask theMask) : batch(std::move(theBatch)), mask(std::move(theMask)) {}

    BatchPtr batch;
    Mask mask;
    double eps = 0;

    static void keep(torch::autograd::AutogradContext *context, const c10::intrusive_ptr<FusedCall> &call)
    {
        context->saved_data["call"] = c10::IValue::make_capsule(call);
    }
    static const FusedCall &of(torch::autograd::AutogradContext *context)
    {
        return static_cast<const FusedCall &>(*context->saved_data["call"].toCapsule());
    }
};
using CallPtr = c10::intrusive_ptr<FusedCall>;

} // namespace apiary::encoder
