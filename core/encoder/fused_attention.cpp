#include "base/cancel.h"
#include "encoder/fused.h"
#include "encoder/fused_call.h"
#include "encoder/kernels.h"

#include <ATen/Parallel.h>
#include <cmath>

namespace apiary::encoder {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

// Texts [first, last) whose score matrices fit a processor's cache together, padded to the longest of them.
struct Chunk {
    std::int64_t first;
    std::int64_t last;
    std::int64_t longest;
    std::int64_t texts() const { return last - first; }
};

constexpr std::int64_t scoresAChunk = 1 << 19;

std::vector<Chunk> chunks(const PackedBatch &batch, std::int64_t heads)
{
    std::vector<Chunk> result;
    for (std::int64_t text = 0; text < batch.texts(); ++text) {
        if (!result.empty()) {
            Chunk &chunk = result.back();
            const std::int64_t longest = std::max(chunk.longest, batch.length(text));
            if ((chunk.texts() + 1) * heads * longest * longest <= scoresAChunk) {
                chunk.last = text + 1;
                chunk.longest = longest;
                continue;
            }
        }
        result.push_back({text, text + 1, batch.length(text)});
    }
    return result;
}

struct Shape {
    std::int64_t heads;
    std::int64_t headWidth;
    std::int64_t width() const { return heads * headWidth; }
};

template <typename Body>
void forHeads(const Chunk &chunk, const Shape &shape, const Body &body)
{
    at::parallel_for(0, chunk.texts() * shape.heads, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
            body(i, chunk.first + i / shape.heads, i % shape.heads);
    });
}

// Packed rows → [texts · heads, longest, headWidth], the tail of a shorter text zero.
at::Tensor gathered(const PackedBatch &batch, const Chunk &chunk, const Shape &shape, const at::Tensor &packed)
{
    at::Tensor grid = at::empty({chunk.texts() * shape.heads, chunk.longest, shape.headWidth}, packed.options());
    const auto *in = packed.const_data_ptr<float>();
    auto *out = grid.mutable_data_ptr<float>();
    forHeads(chunk, shape, [&](std::int64_t i, std::int64_t text, std::int64_t head) {
        float *to = out + i * chunk.longest * shape.headWidth;
        const float *from = in + batch.begin(text) * shape.width() + head * shape.headWidth;
        for (std::int64_t t = 0; t < batch.length(text); ++t)
            std::copy_n(from + t * shape.width(), shape.headWidth, to + t * shape.headWidth);
        std::fill(to + batch.length(text) * shape.headWidth, to + chunk.longest * shape.headWidth, 0.0F);
    });
    return grid;
}

// The way back.
void scatter(const PackedBatch &batch, const Chunk &chunk, const Shape &shape, const at::Tensor &grid,
             at::Tensor &packed)
{
    const auto *in = grid.const_data_ptr<float>();
    auto *out = packed.mutable_data_ptr<float>();
    forHeads(chunk, shape, [&](std::int64_t i, std::int64_t text, std::int64_t head) {
        const float *from = in + i * chunk.longest * shape.headWidth;
        float *to = out + batch.begin(text) * shape.width() + head * shape.headWidth;
        for (std::int64_t t = 0; t < batch.length(text); ++t)
            std::copy_n(from + t * shape.headWidth, shape.headWidth, to + t * shape.width());
    });
}

// Calls row(length, key, counter, offset) for each row of scores that stands for a token, zeroes the others.
template <typename Row>
void forScores(const FusedCall &call, const Chunk &chunk, const Shape &shape, std::initializer_list<float *> matrices,
               const Row &row)
{
    const std::int64_t n = chunk.longest;
    forHeads(chunk, shape, [&](std::int64_t i, std::int64_t text, std::int64_t head) {
        const std::int64_t length = call.batch->length(text);
        const std::uint64_t key = call.mask.keys.empty() ? 0 : call.mask.keys[static_cast<std::size_t>(text)];
        for (std::int64_t q = 0; q < length; ++q)
            row(length, key, attentionCounter(head, q, 0), (i * n + q) * n);
        for (float *matrix : matrices)
            std::fill(matrix + (i * n + length) * n, matrix + (i + 1) * n * n, 0.0F);
    });
}

