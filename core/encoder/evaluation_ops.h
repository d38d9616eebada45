#pragma once

#include "encoder/ops.h"

namespace apiary::encoder {

/// Operations of evaluation mode on the processor: nothing is kept for a backward pass, biases are added where a row is
/// read next, results take the place of what they are made of.

/// Whether a pass takes them: no dropout, no gradients, float32 on the processor.
bool useEvaluationOps(const BatchPtr &batch, const DropoutPlan *dropout, const at::Tensor &x);

/// x·Wᵀ without its bias, in whole numbers where the weights have them.
at::Tensor product(const BatchPtr &batch, const at::Tensor &x, const Linear &weights);
/// x ← x + bias.
void addBias(at::Tensor &x, const at::Tensor &bias);
/// x ← LayerNorm(x + bias + residual).
void addBiasAndNorm(at::Tensor &x, const at::Tensor &bias, const at::Tensor &residual, const Norm &norm, double eps);
/// x ← f(x + bias).
void addBiasAndActivate(at::Tensor &x, const at::Tensor &bias, Activation activation);

} // namespace apiary::encoder
