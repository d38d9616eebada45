#include "base/cancel.h"
#include "encoder/fused.h"
#include "encoder/fused_call.h"

#include <ATen/Parallel.h>
#include <cmath>

namespace apiary::encoder {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

constexpr std::int64_t rowsPerTask = 256;

// y = x · r · w with r = 1 / √(mean(x²) + ε) of each row. Keeps x and r.
class RmsNorm : public torch::autograd::Function<RmsNorm> {
public:
    static at::Tensor forward(AutogradContext *context, const at::Tensor &x, const at::Tensor &weight,
                              const CallPtr &call)
    {
        const at::Tensor rows = x.contiguous();
        const std::int64_t width = rows.size(1), count = rows.size(0);
        at::Tensor y = at::empty_like(rows), factors = at::empty({count}, rows.options());
        const auto *in = rows.const_data_ptr<float>();
        const auto *w = weight.const_data_ptr<float>();
        auto *out = y.mutable_data_ptr<float>();
        auto *r = factors.mutable_data_ptr<float>();
        const auto eps = static_cast<float>(call->eps);
        at::parallel_for(0, count, rowsPerTask, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                const float *from = in + i * width;
                float *to = out + i * width;
                float sum = 0;
#pragma omp simd reduction(+ : sum)
                for (std::int64_t j = 0; j < width; ++j)
                    sum += from[j] * from[j];
                const float factor = 1.0F / std::sqrt(sum / static_cast<float>(width) + eps);
                r[i] = factor;
#pragma omp simd
                for (std::int64_t j = 0; j < width; ++j)
                    to[j] = from[j] * factor * w[j];
            }
        });
        FusedCall::keep(context, call);
        context->save_for_backward({rows, factors, weight});
        return y;
    }

    static variable_list backward(AutogradContext *context, const variable_list &gradients)
    {
        throwIfStopped(FusedCall::of(context).batch->stop);
        const variable_list saved = context->get_saved_variables();
        const at::Tensor dy = gradients[0].contiguous();
        const std::int64_t width = dy.size(1), count = dy.size(0);
        const std::int64_t tasks = (count + rowsPerTask - 1) / rowsPerTask;
        at::Tensor dX = at::empty_like(dy), partial = at::zeros({tasks, width}, dy.options());
        const auto *x = saved[0].const_data_ptr<float>();
        const auto *r = saved[1].const_data_ptr<float>();
        const auto *w = saved[2].const_data_ptr<float>();
        const auto *d = dy.const_data_ptr<float>();
        auto *dx = dX.mutable_data_ptr<float>();
        auto *sums = partial.mutable_data_ptr<float>();
        // Partial sums over fixed runs of rows, added in order: the same result for any number of threads.
        at::parallel_for(0, tasks, 1, [&](std::int64_t firstTask, std::int64_t lastTask) {
            for (std::int64_t i = firstTask * rowsPerTask; i < std::min(count, lastTask * rowsPerTask); ++i)
                backwardRow(width, x + i * width, r[i], w, d + i * width, dx + i * width,
                            sums + i / rowsPerTask * width);
        });
        return {dX, partial.sum(0), at::Tensor()};
    }

private:
    // With n = x · r: dx = r · (w · dy − n · mean(w · dy · n)), and dw gains dy · n.
    static void backwardRow(std::int64_t width, const float *x, float r, const float *w, const float *dy, float *dx,
                            float *dw)
    {
        float dot = 0;
#pragma omp simd reduction(+ : dot)
        for (std::int64_t j = 0; j < width; ++j) {
            const float n = x[j] * r;
            dot += w[j] * dy[j] * n;
            dw[j] += dy[j] * n;
        }
        const float mean = dot / static_cast<float>(width);
#pragma omp simd
        for (std::int64_t j = 0; j < width; ++j)
            dx[j] = r * (w[j] * dy[j] - x[j] * r * mean);
    }
};

} // namespace

at::Tensor rmsNorm(const BatchPtr &batch, const at::Tensor &x, const at::Tensor &weight, double eps)
{
    throwIfStopped(batch->stop);
    const at::Tensor rows = x.reshape({-1, weight.size(0)});
    if (!useFused(batch, x)) {
        const at::Tensor factor = rows.square().mean({1}, true).add(eps).rsqrt();
        return polled(batch, (rows * factor * weight).view(x.sizes()));
    }
    auto call = c10::make_intrusive<FusedCall>(batch, Mask{});
    call->eps = eps;
    return RmsNorm::apply(rows, weight, call).view(x.sizes());
}

} // namespace apiary::encoder
