#pragma once

#include "encoder/ops.h"

#include <utility>
#include <vector>

namespace apiary::encoder {

/// A part of a batch's score matrices that is worked on at once: short texts together, padded to the longest of them and
/// whole, or some queries of some heads of one long text with the keys that they can see.
struct AttentionTile {
    std::int64_t firstText, lastText; ///< [first, last)
    std::int64_t firstHead, lastHead;
    std::int64_t queryBegin, queryEnd; ///< positions
    std::int64_t keyBegin, keyEnd;

    std::int64_t heads() const { return lastHead - firstHead; }
    std::int64_t queries() const { return queryEnd - queryBegin; }
    std::int64_t keys() const { return keyEnd - keyBegin; }
    std::int64_t matrices() const { return (lastText - firstText) * heads(); }
    std::int64_t text(std::int64_t matrix) const { return firstText + matrix / heads(); }
    std::int64_t head(std::int64_t matrix) const { return firstHead + matrix % heads(); }
};

/// Tiles that cover all that is seen, in an order that depends on nothing but the lengths and the shape; heads that share
/// keys are never parted.
std::vector<AttentionTile> attentionTiles(const PackedBatch &batch, const AttentionShape &shape);

/// Keys [first, second) that a query of a text of this length sees.
std::pair<std::int64_t, std::int64_t> visibleKeys(const AttentionShape &shape, std::int64_t query, std::int64_t length);

/// Positions [begin, end) of a tile's texts in a packed tensor of `heads` heads, each of them for `copies` of the tile's.
struct TileRows {
    std::int64_t begin, end;
    std::int64_t heads;
    std::int64_t copies;
};

/// Packed rows → [matrices, end − begin, headWidth], turned where there is a rotation, zero after a text's end.
at::Tensor gatherTile(const PackedBatch &batch, const AttentionTile &tile, const TileRows &rows,
                      const at::Tensor &packed, const Rotary *rotary);
/// The way back, turned back. With one copy, rows are set; with more, or where tiles share keys, `add` them up.
void scatterTile(const PackedBatch &batch, const AttentionTile &tile, const TileRows &rows, const at::Tensor &grid,
                 const Rotary *rotary, bool add, at::Tensor &packed);

} // namespace apiary::encoder
