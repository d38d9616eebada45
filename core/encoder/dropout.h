#pragma once

#include "base/random.h"
#include "encoder/packed_tokens.h"

#include <cstdint>
#include <vector>

namespace apiary::encoder {

/// Where in the network a mask is drawn.
enum class DropoutSite : std::uint32_t {
    Embeddings,
    AttentionProbabilities,
    AttentionOutput,
    FeedForwardOutput,
    FeedForwardMiddle,
};

/// The masks of one step: each a pure function of (seed, step, item, layer, site, position), so that two forward passes
/// of one step see the same network, however the items are cut into micro-batches and on whatever device.
struct DropoutPlan {
    std::uint64_t seed = 0;
    std::int64_t step = 0;

    std::uint64_t key(std::int64_t item, std::int64_t layer, DropoutSite site) const
    {
        return mixKey(seed, step, item, layer, static_cast<std::uint32_t>(site));
    }
    /// One key a text.
    std::vector<std::uint64_t> keys(const PackedTokens &tokens, std::int64_t layer, DropoutSite site) const
    {
        std::vector<std::uint64_t> result;
        result.reserve(tokens.items.size());
        for (const std::int64_t item : tokens.items)
            result.push_back(key(item, layer, site));
        return result;
    }
};

/// 32 mixed bits of (key, counter), in 32-bit integer arithmetic: multiply–xorshift rounds with the constants of
/// Wellons' hash prospector (2018), the key's halves entering before and between. The same formula stands in the
/// tensor operations (masks.cpp) and in the CPU kernels.
constexpr std::uint32_t dropoutBits(std::uint64_t key, std::uint32_t counter)
{
    std::uint32_t h = counter * 0x9E3779B1U + static_cast<std::uint32_t>(key);
    h ^= h >> 16;
    h *= 0x21F0AAADU;
    h ^= h >> 15;
    h += static_cast<std::uint32_t>(key >> 32);
    h ^= h >> 16;
    h *= 0x735A2D97U;
    h ^= h >> 15;
    return h;
}

/// Drop where (bits >> 8) < threshold: 24 bits, so that signed comparison serves on every device.
constexpr std::int32_t dropoutThreshold(double probability)
{
    return static_cast<std::int32_t>(probability * 16777216.0 + 0.5);
}

/// Counter of a hidden state's element, and of an attention probability: distinct up to 8192 tokens and 64 heads, beyond
/// which places share draws.
constexpr std::uint32_t hiddenCounter(std::int64_t position, std::int64_t width, std::int64_t channel)
{
    return static_cast<std::uint32_t>(position * width + channel);
}
constexpr std::uint32_t attentionCounter(std::int64_t head, std::int64_t query, std::int64_t key)
{
    return (static_cast<std::uint32_t>(head) << 26) + (static_cast<std::uint32_t>(query) << 13) +
           static_cast<std::uint32_t>(key);
}

} // namespace apiary::encoder
