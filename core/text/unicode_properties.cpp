#include "text/unicode_ranges.h"

namespace apiary::text::unicode {

namespace {

#include "text/unicode_properties.inc"

/// ICU's value for those that were assigned in recentAge.
Break icuBreak(char32_t scalar)
{
    if (!isInVersion(scalar, recentAge))
        return Break::Other;
    switch (u_getIntPropertyValue(static_cast<UChar32>(scalar), UCHAR_GRAPHEME_CLUSTER_BREAK)) {
    case U_GCB_CONTROL:
        return Break::Control;
    case U_GCB_CR:
        return Break::CR;
    case U_GCB_LF:
        return Break::LF;
    case U_GCB_L:
        return Break::L;
    case U_GCB_V:
        return Break::V;
    case U_GCB_T:
        return Break::T;
    case U_GCB_LV:
        return Break::LV;
    case U_GCB_LVT:
        return Break::LVT;
    case U_GCB_EXTEND:
        return Break::Extend;
    case U_GCB_ZWJ:
        return Break::ZWJ;
    case U_GCB_SPACING_MARK:
        return Break::SpacingMark;
    case U_GCB_PREPEND:
        return Break::Prepend;
    case U_GCB_REGIONAL_INDICATOR:
        return Break::RegionalIndicator;
    default:
        return Break::Other;
    }
}

bool hasCategory(char32_t scalar, std::uint32_t mask)
{
    return (U_GET_GC_MASK(static_cast<UChar32>(scalar)) & mask) != 0;
}

} // namespace

bool isMark(char32_t scalar)
{
    if (const auto *range = rangeOf(markExceptions, scalar))
        return range->value;
    return isInVersion(scalar, markAge) && hasCategory(scalar, U_GC_M_MASK);
}

bool isNumber(char32_t scalar)
{
    if (const auto *range = rangeOf(numberExceptions, scalar))
        return range->value;
    return isInVersion(scalar, recentAge) && hasCategory(scalar, U_GC_N_MASK);
}

char32_t standIn(char32_t scalar)
{
    if (scalar < standIns[0].first)
        return scalar;
    const auto *range = rangeOf(standIns, scalar);
    return range ? range->value : scalar;
}

PatternClass patternClass(char32_t scalar)
{
    const char32_t seen = standIn(scalar);
    if (hasCategory(seen, U_GC_L_MASK))
        return PatternClass::Letter;
    return hasCategory(seen, U_GC_N_MASK) ? PatternClass::Number : PatternClass::Other;
}

ClusterProperties clusterProperties(char32_t scalar)
{
    ClusterProperties properties;
    const auto *exception = rangeOf(breakExceptions, scalar);
    properties.kind = exception ? exception->value : icuBreak(scalar);
    properties.pictographic = rangeOf(pictographRanges, scalar) != nullptr;
    if (const auto *range = rangeOf(conjunctRanges, scalar))
        properties.conjunct = range->value;
    else if (properties.kind == Break::Extend || properties.kind == Break::ZWJ)
        properties.conjunct = Conjunct::Extend;
    return properties;
}

} // namespace apiary::text::unicode
