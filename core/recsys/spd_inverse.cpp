#include "recsys/spd_inverse.h"

#include "base/cancel.h"
#include "base/error.h"

#include <algorithm>

namespace apiary::recsys {

namespace {

constexpr std::int64_t blockRows = 512;

/// Of a block on the diagonal: small, so double precision costs nothing and keeps the sweeps accurate.
at::Tensor blockInverse(const at::Tensor &block)
{
    const auto [factor, info] = at::linalg_cholesky_ex(block.tril().to(at::kDouble));
    if (info.item<int>() != 0)
        throw Error("a matrix to be inverted is not positive definite", "closed form of a recommender",
                    "choose a larger lambda");
    return at::cholesky_inverse(factor).to(block.scalar_type());
}

/// Column block k of the symmetric matrix whose lower triangle is in `a`: [n, width].
at::Tensor columns(const at::Tensor &a, std::int64_t begin, std::int64_t end)
{
    at::Tensor panel = at::empty({a.size(0), end - begin}, a.options());
    panel.slice(0, 0, begin).copy_(a.slice(0, begin, end).slice(1, 0, begin).t());
    const at::Tensor diagonal = a.slice(0, begin, end).slice(1, begin, end).tril();
    panel.slice(0, begin, end).copy_(diagonal + diagonal.tril(-1).t());
    panel.slice(0, end).copy_(a.slice(0, end).slice(1, begin, end));
    return panel;
}

} // namespace

void invertInPlace(const at::Tensor &a, const ProgressFn &progress, const std::stop_token &stop)
{
    const at::NoGradGuard noGrad;
    const std::int64_t n = a.size(0);
    const std::int64_t blocks = (n + blockRows - 1) / blockRows;
    ProgressMeter meter("inverting", "blocks", blocks * blocks, progress);
    for (std::int64_t begin = 0; begin < n; begin += blockRows) {
        const std::int64_t end = std::min(begin + blockRows, n);
        const at::Tensor panel = columns(a, begin, end);
        const at::Tensor inverse = blockInverse(panel.slice(0, begin, end));
        const at::Tensor swept = panel.matmul(inverse);
        for (std::int64_t from = 0; from < n; from += blockRows) {
            throwIfStopped(stop);
            const std::int64_t to = std::min(from + blockRows, n);
            at::Tensor below = a.slice(0, from).slice(1, from, to);
            below.addmm_(swept.slice(0, from), panel.slice(0, from, to).t(), 1, -1);
            meter.advance();
        }
        a.slice(0, begin, end).slice(1, 0, begin).copy_(swept.slice(0, 0, begin).t());
        a.slice(0, begin, end).slice(1, begin, end).copy_(inverse.neg());
        a.slice(0, end).slice(1, begin, end).copy_(swept.slice(0, end));
    }
    // What stands there is −a⁻¹, its lower triangle; the upper one follows block by block.
    for (std::int64_t begin = 0; begin < n; begin += blockRows) {
        const std::int64_t end = std::min(begin + blockRows, n);
        at::Tensor column = a.slice(0, begin).slice(1, begin, end);
        column.neg_();
        at::Tensor diagonal = a.slice(0, begin, end).slice(1, begin, end);
        diagonal.copy_(diagonal.tril() + diagonal.tril(-1).t());
        a.slice(0, begin, end).slice(1, end).copy_(a.slice(0, end).slice(1, begin, end).t());
    }
}

} // namespace apiary::recsys
