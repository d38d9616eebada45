// Row-wise fused operations: dropout, dropout + residual + LayerNorm, and the feed-forward block.
#include "base/cancel.h"
#include "encoder/fused.h"
#include "encoder/fused_call.h"
#include "encoder/kernels.h"

#include <ATen/Parallel.h>

namespace apiary::encoder {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

constexpr std::int64_t rowsPerTask = 128;

// Calls body(token, key, counter) for every row, rows shared out between threads by `firstRow / rowsPerTask`.
template <typename Body>
void forRows(const PackedBatch &batch, const Mask &mask, std::int64_t width, const Body &body)
{
    const std::int64_t tasks = (batch.tokens() + rowsPerTask - 1) / rowsPerTask;
    at::parallel_for(0, tasks, 1, [&](std::int64_t firstTask, std::int64_t lastTask) {
        std::int64_t row = firstTask * rowsPerTask;
        const std::int64_t end = std::min(batch.tokens(), lastTask * rowsPerTask);
        auto text = std::upper_bound(batch.offsets.begin(), batch.offsets.end(), row) - batch.offsets.begin() - 1;
        for (; row < end; ++row) {
            while (row >= batch.begin(text + 1))
                ++text;
            const std::uint64_t key = mask.keys.empty() ? 0 : mask.keys[static_cast<std::size_t>(text)];
            body(row, key, hiddenCounter(row - batch.begin(text), width, 0));
        }
    });
}

class Dropout : public torch::autograd::Function<Dropout> {
public:
    static at::Tensor forward(AutogradContext *context, const at::Tensor &x, const CallPtr &call)
    {
        FusedCall::keep(context, call);
        return apply(*call, x);
    }
    static variable_list backward(AutogradContext *context, const variable_list &gradients)
    {
        return {apply(FusedCall::of(context), gradients[0]), at::Tensor()};
    }
    using torch::autograd::Function<Dropout>::apply;

private:
    static at::Tensor apply(const FusedCall &call, const at::Tensor &x)
    {
        throwIfStopped(call.batch->stop);
        at::Tensor y = x.contiguous().clone();
        const std::int64_t width = y.size(1);
        auto *rows = y.mutable_data_ptr<float>();
        forRows(*call.batch, call.mask, width, [&](std::int64_t row, std::uint64_t key, std::uint32_t counter) {
            kernels().dropout(width, key, counter, call.mask.threshold(), call.mask.keep(), rows + row * width);
        });
        return y;
    }
};

class AddNorm : public torch::autograd::Function<AddNorm> {
public:
    static at::Tensor forward(AutogradContext *context, const at::Tensor &x, const std::optional<at::Tensor> &residual,
                              const at::Tensor &gamma, const at::Tensor &beta, const CallPtr &call)
    {
        const at::Tensor input = x.contiguous();
        const at::Tensor other = residual ? residual->contiguous() : at::Tensor();
        const std::int64_t width = input.size(1);
        at::Tensor y = at::empty_like(input), normalised = at::empty_like(input);
        at::Tensor rstd = at::empty({input.size(0)}, input.options());
        const auto *in = input.const_data_ptr<float>();
        const auto *res = other.defined() ? other.const_data_ptr<float>() : nullptr;
        const auto *g = gamma.const_data_ptr<float>();
        const auto *b = beta.const_data_ptr<float>();
        auto *out = y.mutable_data_ptr<float>();
        auto *norm = normalised.mutable_data_ptr<float>();
        auto *scale = rstd.mutable_data_ptr<float>();
        const auto eps = static_cast<float>(call->eps);
        forRows(*call->batch, call->mask, width, [&](std::int64_t row, std::uint64_t key, std::uint32_t counter) {
            const std::int64_t at = row * width;
            kernels().addNorm(width, in + at, res ? res + at : nullptr, g, b, eps, key, counter, call->mask.threshold(),
                              call->mask.keep(), out + at, norm + at, scale + row);
        });
        FusedCall::keep(context, call);
        context->saved_data["residual"] = residual.has_value();
        context->save_for_backward({normalised, rstd, gamma});
        return y;
    }

