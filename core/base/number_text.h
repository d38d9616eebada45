#pragma once

#include <string>
#include <string_view>

namespace apiary {

/// A number as people read it in tables: `digits` significant ones, "0.3214", "0.01230", "1234"; below 0.0001 and from
/// ten million on as "1.5e-6"; "–" where it is not finite. The same in every locale. `minus` stands before a negative one.
std::string numberText(double value, int digits = 4, std::string_view minus = "−");
/// The same with a sign before a positive one as well: a difference.
std::string signedText(double value, int digits = 4, std::string_view minus = "−");

} // namespace apiary
