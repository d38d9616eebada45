#include "encoder/packed_tokens.h"

#include <algorithm>
#include <numeric>

namespace apiary::encoder {

std::vector<std::vector<std::int64_t>> cutByLength(std::span<const std::int64_t> lengths, std::int64_t tokenBudget)
{
    std::vector<std::int64_t> order(lengths.size());
    std::iota(order.begin(), order.end(), 0);
    const auto lengthOf = [&](std::int64_t i) { return lengths[static_cast<std::size_t>(i)]; };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int64_t a, std::int64_t b) { return lengthOf(a) < lengthOf(b); });
    std::vector<std::vector<std::int64_t>> batches;
    for (const std::int64_t i : order) {
        // Ascending order: this text would be the longest of the batch.
        const bool full =
            batches.empty() || static_cast<std::int64_t>(batches.back().size() + 1) * lengthOf(i) > tokenBudget;
        if (full)
            batches.emplace_back();
        batches.back().push_back(i);
    }
    return batches;
}

} // namespace apiary::encoder
