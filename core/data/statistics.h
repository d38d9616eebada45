#pragma once

#include "base/csr.h"
#include "data/catalog.h"
#include "data/interactions.h"

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace apiary::data {

/// The share of item pairs (i ≠ j) that some user has both of: of the cells of XᵀX off the diagonal that are not zero.
struct CoOccurrence {
    double density = 0;
    bool exact = true;        ///< else estimated from a sample of items
    double standardError = 0; ///< of the estimate
    std::int64_t items = 0;   ///< whose rows were counted
};
/// Counts exactly where that takes at most `budget` visits of an entry, else over items drawn by `seed`.
CoOccurrence coOccurrence(const CsrView &x, std::int64_t budget = 400'000'000, std::uint64_t seed = 42,
                          std::stop_token stop = {});

/// Interactions of each item (popularity) and of each user (activity), one a column or row of X.
std::vector<std::int64_t> popularity(const CsrView &x);
std::vector<std::int64_t> activity(const CsrView &x);

/// Counts in descending order, thinned for a plot.
struct Curve {
    std::vector<std::int64_t> rank;  ///< from 1, ascending; dense at first, then by equal ratios
    std::vector<std::int64_t> count; ///< of the one at that rank
    std::vector<double> share;       ///< of all interactions that fall on ranks up to this
    double gini = 0;                 ///< 0: all alike; 1: one has everything
};
Curve curve(std::vector<std::int64_t> counts, std::size_t maxPoints = 512);

/// Lengths in equal bins from 0; the last holds what is longer.
struct LengthHistogram {
    std::int64_t binWidth = 1;
    std::vector<std::int64_t> bins;
    std::int64_t shortest = 0, longest = 0;
    double mean = 0;
    std::int64_t median = 0, p95 = 0;
    std::int64_t truncated = 0; ///< texts longer than the limit that was given
};
/// `lengths` gives the token lengths of texts that it is handed in blocks. `limit` 0: no limit of the encoder.
LengthHistogram lengthHistogram(std::span<const std::string> texts,
                                const std::function<std::vector<std::int64_t>(std::span<const std::string>)> &lengths,
                                std::int64_t limit = 0, int bins = 40, std::stop_token stop = {});

/// Places of items whose id is the query, then of those whose title or id begins with it, then of those whose title, then
/// text, holds it; each group by popularity. Without regard to case (and to accents, by ICU's folding). An empty query
/// gives the most popular.
std::vector<std::int32_t> searchItems(const Catalog &catalog, std::span<const std::int64_t> popularity,
                                      const std::string &query, std::size_t limit = 200, std::stop_token stop = {});
/// Users whose id is, begins with or holds the query; each group by activity.
std::vector<std::int32_t> searchUsers(const std::vector<std::string> &users, std::span<const std::int64_t> activity,
                                      const std::string &query, std::size_t limit = 200, std::stop_token stop = {});

} // namespace apiary::data
