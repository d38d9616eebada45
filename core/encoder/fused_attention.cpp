// Attention on the CPU: tiles of scores that fit a cache, drawn and normalised in place, and made again in the backward
// pass, which therefore needs nothing but q, k and v.
#include "base/cancel.h"
#include "encoder/attention_tiles.h"
#include "encoder/fused.h"
#include "encoder/fused_call.h"
#include "encoder/kernels.h"

#include <ATen/Parallel.h>
#include <cmath>

namespace apiary::encoder {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

struct AttentionCall : FusedCall {
    AttentionCall(BatchPtr theBatch, Mask theMask, AttentionShape theShape)
        : FusedCall(std::move(theBatch), std::move(theMask))
        , shape(std::move(theShape))
    {
    }
    AttentionShape shape; ///< without its bias, which is an input
};
using AttentionCallPtr = c10::intrusive_ptr<AttentionCall>;

// One pass over the tiles of a call.
struct Work {
    const AttentionCall &call;
    const PackedBatch &batch;
    std::int64_t heads;
    std::int64_t group; // heads of queries that share one of keys
    float scale;
    std::vector<AttentionTile> tiles;
    at::Tensor bias; // over the scale, for the raw scores; or undefined

    Work(const AttentionCall &theCall, std::int64_t width, const at::Tensor &biasInput)
        : call(theCall)
        , batch(*theCall.batch)
        , heads(call.shape.heads)
        , group(heads / call.shape.headsOfKeys())
        , scale(1.0F / std::sqrt(static_cast<float>(width / heads)))
        , tiles(attentionTiles(batch, call.shape))
        , bias(biasInput.defined() ? (biasInput.detach() / scale).contiguous() : at::Tensor())
    {
    }

    const Rotary *rotary() const { return call.shape.rotary.defined() ? &call.shape.rotary : nullptr; }
    at::Tensor queries(const AttentionTile &tile, const at::Tensor &q) const
    {
        return gatherTile(batch, tile, {tile.queryBegin, tile.queryEnd, heads, 1}, q, rotary());
    }
    at::Tensor keys(const AttentionTile &tile, const at::Tensor &k) const
    {
        return gatherTile(batch, tile, keyRows(tile), k, rotary());
    }
    at::Tensor values(const AttentionTile &tile, const at::Tensor &v) const
    {
        return gatherTile(batch, tile, keyRows(tile), v, nullptr);
    }
    at::Tensor outputs(const AttentionTile &tile, const at::Tensor &y) const
    {
        return gatherTile(batch, tile, {tile.queryBegin, tile.queryEnd, heads, 1}, y, nullptr);
    }
    TileRows keyRows(const AttentionTile &tile) const { return {tile.keyBegin, tile.keyEnd, heads / group, group}; }

    // q·kᵀ plus the bias over the scale: what softmax(scale · …) is taken of.
    at::Tensor rawScores(const AttentionTile &tile, const at::Tensor &q, const at::Tensor &k) const
    {
        at::Tensor scores = q.bmm(k.transpose(1, 2));
        if (!bias.defined())
            return scores;
        auto *s = scores.mutable_data_ptr<float>();
        const auto *b = bias.const_data_ptr<float>();
        forRows(tile, [&](const Row &row) {
            const float *add = b + biasPlace(row);
            float *to = s + row.place;
#pragma omp simd
            for (std::int64_t i = 0; i < row.count; ++i)
                to[i] += add[i];
        });
        return scores;
    }

    struct Row {
        std::int64_t text, head, query;
        std::int64_t firstKey, count; // the keys that it sees
        std::int64_t place;           // of its first visible score in the tile's matrix
    };
    std::int64_t biasPlace(const Row &row) const
    {
        return row.head * (2 * batch.longest - 1) + row.firstKey - row.query + batch.longest - 1;
    }

    template <typename Body>
    void forRowsOf(const AttentionTile &tile, std::int64_t i, const Body &body) const
    {
        const std::int64_t text = tile.text(i), head = tile.head(i), length = batch.length(text);
        for (std::int64_t query = tile.queryBegin; query < std::min(tile.queryEnd, length); ++query) {
            const auto [first, last] = visibleKeys(call.shape, query, length);
            body(Row{text, head, query, first, last - first,
                     (i * tile.queries() + query - tile.queryBegin) * tile.keys() + first - tile.keyBegin});
        }
    }
    // All rows that stand for tokens, shared out between threads by text and head.
    template <typename Body>
    void forRows(const AttentionTile &tile, const Body &body) const
    {
        at::parallel_for(0, tile.matrices(), 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                forRowsOf(tile, i, body);
        });
    }

