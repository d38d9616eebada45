#pragma once

#include <cstddef>
#include <string_view>

namespace apiary::text {

/// Where the extended grapheme cluster that starts at `begin` ends (Unicode Standard Annex 29, with the properties of
/// unicode.h); begin < text.size(), well-formed UTF-8.
std::size_t clusterEnd(std::string_view text, std::size_t begin);

} // namespace apiary::text
