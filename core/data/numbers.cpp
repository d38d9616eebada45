#include "data/numbers.h"

#include "data/strings.h"

#include <charconv>
#include <chrono>
#include <cmath>

namespace apiary::data {

namespace {

/// Digits at the beginning of a text, so many of them, as a number; takes them away.
std::optional<int> digits(std::string_view &text, std::size_t count)
{
    int value = 0;
    if (text.size() < count)
        return std::nullopt;
    for (std::size_t i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9')
            return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view &text, char c)
{
    if (text.empty() || text.front() != c)
        return false;
    text.remove_prefix(1);
    return true;
}

/// Seconds that an offset such as "+01:00", "+0100", "+01" or "Z" stands for; nothing where it is none.
std::optional<int> offsetSeconds(std::string_view text)
{
    if (text.empty() || text == "Z" || text == "z")
        return 0;
    const int sign = text.front() == '-' ? -1 : 1;
    if (text.front() != '+' && text.front() != '-')
        return std::nullopt;
    text.remove_prefix(1);
    const auto hours = digits(text, 2);
    take(text, ':');
    const auto minutes = text.empty() ? std::optional(0) : digits(text, 2);
    if (!hours || !minutes || !text.empty() || *hours > 23 || *minutes > 59)
        return std::nullopt;
    return sign * (*hours * 3600 + *minutes * 60);
}

std::optional<std::int64_t> isoSeconds(std::string_view text)
{
    using namespace std::chrono;
    const auto y = digits(text, 4);
    if (!y || !take(text, '-'))
        return std::nullopt;
    const auto m = digits(text, 2);
    if (!m || !take(text, '-'))
        return std::nullopt;
    const auto d = digits(text, 2);
    if (!d)
        return std::nullopt;
    const year_month_day date{year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d))};
    if (!date.ok())
        return std::nullopt;
    const std::int64_t midnight = sys_days(date).time_since_epoch().count() * std::int64_t{86400};
    if (text.empty())
        return midnight;
    if (!take(text, 'T') && !take(text, ' '))
        return std::nullopt;
    const auto hours = digits(text, 2);
    if (!hours || !take(text, ':'))
        return std::nullopt;
    const auto minutes = digits(text, 2);
    if (!minutes)
        return std::nullopt;
    int seconds = 0;
    if (take(text, ':')) {
        const auto whole = digits(text, 2);
        if (!whole)
            return std::nullopt;
        seconds = *whole;
        if (take(text, '.'))
            text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
    }
    const auto offset = offsetSeconds(trimmed(text));
    if (!offset || *hours > 23 || *minutes > 59 || seconds > 60)
        return std::nullopt;
    return midnight + *hours * 3600 + *minutes * 60 + seconds - *offset;
}

std::int64_t floorDivided(std::int64_t value, std::int64_t by)
{
    return value / by - (value % by < 0 ? 1 : 0);
}

} // namespace

std::string shown(std::string_view cell)
{
    constexpr std::size_t most = 60;
    std::size_t size = std::min(cell.size(), most);
    while (size < cell.size() && size > 0 && (static_cast<unsigned char>(cell[size]) & 0xC0) == 0x80)
        --size; // not inside a character
    std::string text = "\"";
    text += cell.substr(0, size);
    text += size < cell.size() ? "…\"" : "\"";
    return text;
}

std::optional<double> number(std::string_view cell)
{
    cell = trimmed(cell);
    if (cell.starts_with('+') && cell.size() > 1 && cell[1] != '-')
        cell.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (cell.empty() || error != std::errc{} || end != cell.data() + cell.size())
        return std::nullopt;
    return value;
}

std::optional<double> finiteNumber(std::string_view cell)
{
    const auto value = number(cell);
    return value && std::isfinite(*value) ? value : std::nullopt;
}

std::string numberFault(std::string_view cell)
{
    const auto value = number(cell);
    if (trimmed(cell).empty())
        return "is empty where a number belongs";
    if (value && std::isnan(*value))
        return shown(cell) + " is not a number (NaN)";
    return shown(cell) + (value ? " is out of range" : " is no number");
}

std::optional<std::int64_t> unixSeconds(std::string_view cell, TimeUnit unit)
{
    cell = trimmed(cell);
    if (unit == TimeUnit::Iso)
        return isoSeconds(cell);
    const auto dated = [](std::int64_t seconds) {
        constexpr std::int64_t yearOne = -62'135'596'800, yearTenThousand = 253'402'300'800;
        return seconds >= yearOne && seconds < yearTenThousand ? std::optional(seconds) : std::nullopt;
    };
    const std::int64_t by = unit == TimeUnit::Milliseconds ? 1000 : unit == TimeUnit::Microseconds ? 1'000'000 : 1;
    std::int64_t whole = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), whole);
    if (!cell.empty() && error == std::errc{} && end == cell.data() + cell.size())
        return dated(floorDivided(whole, by));
    const auto value = finiteNumber(cell);
    constexpr double largest = 9e15; // whole numbers of a double
    if (!value || std::abs(*value) > largest)
        return std::nullopt;
    return dated(static_cast<std::int64_t>(std::floor(*value / static_cast<double>(by))));
}

} // namespace apiary::data