    static variable_list backward(AutogradContext *context, const variable_list &gradients)
    {
        const FusedCall &call = FusedCall::of(context);
        throwIfStopped(call.batch->stop);
        const variable_list saved = context->get_saved_variables();
        const at::Tensor dy = gradients[0].contiguous();
        const std::int64_t width = dy.size(1);
        const std::int32_t threshold = call.mask.threshold();
        at::Tensor dSum = at::empty_like(dy);
        at::Tensor dX = threshold > 0 ? at::empty_like(dy) : dSum;
        // Partial sums over fixed runs of rows, added in order: the same result for any number of threads.
        const std::int64_t tasks = (dy.size(0) + rowsPerTask - 1) / rowsPerTask;
        at::Tensor partial = at::zeros({2, tasks, width}, dy.options());
        const auto *grad = dy.const_data_ptr<float>();
        const auto *norm = saved[0].const_data_ptr<float>();
        const auto *scale = saved[1].const_data_ptr<float>();
        const auto *g = saved[2].const_data_ptr<float>();
        auto *sum = dSum.mutable_data_ptr<float>();
        auto *dx = dX.mutable_data_ptr<float>();
        auto *sums = partial.mutable_data_ptr<float>();
        forRows(*call.batch, call.mask, width, [&](std::int64_t row, std::uint64_t key, std::uint32_t counter) {
            const std::int64_t at = row * width;
            float *dGamma = sums + row / rowsPerTask * width;
            kernels().addNormBackward(width, grad + at, norm + at, scale[row], g, key, counter, threshold,
                                      call.mask.keep(), sum + at, dx + at, dGamma, dGamma + tasks * width);
        });
        const at::Tensor dParameters = partial.sum(1);
        const bool hasResidual = context->saved_data["residual"].toBool();
        return {dX, hasResidual ? dSum : at::Tensor(), dParameters[0], dParameters[1], at::Tensor()};
    }
};

// Calls body(begin, count) over flat ranges on all threads.
template <typename Body>
void forRanges(std::int64_t count, const Body &body)
{
    at::parallel_for(0, count, 1 << 15, [&](std::int64_t begin, std::int64_t end) { body(begin, end - begin); });
}

class FeedForward : public torch::autograd::Function<FeedForward> {
public:
    static at::Tensor forward(AutogradContext *context, const at::Tensor &x, const at::Tensor &w1, const at::Tensor &b1,
                              const at::Tensor &w2, const at::Tensor &b2, const CallPtr &call)
    {
        const at::Tensor hidden = at::linear(x, w1, b1);
        throwIfStopped(call->batch->stop);
        at::Tensor active = at::empty_like(hidden);
        forRanges(hidden.numel(), [&](std::int64_t begin, std::int64_t count) {
            kernels().gelu(count, hidden.const_data_ptr<float>() + begin, active.mutable_data_ptr<float>() + begin);
        });
        FusedCall::keep(context, call);
        context->save_for_backward({x, hidden, w1, w2});
        return at::linear(active, w2, b2);
    }

    static variable_list backward(AutogradContext *context, const variable_list &gradients)
    {
        const std::stop_token &stop = FusedCall::of(context).batch->stop;
        throwIfStopped(stop);
        const variable_list saved = context->get_saved_variables();
        const at::Tensor dy = gradients[0].contiguous();
        at::Tensor dHidden = dy.mm(saved[3]);
        throwIfStopped(stop);
        at::Tensor active = at::empty_like(dHidden);
        forRanges(dHidden.numel(), [&](std::int64_t begin, std::int64_t count) {
            kernels().geluBackward(count, saved[1].const_data_ptr<float>() + begin,
                                   active.mutable_data_ptr<float>() + begin, dHidden.mutable_data_ptr<float>() + begin);
        });
        const at::Tensor dW2 = dy.t().mm(active);
        active.reset();
        throwIfStopped(stop);
        const at::Tensor dW1 = dHidden.t().mm(saved[0]);
        throwIfStopped(stop);
        return {dHidden.mm(saved[2]), dW1, dHidden.sum(0), dW2, dy.sum(0), at::Tensor()};
    }
};

} // namespace

at::Tensor fusedDropout(const BatchPtr &batch, const at::Tensor &x, const Mask &mask)
{
    return Dropout::apply(x, c10::make_intrusive<FusedCall>(batch, mask));
}

at::Tensor fusedAddNorm(const BatchPtr &batch, const at::Tensor &x, const at::Tensor &residual, const at::Tensor &gamma,
                        const at::Tensor &beta, double eps, const Mask &mask)
{
    auto call = c10::make_intrusive<FusedCall>(batch, mask);
    call->eps = eps;
    return AddNorm::apply(x, residual.defined() ? std::optional(residual) : std::nullopt, gamma, beta, call);
}

at::Tensor fusedFeedForward(const BatchPtr &batch, const at::Tensor &x, const at::Tensor &w1, const at::Tensor &b1,
                            const at::Tensor &w2, const at::Tensor &b2)
{
    return FeedForward::apply(x, w1, b1, w2, b2, c10::make_intrusive<FusedCall>(batch, Mask{}));
}

} // namespace apiary::encoder
