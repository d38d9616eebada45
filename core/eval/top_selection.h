#pragma once

#include "eval/rank.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace apiary::eval {

/// The k best of a row of scores, ordered by (score descending, item ascending); scores of zero or less are left out.
///
/// A row is looked at in groups of scores. The k-th largest of the groups' maxima is reached by k scores at
/// least, so that what lies below it is out: all but some k of the scores cost one comparison.
class TopSelection {
public:
    /// Of scores of these items, which live as long as this.
    TopSelection(std::span<const std::int32_t> candidates, int k);

    /// Takes the next row, one score a candidate. Returns the place of a score that is not a number, where there is one.
    std::optional<std::size_t> select(const float *scores);
    /// What the last row gave.
    Ranking ranking();

private:
    bool findMaxima(const float *scores);
    float bound();
    void keep(float score, std::size_t place);

    std::span<const std::int32_t> m_candidates;
    std::size_t m_k;
    std::size_t m_groupScores;   ///< in a group
    std::vector<float> m_maxima; ///< one a group
    std::vector<float> m_order;
    std::vector<std::uint64_t> m_keys;
};

} // namespace apiary::eval