    // Calls kernel(row, key, counter, rest) and zeroes what no query sees, `rest` being the scores from the row's first
    // visible key to the end of the matrix's row.
    template <typename Kernel>
    void forScores(const AttentionTile &tile, std::initializer_list<float *> matrices, const Kernel &kernel) const
    {
        at::parallel_for(0, tile.matrices(), 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                const auto &keys = call.mask.keys;
                const std::uint64_t key = keys.empty() ? 0 : keys[static_cast<std::size_t>(tile.text(i))];
                std::int64_t filled = i * tile.queries() * tile.keys();
                forRowsOf(tile, i, [&](const Row &row) {
                    const std::int64_t before = row.firstKey - tile.keyBegin;
                    for (float *matrix : matrices)
                        std::fill_n(matrix + row.place - before, before, 0.0F);
                    kernel(row, key, attentionCounter(row.head, row.query, row.firstKey), tile.keys() - before);
                    filled = row.place - before + tile.keys();
                });
                for (float *matrix : matrices)
                    std::fill(matrix + filled, matrix + (i + 1) * tile.queries() * tile.keys(), 0.0F);
            }
        });
    }

    // Adds the scores' gradients up along the distances, heads in parallel and texts in order.
    void addBiasGradient(const AttentionTile &tile, const at::Tensor &dRaw, at::Tensor &dBias) const
    {
        const auto *d = dRaw.const_data_ptr<float>();
        auto *sums = dBias.mutable_data_ptr<float>();
        at::parallel_for(0, tile.heads(), 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t head = begin; head < end; ++head)
                for (std::int64_t i = head; i < tile.matrices(); i += tile.heads())
                    forRowsOf(tile, i, [&](const Row &row) {
                        float *to = sums + biasPlace(row);
                        const float *from = d + row.place;
#pragma omp simd
                        for (std::int64_t j = 0; j < row.count; ++j)
                            to[j] += from[j];
                    });
        });
    }
};

// Rows may lie apart (a part of a joined projection), the numbers of a row not.
at::Tensor rowsOf(const at::Tensor &x)
{
    return x.stride(1) == 1 ? x : x.contiguous();
}

class Attention : public torch::autograd::Function<Attention> {
public:
    static at::Tensor forward(AutogradContext *context, const at::Tensor &q, const at::Tensor &k, const at::Tensor &v,
                              const std::optional<at::Tensor> &bias, const AttentionCallPtr &call)
    {
        const variable_list inputs{rowsOf(q), rowsOf(k), rowsOf(v), bias.value_or(at::Tensor())};
        const Work work(*call, q.size(1), inputs[3]);
        at::Tensor result = at::empty({q.size(0), q.size(1)}, q.options());
        for (const AttentionTile &tile : work.tiles) {
            throwIfStopped(call->batch->stop);
            at::Tensor scores = work.rawScores(tile, work.queries(tile, inputs[0]), work.keys(tile, inputs[1]));
            auto *s = scores.mutable_data_ptr<float>();
            work.forScores(tile, {s},
                           [&](const Work::Row &row, std::uint64_t key, std::uint32_t counter, std::int64_t rest) {
                               kernels().softmax(row.count, rest, work.scale, key, counter, call->mask.threshold(),
                                                 call->mask.keep(), s + row.place);
                           });
            scatterTile(*call->batch, tile, {tile.queryBegin, tile.queryEnd, work.heads, 1},
                        scores.bmm(work.values(tile, inputs[2])), nullptr, false, result);
        }
        FusedCall::keep(context, call);
        context->save_for_backward(inputs);
        return result;
    }

    static variable_list backward(AutogradContext *context, const variable_list &gradients)
    {
        const auto &call = static_cast<const AttentionCall &>(FusedCall::of(context));
        const PackedBatch &batch = *call.batch;
        const variable_list saved = context->get_saved_variables();
        const Work work(call, saved[0].size(1), saved[3]);
        const at::Tensor dy = gradients[0].contiguous();
        at::Tensor dQ = at::empty({dy.size(0), dy.size(1)}, dy.options());
        at::Tensor dK = at::zeros({dy.size(0), saved[1].size(1)}, dy.options()), dV = at::zeros_like(dK);
        at::Tensor dBias = saved[3].defined() ? at::zeros(saved[3].sizes(), dy.options()) : at::Tensor();
        for (const AttentionTile &tile : work.tiles) {
            throwIfStopped(batch.stop);
            const at::Tensor q = work.queries(tile, saved[0]);
            const at::Tensor k = work.keys(tile, saved[1]);
            const at::Tensor out = work.outputs(tile, dy);
            at::Tensor probabilities = work.rawScores(tile, q, k);
            at::Tensor dRaw = out.bmm(work.values(tile, saved[2]).transpose(1, 2));
            auto *s = probabilities.mutable_data_ptr<float>();
            auto *d = dRaw.mutable_data_ptr<float>();
            work.forScores(
                tile, {s, d}, [&](const Work::Row &row, std::uint64_t key, std::uint32_t counter, std::int64_t rest) {
                    kernels().softmaxBackward(row.count, rest, work.scale, key, counter, call.mask.threshold(),
                                              call.mask.keep(), s + row.place, d + row.place);
                });
            if (dBias.defined())
                work.addBiasGradient(tile, dRaw, dBias);
            scatterTile(batch, tile, work.keyRows(tile), probabilities.transpose(1, 2).bmm(out), nullptr, true, dV);
            scatterTile(batch, tile, {tile.queryBegin, tile.queryEnd, work.heads, 1}, dRaw.bmm(k), work.rotary(), false,
                        dQ);
            scatterTile(batch, tile, work.keyRows(tile), dRaw.transpose(1, 2).bmm(q), work.rotary(), true, dK);
        }
        // The raw scores had the bias over the scale in them.
        return {dQ, dK, dV, dBias.defined() ? dBias / work.scale : at::Tensor(), at::Tensor()};
    }
};

} // namespace

at::Tensor fusedAttention(const BatchPtr &batch, const at::Tensor &q, const at::Tensor &k, const at::Tensor &v,
                          const AttentionShape &shape, const Mask &mask)
{
    AttentionShape rest = shape;
    rest.bias.reset();
    return Attention::apply(q, k, v, shape.bias.defined() ? std::optional(shape.bias) : std::nullopt,
                            c10::make_intrusive<AttentionCall>(batch, mask, std::move(rest)));
}

} // namespace apiary::encoder
