#pragma once

#include "base/csr.h"
#include "base/random.h"
#include "encoder/packed_tokens.h"

#include <cstdint>
#include <numeric>
#include <vector>

namespace apiary::bench {

/// Made-up items, their texts as tokens, and who chose which: something to train on.
struct Made {
    encoder::PackedTokens tokens;
    Csr interactions;
    std::vector<std::int32_t> items;
};

/// What they are like.
struct MadeSizes {
    std::int64_t items = 0;
    int users = 0;
    std::uint64_t shortest = 0, longest = 0; ///< tokens of a text
    std::uint64_t oneIn = 0;                 ///< a user has one of so many items
};

inline Made made(const MadeSizes &sizes)
{
    Made data;
    CounterRng rng(5);
    for (std::int64_t i = 0; i < sizes.items; ++i) {
        std::vector<std::int32_t> ids(sizes.shortest + rng.below(sizes.longest - sizes.shortest + 1));
        for (std::int32_t &id : ids)
            id = static_cast<std::int32_t>(1000 + rng.below(20000));
        data.tokens.add(ids, i);
    }
    data.interactions.cols = sizes.items;
    for (int user = 0; user < sizes.users; ++user) {
        std::vector<std::int32_t> row;
        for (std::int32_t i = 0; i < sizes.items; ++i)
            if (rng.below(sizes.oneIn) == 0)
                row.push_back(i);
        data.interactions.addRow(row);
    }
    data.items.resize(static_cast<std::size_t>(sizes.items));
    std::iota(data.items.begin(), data.items.end(), 0);
    return data;
}

} // namespace apiary::bench
