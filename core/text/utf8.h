#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace apiary::text {

inline constexpr char32_t replacementCharacter = 0xFFFD;

/// The scalar that starts at `position` of well-formed UTF-8; moves `position` behind it.
inline char32_t nextScalar(std::string_view text, std::size_t &position)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[position + i]); };
    const char32_t lead = byte(0);
    char32_t scalar = lead;
    std::size_t length = 1;
    if (lead >= 0xF0) {
        scalar = (lead & 0x07U) << 18 | (byte(1) & 0x3FU) << 12 | (byte(2) & 0x3FU) << 6 | (byte(3) & 0x3FU);
        length = 4;
    } else if (lead >= 0xE0) {
        scalar = (lead & 0x0FU) << 12 | (byte(1) & 0x3FU) << 6 | (byte(2) & 0x3FU);
        length = 3;
    } else if (lead >= 0x80) {
        scalar = (lead & 0x1FU) << 6 | (byte(1) & 0x3FU);
        length = 2;
    }
    position += length;
    return scalar;
}

/// The scalar that ends before `position` of well-formed UTF-8, position > 0; moves `position` before it.
inline char32_t previousScalar(std::string_view text, std::size_t &position)
{
    do
        --position;
    while ((static_cast<unsigned char>(text[position]) & 0xC0U) == 0x80U);
    std::size_t start = position;
    return nextScalar(text, start);
}

/// Appends a scalar value as UTF-8.
inline void appendScalar(std::string &out, char32_t scalar)
{
    if (scalar < 0x80) {
        out += static_cast<char>(scalar);
        return;
    }
    if (scalar < 0x800) {
        out += static_cast<char>(0xC0 | scalar >> 6);
    } else {
        if (scalar < 0x10000) {
            out += static_cast<char>(0xE0 | scalar >> 12);
        } else {
            out += static_cast<char>(0xF0 | scalar >> 18);
            out += static_cast<char>(0x80 | (scalar >> 12 & 0x3F));
        }
        out += static_cast<char>(0x80 | (scalar >> 6 & 0x3F));
    }
    out += static_cast<char>(0x80 | (scalar & 0x3F));
}

/// Number of scalars in well-formed UTF-8.
std::size_t scalarCount(std::string_view text);

/// Length of the longest well-formed prefix (the Unicode Standard, table 3-7).
std::size_t validPrefix(std::string_view text);

/// The text with every ill-formed piece replaced by U+FFFD, one for each maximal subpart of a sequence (the practice of
/// chapter 3 of the Unicode Standard, which Python's errors="replace" and the WHATWG decoder follow).
std::string repaired(std::string_view text);

} // namespace apiary::text
