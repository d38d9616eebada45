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

/// Throws Error unless the sources have as many columns as what was fitted (0: nothing was).
void checkItems(const std::string &name, std::int64_t fitted, const CsrView &sources);
/// place[item] = its index in `candidates`, else −1.
std::vector<std::int32_t> places(std::int64_t items, std::span<const std::int32_t> candidates);

} // namespace apiary::recsys
