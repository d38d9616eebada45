#pragma once

#include "eval/bootstrap.h"

#include <cstddef>
#include <vector>

namespace apiary::eval {

/// Bootstrap intervals of the means of several columns that share their users: every resample draws users once for all
/// columns. `values` is users × columns, row-major. Resample r draws from a generator of its own, keyed by (seed, r):
/// neither threads nor other columns change a result. Throws Error where there are no users.
std::vector<Interval> bootstrapColumns(const std::vector<double> &values, std::size_t columns, std::uint64_t seed,
                                       int resamples, double level);

} // namespace apiary::eval
