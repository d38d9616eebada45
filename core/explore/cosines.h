#pragma once

#include "explore/neighbours.h"

#include <Eigen/Core>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace apiary::explore {

constexpr Eigen::Index lanes = 8;

/// out[q][j] = queries[q] · items.row(j), kept in [−1, 1], for items begin to end and Queries vectors at once. Each product is summed lane by lane in the same order whatever Queries is, so that equal rows get equal bits
/// and ties are ties.
template <int Queries>
void cosines(const Embeddings &items, Eigen::Index begin, Eigen::Index end, const float *const (&queries)[Queries],
             float *const (&out)[Queries])
{
    using Vector = Eigen::Array<float, lanes, 1>;
    const Eigen::Index whole = items.cols() / lanes * lanes;
    for (Eigen::Index j = begin; j < end; ++j) {
        const float *row = items.data() + j * items.cols();
        Vector sums[Queries];
        for (Vector &sum : sums)
            sum.setZero();
        for (Eigen::Index k = 0; k < whole; k += lanes) {
            const Vector value = Eigen::Map<const Vector>(row + k);
            for (int q = 0; q < Queries; ++q)
                sums[q] += value * Eigen::Map<const Vector>(queries[q] + k);
        }
        for (Eigen::Index k = whole; k < items.cols(); ++k)
            for (int q = 0; q < Queries; ++q)
                sums[q](k - whole) += row[k] * queries[q][k];
        for (int q = 0; q < Queries; ++q) {
            const Vector &v = sums[q];
            const float sum = ((v(0) + v(4)) + (v(2) + v(6))) + ((v(1) + v(5)) + (v(3) + v(7)));
            out[q][j] = std::clamp(sum, -1.0F, 1.0F) + 0.0F; // −0 becomes 0
        }
    }
}

/// The k largest of `similarities` without `self` (−1: all take part); best first, ties by item index.
std::vector<Neighbour> topNeighbours(std::span<const float> similarities, std::int32_t self, int k);

/// The same for given items, each once.
std::vector<Neighbour> topNeighbours(std::vector<Neighbour> candidates, int k);

} // namespace apiary::explore
