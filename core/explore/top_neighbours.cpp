#include "explore/cosines.h"

#include "base/ranking_key.h"

#include <functional>

namespace apiary::explore {

namespace {

std::vector<Neighbour> top(std::vector<std::uint64_t> &keys, int k)
{
    const std::size_t count = std::min(keys.size(), static_cast<std::size_t>(std::max(k, 0)));
    const auto end = keys.begin() + static_cast<std::ptrdiff_t>(count);
    if (count < keys.size())
        std::nth_element(keys.begin(), end, keys.end(), std::greater<>());
    std::sort(keys.begin(), end, std::greater<>());
    std::vector<Neighbour> result(count);
    std::transform(keys.begin(), end, result.begin(), [](std::uint64_t key) {
        return Neighbour{itemOfKey(key), scoreOfKey(key)};
    });
    return result;
}

} // namespace

std::vector<Neighbour> topNeighbours(std::span<const float> similarities, std::int32_t self, int k)
{
    std::vector<std::uint64_t> keys;
    keys.reserve(similarities.size());
    for (std::size_t j = 0; j < similarities.size(); ++j)
        if (const auto item = static_cast<std::int32_t>(j); item != self)
            keys.push_back(rankingKey(similarities[j], item));
    return top(keys, k);
}

std::vector<Neighbour> topNeighbours(std::vector<Neighbour> candidates, int k)
{
    std::vector<std::uint64_t> keys;
    keys.reserve(candidates.size());
    for (const Neighbour &candidate : candidates)
        keys.push_back(rankingKey(candidate.similarity, candidate.item));
    return top(keys, k);
}

} // namespace apiary::explore
