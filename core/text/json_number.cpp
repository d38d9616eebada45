#include "text/json_number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace apiary::text {

namespace {

/// 10^n, n up to 308, as a correctly rounded double.
double powerOfTen(int n)
{
    std::array<char, 8> text{};
    char *end = text.data();
    *end++ = '1';
    *end++ = 'e';
    end = std::to_chars(end, text.data() + text.size(), n).ptr;
    double power = 0;
    std::from_chars(text.data(), end, power);
    return power;
}

} // namespace

double asPackageReads(double value)
{
    if (!std::isfinite(value) || value == 0)
        return value;
    // The shortest digits that stand for the value, which is what files hold.
    std::array<char, 40> text{};
    const char *end =
        std::to_chars(text.data(), text.data() + text.size(), std::fabs(value), std::chars_format::scientific).ptr;
    std::uint64_t digits = 0;
    int exponent = 0;
    bool behindPoint = false;
    for (const char *at = text.data(); at != end; ++at) {
        if (*at == '.') {
            behindPoint = true;
        } else if (*at == 'e') {
            int written = 0;
            std::from_chars(at + (at[1] == '+' ? 2 : 1), end, written);
            exponent += written;
            break;
        } else {
            digits = digits * 10 + static_cast<std::uint64_t>(*at - '0');
            exponent -= behindPoint;
        }
    }
    auto number = static_cast<double>(digits);
    while (exponent < -308) {
        number /= 1e308;
        exponent += 308;
    }
    number = exponent < 0 ? number / powerOfTen(-exponent) : number * powerOfTen(exponent);
    return value < 0 ? -number : number;
}

} // namespace apiary::text
