#include "explore/cosines.h"

#include <bit>
#include <functional>

namespace apiary::explore {

namespace {

constexpr std::uint32_t sign = 0x80000000U;

/// Orders as (similarity descending, item ascending) does: bits of a float that order like its value, then the item.
std::uint64_t key(float similarity, std::int32_t item)
{
    const auto bits = std::bit_cast<std::uint32_t>(similarity);
    const std::uint32_t ordered = bits & sign ? ~bits : bits | sign;
    return (static_cast<std::uint64_t>(ordered) << 32) | (0xFFFFFFFFU - static_cast<std::uint32_t>(item));
}

Neighbour neighbour(std::uint64_t key)
{
    const auto ordered = static_cast<std::uint32_t>(key >> 32);
    const std::uint32_t bits = ordered & sign ? ordered & ~sign : ~ordered;
    return {static_cast<std::int32_t>(0xFFFFFFFFU - static_cast<std::uint32_t>(key)), std::bit_cast<float>(bits)};
}

std::vector<Neighbour> top(std::vector<std::uint64_t> &keys, int k)
{
    const std::size_t count = std::min(keys.size(), static_cast<std::size_t>(std::max(k, 0)));
    const auto end = keys.begin() + static_cast<std::ptrdiff_t>(count);
    if (count < keys.size())
        std::nth_element(keys.begin(), end, keys.end(), std::greater<>());
    std::sort(keys.begin(), end, std::greater<>());
    std::vector<Neighbour> result(count);
    std::transform(keys.begin(), end, result.begin(), neighbour);
    return result;
}

} // namespace

std::vector<Neighbour> topNeighbours(std::span<const float> similarities, std::int32_t self, int k)
{
    std::vector<std::uint64_t> keys;
    keys.reserve(similarities.size());
    for (std::size_t j = 0; j < similarities.size(); ++j)
        if (const auto item = static_cast<std::int32_t>(j); item != self)
            keys.push_back(key(similarities[j], item));
    return top(keys, k);
}

std::vector<Neighbour> topNeighbours(std::vector<Neighbour> candidates, int k)
{
    std::vector<std::uint64_t> keys;
    keys.reserve(candidates.size());
    for (const Neighbour &candidate : candidates)
        keys.push_back(key(candidate.similarity, candidate.item));
    return top(keys, k);
}

} // namespace apiary::explore
