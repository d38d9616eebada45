#pragma once

#include "text/unicode.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <unicode/uchar.h>

/// What the tables of the generated files (*.inc) are made of.
namespace apiary::text::unicode {

struct ScalarRange {
    char32_t first, last;
};
template <typename Value>
struct RangeOf {
    char32_t first, last;
    Value value;
};
using CategoryRange = RangeOf<Category>;
using WordRange = RangeOf<bool>;
using DeltaRange = RangeOf<std::int32_t>;
using StandIn = RangeOf<char32_t>;
using BreakRange = RangeOf<Break>;
using ConjunctRange = RangeOf<Conjunct>;

/// The range that holds a scalar, or null.
template <typename Table>
auto rangeOf(const Table &ranges, char32_t scalar)
{
    const auto after = std::upper_bound(std::begin(ranges), std::end(ranges), scalar,
                                        [](char32_t value, const auto &range) { return value < range.first; });
    if (after == std::begin(ranges) || scalar > std::prev(after)->last)
        return decltype(&*std::begin(ranges)){nullptr};
    return &*std::prev(after);
}

/// Whether a scalar was assigned already in a version of Unicode.
inline bool isInVersion(char32_t scalar, const std::uint8_t (&version)[2])
{
    UVersionInfo age;
    u_charAge(static_cast<UChar32>(scalar), age);
    return age[0] != 0 && (age[0] < version[0] || (age[0] == version[0] && age[1] <= version[1]));
}

} // namespace apiary::text::unicode
