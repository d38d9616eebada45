#pragma once

#include "encoder/body.h"
#include "encoder/modules.h"

namespace apiary::encoder {

/// The modules behind the Transformer: token states in, one embedding a text out.
class Head {
public:
    /// `weights` gives the Dense and LayerNorm modules' weights under "MODULE/NAME", e.g. "2_Dense/linear.weight".
    Head(const std::vector<Module> &modules, const WeightSource &weights);

    /// states: [tokens, width]; result: [texts, dimension]. Differentiable.
    at::Tensor embeddings(const Pass &pass, const at::Tensor &states) const;
    ParameterList &parameters() { return m_parameters; }
    const ParameterList &parameters() const { return m_parameters; }

private:
    struct Weights {
        Linear linear, residual;
        Norm norm;
    };
    at::Tensor apply(const Module &module, const Weights &weights, const at::Tensor &x) const;

    std::vector<Module> m_modules;
    ParameterList m_parameters;
    std::vector<Weights> m_weights; ///< one a module
};

} // namespace apiary::encoder
