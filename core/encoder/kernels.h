#pragma once

#include <cstdint>

namespace apiary::encoder {

/// Fused loops over contiguous float32 rows on the CPU, compiled once an instruction set; the caller shares rows out
/// between threads. `threshold` 0 means no dropout; `keep` is 1 / (1 − p).
struct Kernels {
    const char *name;

    /// One token's row: y = LayerNorm(residual + dropout(x)), with normalised = (sum − mean) · rstd kept for backward.
    /// `residual` may be null. counter is that of the row's first element.
    void (*addNorm)(std::int64_t width, const float *x, const float *residual, const float *gamma, const float *beta,
                    float eps, std::uint64_t key, std::uint32_t counter, std::int32_t threshold, float keep, float *y,
                    float *normalised, float *rstd);
    /// Backward of addNorm for one row: adds to dGamma and dBeta, writes dSum (gradient of residual) and dX.
    /// dX may equal dSum only where threshold is 0.
    void (*addNormBackward)(std::int64_t width, const float *dy, const float *normalised, float rstd,
                            const float *gamma, std::uint64_t key, std::uint32_t counter, std::int32_t threshold,
                            float keep, float *dSum, float *dX, float *dGamma, float *dBeta);
    /// x ← dropout(x) for one row (its own backward).
    void (*dropout)(std::int64_t width, std::uint64_t key, std::uint32_t counter, std::int32_t threshold, float keep,
                    float *x);
    /// y = GELU(x) (exact form; erf by Abramowitz & Stegun 7.1.26, absolute error 1.5e-7).
    void (*gelu)(std::int64_t count, const float *x, float *y);
    /// From x and dy: y = GELU(x) again, and dx = dy · GELU'(x) in place of dy.
    void (*geluBackward)(std::int64_t count, const float *x, float *y, float *dy);
    /// One row of attention scores of `length` keys in a row of `stride`: softmax(scale · s), then dropout, the rest 0.
    void (*softmax)(std::int64_t length, std::int64_t stride, float scale, std::uint64_t key, std::uint32_t counter,
                    std::int32_t threshold, float keep, float *s);
    /// Backward of softmax for one row: s (raw scores) becomes the dropped-out probabilities again, d (their gradient)
    /// becomes the gradient of the raw scores.
    void (*softmaxBackward)(std::int64_t length, std::int64_t stride, float scale, std::uint64_t key,
                            std::uint32_t counter, std::int32_t threshold, float keep, float *s, float *d);

    // For evaluation mode, one row each, in place.
    void (*addBias)(std::int64_t width, const float *bias, float *x);
    /// x ← GELU(x + bias).
    void (*biasGelu)(std::int64_t width, const float *bias, float *x);
    /// x ← LayerNorm(x + bias + residual); bias and beta may be null.
    void (*biasNorm)(std::int64_t width, const float *bias, const float *residual, const float *gamma,
                     const float *beta, float eps, float *x);
    /// q = x ÷ scale, rounded, in [−127, 127]; returns the scale.
    float (*quantize)(std::int64_t width, const float *x, std::int8_t *q);
    /// y[i] = sums[i] · rowScale · scales[i].
    void (*dequantize)(std::int64_t width, const std::int32_t *sums, float rowScale, const float *scales, float *y);
};

/// The best that this processor runs.
const Kernels &kernels();
/// By name ("default", "avx2", "avx512"); null where this processor or build lacks it. For tests.
const Kernels *kernelsNamed(const char *name);

} // namespace apiary::encoder
