#include "base/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace apiary {

namespace {

std::string written(double value, std::chars_format format, int precision)
{
    std::array<char, 400> text{}; // the largest double has 309 digits
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value, format, precision).ptr;
    return {text.data(), end};
}

} // namespace

std::string numberText(double value, int digits, std::string_view minus)
{
    if (!std::isfinite(value))
        return "–";
    const double size = std::abs(value);
    const std::string sign(value < 0 ? minus : std::string_view());
    // The exponent after rounding: 0.99999 is written as 1.000.
    const std::string scientific = written(size, std::chars_format::scientific, digits - 1);
    const auto e = scientific.find('e');
    const int exponent = std::stoi(scientific.substr(e + 1));
    if (exponent >= -4 && exponent < 7)
        return sign + written(size, std::chars_format::fixed, std::max(0, digits - 1 - exponent));
    std::string mantissa = scientific.substr(0, e);
    if (mantissa.find('.') != std::string::npos)
        mantissa.erase(mantissa.find_last_not_of('0') + 1);
    if (mantissa.back() == '.')
        mantissa.pop_back();
    return sign + mantissa + "e" + std::to_string(exponent);
}

std::string signedText(double value, int digits, std::string_view minus)
{
    return (value > 0 && std::isfinite(value) ? "+" : "") + numberText(value, digits, minus);
}

} // namespace apiary
