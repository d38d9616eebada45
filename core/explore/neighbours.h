#pragma once

#include "base/csr.h"
#include "data/split.h"

#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

namespace apiary::explore {

using Embeddings = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

struct Neighbour {
    std::int32_t item = 0;
    float similarity = 0; ///< cosine
};

/// Nearest items by cosine of embeddings: exact. Safe to share between threads.
class SemanticIndex {
public:
    /// One row an item; normalised here. A row of zeros stays: its cosine with everything is 0. Throws Error naming the
    /// item where a value is not finite.
    explicit SemanticIndex(Embeddings items);
    /// The k nearest to an item, itself left out; best first, ties by item index.
    std::vector<Neighbour> nearest(std::int32_t item, int k) const;
    /// The k nearest to any vector of the same dimension. Throws Error for another dimension or a value not finite.
    std::vector<Neighbour> nearest(std::span<const float> vector, int k) const;
    /// Rank of every item seen from `item` (1 = nearest; 0 = the item itself).
    std::vector<std::int32_t> ranks(std::int32_t item) const;
    std::int64_t size() const { return m_items.rows(); }
    std::int64_t dimension() const { return m_items.cols(); }
    const Embeddings &embeddings() const { return m_items; } ///< normalised

private:
    Embeddings m_items;
};

/// Nearest items by cosine of binarised interaction columns: |users of both| ÷ √(|users of a| · |users of b|).
class InteractionIndex {
public:
    explicit InteractionIndex(const CsrView &usersByItems);         ///< copies what it needs
    std::int64_t size() const { return m_byItem.rows(); }           ///< items
    std::vector<Neighbour> nearest(std::int32_t item, int k) const; ///< only items with a user in common
    std::int64_t users(std::int32_t item) const;
    std::int64_t usersInCommon(std::int32_t a, std::int32_t b) const;
    std::int64_t popularityRank(std::int32_t item) const; ///< 1 = most users, ties by item index

private:
    Csr m_byItem;
    Csr m_byUser;
    std::vector<std::int64_t> m_rank;
};

/// Items that both lists hold among their first k, divided by k.
double overlap(std::span<const Neighbour> a, std::span<const Neighbour> b, int k);

/// Mean overlap@k between two neighbour lists, over the items of each role. Index by data::ItemRole. Items that nobody
/// interacted with have no interaction neighbours: they are left out of mean and items.
struct RoleOverlap {
    double mean[3] = {0, 0, 0};
    std::int64_t items[3] = {0, 0, 0};
};
/// threads 0: all. Throws Error where index, interactions and split differ in their number of items; Cancelled on stop.
RoleOverlap overlapByRole(const SemanticIndex &semantic, const InteractionIndex &interactions,
                          const data::ItemSplit &split, int k, int threads = 0, std::stop_token stop = {});

/// Where a neighbour stands in a list and in another index; 1 = nearest.
struct RankMove {
    std::int32_t item = 0;
    std::int32_t rank = 0;      ///< in the list
    std::int32_t otherRank = 0; ///< in the other index; 0 = the very item that is looked from
};
/// For each neighbour of a list its rank among `otherRanks` (SemanticIndex::ranks() of the other index, seen from the
/// same item), in the order of the list.
std::vector<RankMove> rankMoves(std::span<const Neighbour> list, std::span<const std::int32_t> otherRanks);
/// The first k neighbours of `item` after tuning: rank in `tuned`, otherRank in `base`.
std::vector<RankMove> rankMoves(const SemanticIndex &base, const SemanticIndex &tuned, std::int32_t item, int k);

} // namespace apiary::explore
