#include "optim/nadam.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <cmath>

namespace apiary::optim {

namespace {

// θ −= gradientRate · g / d + momentRate · m / d, with d = √(v / correction) + ε.
struct Update {
    float beta1, beta2, correction, eps, gradientRate, momentRate;
};

void updateOnCpu(const Update &u, std::int64_t count, const float *gradient, float *first, float *second, float *value)
{
    at::parallel_for(0, count, 1 << 15, [&](std::int64_t begin, std::int64_t end) {
#pragma omp simd
        for (std::int64_t i = begin; i < end; ++i) {
            const float g = gradient[i];
            const float m = first[i] + (g - first[i]) * (1.0F - u.beta1);
            const float v = second[i] * u.beta2 + g * g * (1.0F - u.beta2);
            const float d = __builtin_sqrtf(v * u.correction) + u.eps;
            first[i] = m;
            second[i] = v;
            value[i] -= (u.gradientRate * g + u.momentRate * m) / d;
        }
    });
}

void updateAnywhere(const Update &u, const at::Tensor &gradient, at::Tensor &first, at::Tensor &second,
                    at::Tensor &value)
{
    first.lerp_(gradient, 1.0 - u.beta1);
    second.mul_(u.beta2).addcmul_(gradient, gradient, 1.0 - u.beta2);
    const at::Tensor d = second.mul(u.correction).sqrt_().add_(u.eps);
    value.addcdiv_(gradient, d, -u.gradientRate).addcdiv_(first, d, -u.momentRate);
}

bool plainCpu(const at::Tensor &t)
{
    return t.device().is_cpu() && t.is_contiguous() && t.scalar_type() == at::kFloat;
}

} // namespace

Nadam::Nadam(std::vector<at::Tensor> parameters, NadamConfig config)
    : m_parameters(std::move(parameters))
    , m_config(config)
{
    for (const at::Tensor &parameter : m_parameters) {
        m_first.push_back(at::zeros_like(parameter.detach()));
        m_second.push_back(at::zeros_like(parameter.detach()));
    }
}

void Nadam::step()
{
    const at::NoGradGuard noGrad;
    ++m_step;
    const auto t = static_cast<double>(m_step);
    const double momentum = m_config.beta1 * (1.0 - 0.5 * std::pow(0.96, t * m_config.momentumDecay));
    const double next = m_config.beta1 * (1.0 - 0.5 * std::pow(0.96, (t + 1) * m_config.momentumDecay));
    m_momentumProduct *= momentum;
    const double correction = 1.0 - std::pow(m_config.beta2, t);
    const double rate = m_config.learningRate;
    const Update update{static_cast<float>(m_config.beta1),
                        static_cast<float>(m_config.beta2),
                        static_cast<float>(1.0 / correction),
                        static_cast<float>(m_config.eps),
                        static_cast<float>(rate * (1.0 - momentum) / (1.0 - m_momentumProduct)),
                        static_cast<float>(rate * next / (1.0 - m_momentumProduct * next))};
    for (std::size_t i = 0; i < m_parameters.size(); ++i) {
        at::Tensor value = m_parameters[i].detach();
        const at::Tensor gradient = m_parameters[i].grad();
        if (!gradient.defined())
            continue;
        if (plainCpu(value) && plainCpu(gradient))
            updateOnCpu(update, value.numel(), gradient.const_data_ptr<float>(), m_first[i].mutable_data_ptr<float>(),
                        m_second[i].mutable_data_ptr<float>(), value.mutable_data_ptr<float>());
        else
            updateAnywhere(update, gradient, m_first[i], m_second[i], value);
    }
}

double gradientNorm(const std::vector<at::Tensor> &parameters)
{
    const at::NoGradGuard noGrad;
    double square = 0;
    for (const at::Tensor &parameter : parameters) {
        if (!parameter.grad().defined())
            continue;
        const double norm = parameter.grad().norm().item<double>();
        square += norm * norm;
    }
    return std::sqrt(square);
}

} // namespace apiary::optim
