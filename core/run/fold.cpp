#include "run/fold.h"

namespace apiary::run {

namespace {

/// The small letter of a capital below U+0800 (two bytes of UTF-8 at most, and so is its small letter).
unsigned small(unsigned c)
{
    const auto within = [c](unsigned first, unsigned last) { return c >= first && c <= last; };
    if (within('A', 'Z') || (within(0xC0, 0xDE) && c != 0xD7) || (within(0x391, 0x3A9) && c != 0x3A2) ||
        within(0x410, 0x42F))
        return c + 0x20;
    if (within(0x400, 0x40F))
        return c + 0x50;
    // Latin Extended-A: pairs of capital and small; from U+0139 to U+0148 and from U+0179 the capital is odd.
    if (within(0x100, 0x137) || within(0x14A, 0x177))
        return c == 0x130 ? 'i' : c | 1U;
    if ((within(0x139, 0x148) || within(0x179, 0x17E)) && c % 2 == 1)
        return c + 1;
    return c == 0x178 ? 0xFF : c;
}

void append(std::string &out, unsigned c)
{
    if (c < 0x80) {
        out += static_cast<char>(c);
        return;
    }
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
}

} // namespace

std::string folded(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
        if (c < 0x80) {
            append(out, small(c));
        } else if (c >= 0xC2 && c < 0xE0 && (next & 0xC0) == 0x80) {
            append(out, small((c & 0x1FU) << 6 | (next & 0x3FU)));
            ++i;
        } else {
            out += static_cast<char>(c);
        }
    }
    return out;
}

} // namespace apiary::run
