#pragma once

#include "encoder/ops.h"

namespace apiary::encoder {

/// Whether an operation on x takes its CPU float32 form.
bool useFused(const BatchPtr &batch, const at::Tensor &x);
/// x, polling for a stop when its gradient is ready.
at::Tensor polled(const BatchPtr &batch, at::Tensor x);

/// The CPU float32 forms of the operations of ops.h, as autograd functions with backward passes of their own.
at::Tensor fusedAddNorm(const BatchPtr &batch, const at::Tensor &x, const at::Tensor &residual, const at::Tensor &gamma,
                        const at::Tensor &beta, double eps, const Mask &mask);
at::Tensor fusedDropout(const BatchPtr &batch, const at::Tensor &x, const Mask &mask);
at::Tensor fusedAttention(const BatchPtr &batch, const at::Tensor &q, const at::Tensor &k, const at::Tensor &v,
                          const AttentionShape &shape, const Mask &mask);
at::Tensor fusedFeedForward(const BatchPtr &batch, const at::Tensor &x, const at::Tensor &w1, const at::Tensor &b1,
                            const at::Tensor &w2, const at::Tensor &b2);

} // namespace apiary::encoder
