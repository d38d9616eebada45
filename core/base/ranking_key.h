#pragma once

#include <bit>
#include <cstdint>

namespace apiary {

namespace detail {
inline constexpr std::uint32_t sign = 0x80000000U; // of a float's bits
} // namespace detail

/// One number that orders as (score, then the item that comes first) does: std::greater<> puts the best first. Not for
/// scores that are no numbers.
inline std::uint64_t rankingKey(float score, std::int32_t item)
{
    const auto bits = std::bit_cast<std::uint32_t>(score);
    const std::uint32_t ordered = bits & detail::sign ? ~bits : bits | detail::sign; // bits that order like the value
    return (static_cast<std::uint64_t>(ordered) << 32) | (0xFFFFFFFFU - static_cast<std::uint32_t>(item));
}

inline std::int32_t itemOfKey(std::uint64_t key)
{
    return static_cast<std::int32_t>(0xFFFFFFFFU - static_cast<std::uint32_t>(key));
}

inline float scoreOfKey(std::uint64_t key)
{
    const auto ordered = static_cast<std::uint32_t>(key >> 32);
    return std::bit_cast<float>(ordered & detail::sign ? ordered & ~detail::sign : ~ordered);
}

} // namespace apiary
