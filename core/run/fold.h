#pragma once

#include <string>
#include <string_view>

namespace apiary::run {

/// UTF-8 with capitals made small, for searching: Latin, Greek and Cyrillic; other letters and broken bytes stay.
std::string folded(std::string_view text);

} // namespace apiary::run
