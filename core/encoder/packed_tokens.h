#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace apiary::encoder {

/// Token ids of some texts without padding, and who each text is.
struct PackedTokens {
    std::vector<std::int32_t> ids;        ///< all tokens, text after text
    std::vector<std::int64_t> offsets{0}; ///< texts + 1
    std::vector<std::int64_t> items;      ///< index of each text's item: what its dropout mask is keyed by
    std::int64_t promptTokens = 0;        ///< at each text's front: left out of pooling, where the encoder wants that

    std::int64_t size() const { return static_cast<std::int64_t>(offsets.size()) - 1; }
    std::int64_t tokens() const { return offsets.back(); }
    std::int64_t length(std::int64_t i) const
    {
        return offsets[static_cast<std::size_t>(i) + 1] - offsets[static_cast<std::size_t>(i)];
    }
    void add(std::span<const std::int32_t> text, std::int64_t item)
    {
        ids.insert(ids.end(), text.begin(), text.end());
        offsets.push_back(static_cast<std::int64_t>(ids.size()));
        items.push_back(item);
    }
};

/// Micro-batches cut by length: positions into `lengths`, sorted by length (ties by position), each micro-batch at most
/// `tokenBudget` tokens with padding to its longest text counted; a longer text stands alone.
std::vector<std::vector<std::int64_t>> cutByLength(std::span<const std::int64_t> lengths, std::int64_t tokenBudget);

} // namespace apiary::encoder
