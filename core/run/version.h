#pragma once

namespace apiary::run {

/// The version of the project in CMakeLists.txt (the programs check that the two agree).
inline constexpr const char *version = "0.1.0";

} // namespace apiary::run
