#pragma once

#include <ATen/ATen.h>
#include <cstdint>
#include <vector>

namespace apiary::optim {

struct NadamConfig {
    double learningRate = 1e-5;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double momentumDecay = 4e-3;
};

/// Nadam (Dozat 2016) as torch.optim.NAdam computes it, without weight decay.
class Nadam {
public:
    Nadam(std::vector<at::Tensor> parameters, NadamConfig config);

    /// One update from the parameters' grad() (a parameter without one stays as it is).
    void step();
    void setLearningRate(double rate) { m_config.learningRate = rate; }
    double learningRate() const { return m_config.learningRate; }
    std::int64_t steps() const { return m_step; }

private:
    std::vector<at::Tensor> m_parameters;
    std::vector<at::Tensor> m_first;  ///< exponential mean of gradients
    std::vector<at::Tensor> m_second; ///< of their squares
    NadamConfig m_config;
    double m_momentumProduct = 1;
    std::int64_t m_step = 0;
};

/// √Σ‖g‖² over the parameters' gradients, accumulated in double; NaN or infinite where any gradient is.
double gradientNorm(const std::vector<at::Tensor> &parameters);

} // namespace apiary::optim
