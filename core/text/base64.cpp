#include "text/json_readers.h"

namespace apiary::text {

std::string decodeBase64(const JsonField &field)
{
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::string text = field.string();
    std::string_view rest = text;
    while (rest.ends_with('='))
        rest.remove_suffix(1);
    const bool isPadded = text.size() % 4 == 0 && text.size() - rest.size() <= 2;
    if (!isPadded || rest.size() % 4 == 1)
        field.fail("this is no base64: its length does not fit");
    std::string bytes;
    bytes.reserve(rest.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : rest) {
        const std::size_t digit = digits.find(c);
        if (digit == std::string_view::npos)
            field.fail("this is no base64");
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes += static_cast<char>(bits >> held & 0xFFU);
        }
    }
    return bytes;
}

} // namespace apiary::text
