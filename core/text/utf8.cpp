#include "text/utf8.h"

#include <cstdint>
#include <cstring>

namespace apiary::text {

namespace {

struct Sequence {
    std::size_t length; ///< of the sequence where it is well formed, else of its maximal subpart; at least 1
    bool valid;
};

/// What starts at the front of a text that is not empty.
Sequence sequenceAt(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80)
        return {1, true};
    if (lead < 0xC2 || lead > 0xF4)
        return {1, false};
    const std::size_t needed = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    // The second byte excludes overlong forms, surrogates and what lies above U+10FFFF.
    unsigned low = 0x80, high = 0xBF;
    if (lead == 0xE0)
        low = 0xA0;
    else if (lead == 0xED)
        high = 0x9F;
    else if (lead == 0xF0)
        low = 0x90;
    else if (lead == 0xF4)
        high = 0x8F;
    for (std::size_t i = 1; i < needed; ++i) {
        if (i >= text.size() || byte(i) < low || byte(i) > high)
            return {i, false};
        low = 0x80;
        high = 0xBF;
    }
    return {needed, true};
}

} // namespace

std::size_t scalarCount(std::string_view text)
{
    std::size_t count = 0;
    for (const char c : text)
        count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    return count;
}

std::size_t validPrefix(std::string_view text)
{
    std::size_t i = 0;
    while (i < text.size()) {
        std::uint64_t eight = 0;
        if (i + sizeof eight <= text.size()) {
            std::memcpy(&eight, text.data() + i, sizeof eight);
            if ((eight & 0x8080808080808080ULL) == 0) {
                i += sizeof eight;
                continue;
            }
        }
        const Sequence sequence = sequenceAt(text.substr(i));
        if (!sequence.valid)
            return i;
        i += sequence.length;
    }
    return i;
}

std::string repaired(std::string_view text)
{
    std::string out;
    out.reserve(text.size() + 16);
    while (!text.empty()) {
        const std::size_t good = validPrefix(text);
        out.append(text.substr(0, good));
        text.remove_prefix(good);
        if (text.empty())
            break;
        appendScalar(out, replacementCharacter);
        text.remove_prefix(sequenceAt(text).length);
    }
    return out;
}

} // namespace apiary::text