class Attention : public torch::autograd::Function<Attention> {
public:
    static at::Tensor forward(AutogradContext *context, const at::Tensor &q, const at::Tensor &k, const at::Tensor &v,
                              const CallPtr &call)
    {
        const variable_list inputs{q.contiguous(), k.contiguous(), v.contiguous()};
        const Shape shape{call->heads, q.size(1) / call->heads};
        at::Tensor result = at::empty_like(inputs[0]);
        for (const Chunk &chunk : chunks(*call->batch, call->heads)) {
            throwIfStopped(call->batch->stop);
            at::Tensor scores = scoresOf(*call, chunk, shape, inputs[0], inputs[1]);
            auto *s = scores.mutable_data_ptr<float>();
            forScores(*call, chunk, shape, {s},
                      [&](std::int64_t length, std::uint64_t key, std::uint32_t counter, std::int64_t at) {
                          kernels().softmax(length, chunk.longest, scale(shape), key, counter, call->mask.threshold(),
                                            call->mask.keep(), s + at);
                      });
            scatter(*call->batch, chunk, shape, scores.bmm(gathered(*call->batch, chunk, shape, inputs[2])), result);
        }
        FusedCall::keep(context, call);
        context->save_for_backward(inputs);
        return result;
    }

    static variable_list backward(AutogradContext *context, const variable_list &gradients)
    {
        const FusedCall &call = FusedCall::of(context);
        const PackedBatch &batch = *call.batch;
        const variable_list saved = context->get_saved_variables();
        const Shape shape{call.heads, saved[0].size(1) / call.heads};
        const at::Tensor dy = gradients[0].contiguous();
        at::Tensor dQ = at::empty_like(dy), dK = at::empty_like(dy), dV = at::empty_like(dy);
        for (const Chunk &chunk : chunks(batch, call.heads)) {
            throwIfStopped(batch.stop);
            const at::Tensor q = gathered(batch, chunk, shape, saved[0]);
            const at::Tensor k = gathered(batch, chunk, shape, saved[1]);
            const at::Tensor out = gathered(batch, chunk, shape, dy);
            at::Tensor probabilities = q.bmm(k.transpose(1, 2));
            at::Tensor dScores = out.bmm(gathered(batch, chunk, shape, saved[2]).transpose(1, 2));
            auto *s = probabilities.mutable_data_ptr<float>();
            auto *d = dScores.mutable_data_ptr<float>();
            forScores(call, chunk, shape, {s, d},
                      [&](std::int64_t length, std::uint64_t key, std::uint32_t counter, std::int64_t at) {
                          kernels().softmaxBackward(length, chunk.longest, scale(shape), key, counter,
                                                    call.mask.threshold(), call.mask.keep(), s + at, d + at);
                      });
            scatter(batch, chunk, shape, probabilities.transpose(1, 2).bmm(out), dV);
            scatter(batch, chunk, shape, dScores.bmm(k), dQ);
            scatter(batch, chunk, shape, dScores.transpose(1, 2).bmm(q), dK);
        }
        return {dQ, dK, dV, at::Tensor()};
    }

private:
    static float scale(const Shape &shape) { return 1.0F / std::sqrt(static_cast<float>(shape.headWidth)); }

    static at::Tensor scoresOf(const FusedCall &call, const Chunk &chunk, const Shape &shape, const at::Tensor &q,
                               const at::Tensor &k)
    {
        return gathered(*call.batch, chunk, shape, q).bmm(gathered(*call.batch, chunk, shape, k).transpose(1, 2));
    }
};

} // namespace

at::Tensor fusedAttention(const BatchPtr &batch, const at::Tensor &q, const at::Tensor &k, const at::Tensor &v,
                          std::int64_t heads, const Mask &mask)
{
    auto call = c10::make_intrusive<FusedCall>(batch, mask);
    call->heads = heads;
    return Attention::apply(q, k, v, call);
}

} // namespace apiary::encoder
