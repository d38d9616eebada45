#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace apiary {

/// The 64-bit finalizer of SplitMix64 (Steele, Lea, Flood 2014): a bijection that mixes all bits.
constexpr std::uint64_t mix64(std::uint64_t x)
{
    x += 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
}

/// A key that depends on every part and on their order.
template <typename... Parts>
constexpr std::uint64_t mixKey(std::uint64_t first, Parts... rest)
{
    std::uint64_t key = mix64(first);
    ((key = mix64(key ^ static_cast<std::uint64_t>(rest))), ...);
    return key;
}

/// A counter-based generator: the n-th number is a pure function of (key, n), so that nothing needs to be saved but
/// where one stands. Satisfies UniformRandomBitGenerator, but use below() and shuffle(): the standard library's
/// distributions differ between implementations.
class CounterRng {
public:
    using result_type = std::uint64_t;

    explicit CounterRng(std::uint64_t key, std::uint64_t counter = 0) : m_key(key), m_counter(counter) {}

    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return ~result_type{0}; }
    result_type operator()() { return mix64(m_key ^ mix64(m_counter++)); }

    /// Uniform in [0, bound), without bias (Lemire 2019). bound > 0.
    std::uint64_t below(std::uint64_t bound)
    {
        __extension__ using Wide = unsigned __int128;
        Wide product = static_cast<Wide>((*this)()) * bound;
        if (static_cast<std::uint64_t>(product) < bound) {
            const std::uint64_t floor = (0 - bound) % bound;
            while (static_cast<std::uint64_t>(product) < floor)
                product = static_cast<Wide>((*this)()) * bound;
        }
        return static_cast<std::uint64_t>(product >> 64);
    }

    /// Uniform in [0, 1) with 53 bits.
    double uniform() { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }

    /// Fisher–Yates over the first `count` places (all of them by default): a random sample without replacement ends
    /// up in front.
    template <typename Container>
    void shuffle(Container &values, std::size_t count = ~std::size_t{0})
    {
        const std::size_t n = values.size();
        for (std::size_t i = 0; i + 1 < n && i < count; ++i)
            std::swap(values[i], values[i + below(n - i)]);
    }

private:
    std::uint64_t m_key;
    std::uint64_t m_counter;
};

} // namespace apiary
