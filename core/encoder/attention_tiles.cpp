#include "encoder/attention_tiles.h"

#include <ATen/Parallel.h>
#include <algorithm>

namespace apiary::encoder {

namespace {

// Scores of the short texts that share a tile, and of a part of a long one: what a processor's cache holds.
constexpr std::int64_t scoresTogether = 1 << 19;
constexpr std::int64_t scoresOfPart = 1 << 20;
constexpr std::int64_t leastQueries = 64;

std::int64_t roundedUp(std::int64_t value, std::int64_t step)
{
    return (value + step - 1) / step * step;
}

// One text whose matrices are too large together: runs of queries, and where even those are too large some heads.
void addParts(std::vector<AttentionTile> &tiles, std::int64_t text, std::int64_t length, const AttentionShape &shape)
{
    const std::int64_t group = shape.heads / shape.headsOfKeys();
    // Of a window's tile, queries · (queries + 2 · window), at least a third is seen by its queries.
    const bool windowed = shape.window >= 0;
    const std::int64_t queries =
        std::min(length, windowed ? std::max(leastQueries, shape.window)
                                  : std::max(leastQueries, scoresOfPart / (shape.heads * length)));
    const std::int64_t span = windowed ? std::min(length, queries + 2 * shape.window) : length;
    const std::int64_t heads =
        std::min(shape.heads, roundedUp(std::max<std::int64_t>(1, scoresOfPart / (queries * span)), group));
    for (std::int64_t head = 0; head < shape.heads; head += heads)
        for (std::int64_t query = 0; query < length; query += queries) {
            const std::int64_t end = std::min(length, query + queries);
            tiles.push_back({text, text + 1, head, std::min(shape.heads, head + heads), query, end,
                             visibleKeys(shape, query, length).first, visibleKeys(shape, end - 1, length).second});
        }
}

// Calls body(from, to, position) for every row that stands for a token: places of a head's numbers in the packed tensor
// and in the grid.
template <typename Body>
void forHeadRows(const PackedBatch &batch, const AttentionTile &tile, const TileRows &rows, std::int64_t matrix,
                 std::int64_t head, std::int64_t stride, std::int64_t width, const Body &body)
{
    const std::int64_t text = tile.text(matrix), end = std::min(rows.end, batch.length(text));
    for (std::int64_t position = rows.begin; position < end; ++position)
        body((batch.begin(text) + position) * stride + head * width,
             (matrix * (rows.end - rows.begin) + position - rows.begin) * width, position);
}

} // namespace

std::pair<std::int64_t, std::int64_t> visibleKeys(const AttentionShape &shape, std::int64_t query, std::int64_t length)
{
    const std::int64_t first = shape.window >= 0 ? std::max<std::int64_t>(0, query - shape.window) : 0;
    if (shape.causal)
        return {first, query + 1};
    return {first, shape.window >= 0 ? std::min(length, query + shape.window + 1) : length};
}

std::vector<AttentionTile> attentionTiles(const PackedBatch &batch, const AttentionShape &shape)
{
    std::vector<AttentionTile> tiles;
    bool open = false; // whether the last tile takes more texts
    for (std::int64_t text = 0; text < batch.texts(); ++text) {
        const std::int64_t length = batch.length(text);
        if (shape.heads * length * length > scoresTogether) {
            addParts(tiles, text, length, shape);
            open = false;
            continue;
        }
        if (open) {
            AttentionTile &tile = tiles.back();
            const std::int64_t longest = std::max(tile.queryEnd, length);
            if ((tile.lastText - tile.firstText + 1) * shape.heads * longest * longest <= scoresTogether) {
                tile.lastText = text + 1;
                tile.queryEnd = tile.keyEnd = longest;
                continue;
            }
        }
        tiles.push_back({text, text + 1, 0, shape.heads, 0, length, 0, length});
        open = true;
    }
    return tiles;
}

at::Tensor gatherTile(const PackedBatch &batch, const AttentionTile &tile, const TileRows &rows,
                      const at::Tensor &packed, const Rotary *rotary)
{
    const std::int64_t width = packed.size(1) / rows.heads, half = width / 2, size = (rows.end - rows.begin) * width;
    at::Tensor grid = at::empty({tile.matrices(), rows.end - rows.begin, width}, packed.options());
    const auto *in = packed.const_data_ptr<float>();
    auto *out = grid.mutable_data_ptr<float>();
    const float *cos = rotary ? rotary->cos.const_data_ptr<float>() : nullptr;
    const float *sin = rotary ? rotary->sin.const_data_ptr<float>() : nullptr;
    at::parallel_for(0, tile.matrices(), 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            std::int64_t filled = i * size;
            forHeadRows(batch, tile, rows, i, tile.head(i) / rows.copies, packed.stride(0), width,
                        [&](std::int64_t from, std::int64_t to, std::int64_t position) {
                            filled = to + width;
                            if (!cos) {
                                std::copy_n(in + from, width, out + to);
                                return;
                            }
                            const float *x = in + from, *c = cos + position * half, *s = sin + position * half;
                            float *y = out + to;
#pragma omp simd
                            for (std::int64_t j = 0; j < half; ++j) {
                                y[j] = x[j] * c[j] - x[j + half] * s[j];
                                y[j + half] = x[j + half] * c[j] + x[j] * s[j];
                            }
                        });
            std::fill(out + filled, out + (i + 1) * size, 0.0F);
        }
    });
    return grid;
}

void scatterTile(const PackedBatch &batch, const AttentionTile &tile, const TileRows &rows, const at::Tensor &grid,
                 const Rotary *rotary, bool add, at::Tensor &packed)
{
    const std::int64_t width = packed.size(1) / rows.heads, half = width / 2;
    const auto *in = grid.const_data_ptr<float>();
    auto *out = packed.mutable_data_ptr<float>();
    const float *cos = rotary ? rotary->cos.const_data_ptr<float>() : nullptr;
    const float *sin = rotary ? rotary->sin.const_data_ptr<float>() : nullptr;
    // Copies of one head's rows are added by one thread, in order.
    at::parallel_for(0, tile.matrices() / rows.copies, 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> turned(static_cast<std::size_t>(width));
        for (std::int64_t i = begin * rows.copies; i < end * rows.copies; ++i)
            forHeadRows(batch, tile, rows, i, tile.head(i) / rows.copies, packed.stride(0), width,
                        [&](std::int64_t to, std::int64_t from, std::int64_t position) {
                            const float *x = in + from;
                            if (cos) {
                                const float *c = cos + position * half, *s = sin + position * half;
                                float *t = turned.data();
#pragma omp simd
                                for (std::int64_t j = 0; j < half; ++j) {
                                    t[j] = x[j] * c[j] + x[j + half] * s[j];
                                    t[j + half] = x[j + half] * c[j] - x[j] * s[j];
                                }
                                x = t;
                            }
                            float *y = out + to;
                            if (!add) {
                                std::copy_n(x, width, y);
                                return;
                            }
#pragma omp simd
                            for (std::int64_t j = 0; j < width; ++j)
                                y[j] += x[j];
                        });
    });
}

} // namespace apiary::encoder
