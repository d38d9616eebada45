#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace apiary::data {

inline constexpr std::string_view blanks = " \t\r\n\f\v";

/// Without ASCII blanks at either end.
inline std::string_view trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// "a, b, c", long names and long lists cut so that a message stays readable.
inline std::string listed(const std::vector<std::string> &names)
{
    constexpr std::size_t most = 40, longest = 60;
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < most; ++i) {
        std::size_t size = std::min(names[i].size(), longest);
        while (size < names[i].size() && size > 0 && (static_cast<unsigned char>(names[i][size]) & 0xC0) == 0x80)
            --size; // not inside a character
        text += (i == 0 ? "" : ", ") + names[i].substr(0, size) + (size < names[i].size() ? "…" : "");
    }
    if (names.size() > most)
        text += " and " + std::to_string(names.size() - most) + " more";
    return text;
}

} // namespace apiary::data
