#include "text/unicode_ranges.h"

#include <array>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>

namespace apiary::text::unicode {

namespace {

#include "text/unicode_exceptions.inc"

const UNormalizer2 *canonical()
{
    static const UNormalizer2 *const instance = [] {
        UErrorCode error = U_ZERO_ERROR;
        return unorm2_getNFDInstance(&error);
    }();
    return instance;
}

} // namespace

Category category(char32_t scalar)
{
    if (scalar == '\t' || scalar == '\n' || scalar == '\r')
        return Category::None;
    if (const auto *range = rangeOf(categoryExceptions, scalar))
        return range->value;
    if (!isInVersion(scalar, categoryAge))
        return Category::None;
    switch (static_cast<UCharCategory>(u_charType(static_cast<UChar32>(scalar)))) {
    case U_CONTROL_CHAR:
    case U_FORMAT_CHAR:
    case U_PRIVATE_USE_CHAR:
        return Category::Control;
    case U_NON_SPACING_MARK:
        return Category::Mark;
    case U_DASH_PUNCTUATION:
    case U_START_PUNCTUATION:
    case U_END_PUNCTUATION:
    case U_CONNECTOR_PUNCTUATION:
    case U_OTHER_PUNCTUATION:
    case U_INITIAL_PUNCTUATION:
    case U_FINAL_PUNCTUATION:
        return Category::Punctuation;
    default:
        return Category::None;
    }
}

bool isWhitespace(char32_t scalar)
{
    return u_isUWhiteSpace(static_cast<UChar32>(scalar));
}

bool isChinese(char32_t scalar)
{
    return rangeOf(chineseRanges, scalar) != nullptr;
}

bool isWordCharacter(char32_t scalar)
{
    if (const auto *range = rangeOf(wordExceptions, scalar))
        return range->value;
    const auto c = static_cast<UChar32>(scalar);
    constexpr std::uint32_t kinds = U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK;
    return isInVersion(scalar, recentAge) &&
           (u_hasBinaryProperty(c, UCHAR_ALPHABETIC) || (U_GET_GC_MASK(c) & kinds) != 0 || c == 0x200C || c == 0x200D);
}

bool isBertPunctuation(char32_t scalar)
{
    if (scalar < 0x80)
        return scalar > ' ' && scalar < 0x7F && !u_isalnum(static_cast<UChar32>(scalar));
    return category(scalar) == Category::Punctuation;
}

void appendLower(std::u32string &out, char32_t scalar)
{
    if (scalar == 0x130) { // the one character whose lower case is two, whatever stands around it
        out += {U'i', char32_t{0x307}};
        return;
    }
    if (const auto *range = rangeOf(lowerExceptions, scalar)) {
        out += static_cast<char32_t>(static_cast<std::int32_t>(scalar) + range->value);
        return;
    }
    const bool known = isInVersion(scalar, recentAge);
    out += known ? static_cast<char32_t>(u_tolower(static_cast<UChar32>(scalar))) : scalar;
}

void appendDecomposed(std::u32string &out, char32_t scalar)
{
    std::array<UChar, 64> units{};
    UErrorCode error = U_ZERO_ERROR;
    std::int32_t length = -1;
    if (isInVersion(scalar, decompositionAge))
        length = unorm2_getDecomposition(canonical(), static_cast<UChar32>(scalar), units.data(),
                                         static_cast<std::int32_t>(units.size()), &error);
    if (length < 0 || U_FAILURE(error)) {
        out += scalar;
        return;
    }
    for (std::int32_t i = 0; i < length;) {
        UChar32 c = 0;
        U16_NEXT(units.data(), i, length, c);
        out += static_cast<char32_t>(c);
    }
}

bool isInNormalizationData(char32_t scalar)
{
    return isInVersion(scalar, decompositionAge);
}

std::uint8_t combiningClass(char32_t scalar)
{
    return isInVersion(scalar, decompositionAge) ? unorm2_getCombiningClass(canonical(), static_cast<UChar32>(scalar))
                                                 : std::uint8_t{0};
}

} // namespace apiary::text::unicode
