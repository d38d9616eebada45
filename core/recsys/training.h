#pragma once

#include "base/csr.h"
#include "base/random.h"

#include <ATen/ATen.h>
#include <cmath>
#include <cstdint>
#include <vector>

namespace apiary::recsys {

/// [−bound, bound) from one generator: the same numbers on every device.
inline at::Tensor uniformTensor(at::IntArrayRef shape, double bound, std::uint64_t key)
{
    at::Tensor result = at::empty(shape, at::kFloat);
    auto *values = result.mutable_data_ptr<float>();
    CounterRng random(key);
    for (std::int64_t i = 0; i < result.numel(); ++i)
        values[i] = static_cast<float>((random.uniform() * 2 - 1) * bound);
    return result;
}

/// Glorot and Bengio (2010), uniform: of a weight [out, in].
inline at::Tensor glorotTensor(std::int64_t out, std::int64_t in, std::uint64_t key)
{
    return uniformTensor({out, in}, std::sqrt(6.0 / static_cast<double>(out + in)), key);
}

/// Normal numbers of a deviation (Box and Muller 1958).
inline at::Tensor normalTensor(at::IntArrayRef shape, double deviation, std::uint64_t key)
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

/// Rows that have an entry, in an order drawn for the epoch (or as they stand).
inline std::vector<std::int32_t> epochOrder(const CsrView &rows, bool shuffle, std::uint64_t key)
{
    std::vector<std::int32_t> order;
    for (std::int64_t r = 0; r < rows.rows; ++r)
        if (!rows.row(r).empty())
            order.push_back(static_cast<std::int32_t>(r));
    if (shuffle)
        CounterRng(key).shuffle(order);
    return order;
}

} // namespace apiary::recsys
