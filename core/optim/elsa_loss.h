#pragma once

#include "base/csr.h"

#include <ATen/ATen.h>
#include <functional>

namespace apiary::optim {

struct LossAndGradient {
    double loss = 0;
    at::Tensor gradient; ///< of the loss with respect to the embeddings, [m, d]
};

/// The NMSE–ELSA loss of beeFormer (arXiv 2409.10309, section 3) and its gradient, without an autograd graph.
///
/// With U the rows of `embeddings` [m, d] normalised, x the users' rows over the first `users.cols` items (the
/// positives) and y the same rows over all m items: loss = mean over users and items of (ŷ − p̂)², where
/// p = relu(x·U_pos·Uᵀ − y), and ŷ, p̂ are y and p with each row normalised (norms of at least 1e-12).
/// Without `rectify`, p = x·U_pos·Uᵀ − y: the loss of ELSA itself (Vančura et al., RecSys 2022).
/// An item with `multiplicity` w [m, float32; undefined means ones] counts as w equal columns.
/// Scores are made for some users at a time, so that memory does not grow with users × m. `poll` is called between.
LossAndGradient elsaNmse(const at::Tensor &embeddings, const CsrView &users, const at::Tensor &multiplicity = {},
                         const std::function<void()> &poll = {}, bool rectify = true);

} // namespace apiary::optim
