#pragma once

#include "recsys/parameters.h"

namespace apiary::recsys {

/// Each stands in the file that its name says. To add one, add its file, its line here and in registry.cpp.
Kind randomKind();
Kind popularityKind();
Kind itemKnnKind();
Kind ialsKind();
Kind easeKind();
Kind elsaKind();
Kind sansaKind();
Kind multVaeKind();
Kind sasRecKind();
Kind heaterKind();
Kind contentKind();
Kind mixKind();

/// Users whose vectors are computed together where a fitted network or matrix is applied to them: they stay in the cache.
inline constexpr std::int64_t usersABlock = 32;

/// Throws Error unless the sources have as many columns as what was fitted (0: nothing was).
void checkItems(const std::string &name, std::int64_t fitted, const CsrView &sources);
/// Weights from items to items in compressed rows: row j holds what a user who had j adds to the items' scores.
struct ItemWeights {
    std::span<const std::int64_t> offsets; ///< items + 1
    std::span<const std::int32_t> targets;
    std::span<const float> weights;
};
/// The score of an item is the sum of the weights that the user's items have for it, in the order of the user's row.
void sumItemWeights(const ItemWeights &model, const CsrView &sources, std::int64_t firstUser,
                    std::span<const std::int32_t> candidates, ScoreBlock &scores);
/// place[item] = its index in `candidates`, else −1.
std::vector<std::int32_t> places(std::int64_t items, std::span<const std::int32_t> candidates);

} // namespace apiary::recsys
