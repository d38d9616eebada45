#pragma once

#include "base/csr.h"

#include <ATen/ATen.h>
#include <cstdint>
#include <vector>

namespace apiary::recsys {

/// Uniform in [−bound, bound), float32 on the processor: a pure function of shape, bound and key.
at::Tensor uniformTensor(at::IntArrayRef shape, double bound, std::uint64_t key);
/// A weight [out, in] as Glorot and Bengio (2010) draw it, uniform.
at::Tensor glorotTensor(std::int64_t out, std::int64_t in, std::uint64_t key);
/// Normal numbers of a deviation (Box and Muller 1958), float32 on the processor.
at::Tensor normalTensor(at::IntArrayRef shape, double deviation, std::uint64_t key);
/// 1 / (1 − p) with probability 1 − p, else 0, float32: what dropout multiplies by.
at::Tensor keepTensor(at::IntArrayRef shape, double p, std::uint64_t key, at::Device device);

/// Rows that have an entry, in an order drawn from the key (or as they stand).
std::vector<std::int32_t> epochOrder(const CsrView &rows, bool shuffle, std::uint64_t key);

/// Adam (Kingma and Ba 2015) over leaves that require gradients.
class Adam {
public:
    Adam(std::vector<at::Tensor> parameters, double learningRate, double beta2 = 0.999);
    /// From the parameters' gradients, which are dropped.
    void step();

private:
    std::vector<at::Tensor> m_parameters, m_first, m_second;
    double m_learningRate;
    double m_beta2;
    std::int64_t m_step = 0;
};

/// Gradient descent with momentum 0.9 (Polyak 1964).
class Momentum {
public:
    explicit Momentum(std::vector<at::Tensor> parameters);
    void step(double learningRate);

private:
    std::vector<at::Tensor> m_parameters, m_velocity;
};

} // namespace apiary::recsys
