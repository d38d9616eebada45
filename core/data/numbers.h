#pragma once

#include "data/import_spec.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace apiary::data {

/// A cell as a message shows it: in quotes, cut where it is long.
std::string shown(std::string_view cell);

/// Number from a cell, blanks and a plus sign allowed, as IEEE writes it ("nan", "inf" too); nothing where it is none.
std::optional<double> number(std::string_view cell);
/// A finite one.
std::optional<double> finiteNumber(std::string_view cell);

/// Why a cell is no finite number: "is empty where a number belongs", "\"x\" is no number", … NaN, out of range.
std::string numberFault(std::string_view cell);

/// Unix seconds from a cell in a unit other than Auto, rounded down. Iso takes 2015-01-31, with a T or blank and a time
/// of hours and minutes, perhaps seconds and a fraction, and Z or an offset such as +01:00 behind. Nothing where it is none,
/// or outside the years 1 to 9999.
std::optional<std::int64_t> unixSeconds(std::string_view cell, TimeUnit unit);

} // namespace apiary::data
