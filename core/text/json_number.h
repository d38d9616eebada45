#pragma once

namespace apiary::text {

/// The number that the package makes of the decimal digits that stand for `value`: it reads them fast, not exactly
/// (digits as a whole number, then one division), which is off by a bit in the last place for one score in eight. Where
/// two ways to write a word have equal sums but for rounding, that bit decides.
double asPackageReads(double value);

} // namespace apiary::text
