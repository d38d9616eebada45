#include "recsys/training.h"

#include "base/random.h"
#include "encoder/dropout.h"

#include <cmath>
#include <utility>

namespace apiary::recsys {

at::Tensor uniformTensor(at::IntArrayRef shape, double bound, std::uint64_t key)
{
    at::Tensor result = at::empty(shape, at::kFloat);
    auto *values = result.mutable_data_ptr<float>();
    CounterRng random(key);
    for (std::int64_t i = 0; i < result.numel(); ++i)
        values[i] = static_cast<float>((random.uniform() * 2 - 1) * bound);
    return result;
}

at::Tensor glorotTensor(std::int64_t out, std::int64_t in, std::uint64_t key)
{
    return uniformTensor({out, in}, std::sqrt(6.0 / static_cast<double>(out + in)), key);
}

at::Tensor normalTensor(at::IntArrayRef shape, double deviation, std::uint64_t key)
{
    at::Tensor result = at::empty(shape, at::kFloat);
    auto *values = result.mutable_data_ptr<float>();
    CounterRng random(key);
    for (std::int64_t i = 0; i < result.numel(); ++i) {
        const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
        values[i] = static_cast<float>(deviation * radius * std::cos(2 * M_PI * random.uniform()));
    }
    return result;
}

at::Tensor keepTensor(at::IntArrayRef shape, double p, std::uint64_t key, at::Device device)
{
    at::Tensor result = at::empty(shape, at::kFloat);
    auto *values = result.mutable_data_ptr<float>();
    const std::int32_t threshold = encoder::dropoutThreshold(p);
    const auto keep = static_cast<float>(1 / (1 - p));
    for (std::int64_t i = 0; i < result.numel(); ++i) {
        const std::uint32_t bits = encoder::dropoutBits(key, static_cast<std::uint32_t>(i));
        values[i] = static_cast<std::int32_t>(bits >> 8) < threshold ? 0.0F : keep;
    }
    return result.to(device);
}

std::vector<std::int32_t> epochOrder(const CsrView &rows, bool shuffle, std::uint64_t key)
{
    std::vector<std::int32_t> order;
    for (std::int64_t r = 0; r < rows.rows; ++r)
        if (!rows.row(r).empty())
            order.push_back(static_cast<std::int32_t>(r));
    if (shuffle)
        CounterRng(key).shuffle(order);
    return order;
}

Adam::Adam(std::vector<at::Tensor> parameters, double learningRate, double beta2)
    : m_parameters(std::move(parameters))
    , m_learningRate(learningRate)
    , m_beta2(beta2)
{
    for (const at::Tensor &parameter : m_parameters) {
        m_first.push_back(at::zeros_like(parameter.detach()));
        m_second.push_back(at::zeros_like(parameter.detach()));
    }
}

void Adam::step()
{
    constexpr double beta1 = 0.9, eps = 1e-8;
    const at::NoGradGuard noGrad;
    ++m_step;
    const double first = 1 - std::pow(beta1, m_step), second = 1 - std::pow(m_beta2, m_step);
    for (std::size_t i = 0; i < m_parameters.size(); ++i) {
        at::Tensor &gradient = m_parameters[i].mutable_grad();
        if (!gradient.defined())
            continue;
        m_first[i].lerp_(gradient, 1 - beta1);
        m_second[i].mul_(m_beta2).addcmul_(gradient, gradient, 1 - m_beta2);
        const at::Tensor scale = m_second[i].div(second).sqrt_().add_(eps);
        m_parameters[i].detach().addcdiv_(m_first[i], scale, -m_learningRate / first);
        gradient.reset();
    }
}

Momentum::Momentum(std::vector<at::Tensor> parameters) : m_parameters(std::move(parameters))
{
    for (const at::Tensor &parameter : m_parameters)
        m_velocity.push_back(at::zeros_like(parameter.detach()));
}

void Momentum::step(double learningRate)
{
    const at::NoGradGuard noGrad;
    for (std::size_t i = 0; i < m_parameters.size(); ++i) {
        at::Tensor &gradient = m_parameters[i].mutable_grad();
        if (!gradient.defined())
            continue;
        m_velocity[i].mul_(0.9).add_(gradient);
        m_parameters[i].detach().add_(m_velocity[i], -learningRate);
        gradient.reset();
    }
}

} // namespace apiary::recsys
