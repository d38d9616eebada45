#include "recsys/row_kernels.h"

#include <algorithm>
#include <cmath>

// One template for every instruction set, as in dots.cpp; a whole row a call, so that what is inlined pays.
#define APIARY_INLINE [[gnu::always_inline]] inline

namespace apiary::recsys {

namespace {

template <int Lanes>
struct Wide {
    typedef float Vector __attribute__((vector_size(sizeof(float) * Lanes), may_alias));
    typedef float Loose __attribute__((vector_size(sizeof(float) * Lanes), may_alias, aligned(4)));

    APIARY_INLINE static Vector &at(float *p) { return *reinterpret_cast<Vector *>(p); }
    APIARY_INLINE static const Vector &at(const float *p) { return *reinterpret_cast<const Vector *>(p); }

    APIARY_INLINE static float dot(const float *a, const float *b, std::int64_t stride)
    {
        Vector even{}, odd{};
        std::int64_t k = 0;
        for (; k + 2 * Lanes <= stride; k += 2 * Lanes) {
            even += at(a + k) * at(b + k);
            odd += at(a + k + Lanes) * at(b + k + Lanes);
        }
        if (k < stride)
            even += at(a + k) * at(b + k);
        alignas(64) float lanes[Lanes];
        at(lanes) = even + odd;
        for (int half = Lanes / 2; half > 0; half /= 2)
            for (int l = 0; l < half; ++l)
                lanes[l] += lanes[l + half];
        return lanes[0];
    }

    APIARY_INLINE static void axpy(float scale, const float *from, float *to, std::int64_t stride)
    {
        const Vector wide = Vector{} + scale;
        for (std::int64_t k = 0; k < stride; k += Lanes)
            at(to + k) += wide * at(from + k);
    }

    /// Some vectors of gram · p, the symmetric matrix read by columns: sums stay in registers.
    template <int Width>
    APIARY_INLINE static void productTile(const float *gram, const float *p, std::int64_t factors, std::int64_t stride,
                                          float *out)
    {
        Vector sums[2][Width]{};
        std::int64_t a = 0;
        for (; a + 2 <= factors; a += 2)
            for (int w = 0; w < Width; ++w) {
                sums[0][w] += (Vector{} + p[a]) * at(gram + a * stride + w * Lanes);
                sums[1][w] += (Vector{} + p[a + 1]) * at(gram + (a + 1) * stride + w * Lanes);
            }
        if (a < factors)
            for (int w = 0; w < Width; ++w)
                sums[0][w] += (Vector{} + p[a]) * at(gram + a * stride + w * Lanes);
        for (int w = 0; w < Width; ++w)
            at(out + w * Lanes) = sums[0][w] + sums[1][w];
    }

    APIARY_INLINE static void product(const float *gram, const float *p, std::int64_t factors, std::int64_t stride,
                                      float *out)
    {
        std::int64_t k = 0;
        for (; k + 4 * Lanes <= stride; k += 4 * Lanes)
            productTile<4>(gram + k, p, factors, stride, out + k);
        for (; k < stride; k += Lanes)
            productTile<1>(gram + k, p, factors, stride, out + k);
    }

    APIARY_INLINE static void addGram(const PaddedMatrix &y, std::int64_t begin, std::int64_t end, std::int64_t factors,
                                      float *gram)
    {
        const std::int64_t stride = y.stride();
        std::int64_t r = begin;
        for (; r + 4 <= end; r += 4) {
            const float *rows[4] = {y.row(r), y.row(r + 1), y.row(r + 2), y.row(r + 3)};
            for (std::int64_t a = 0; a < factors; ++a) {
                const Vector s0 = Vector{} + rows[0][a], s1 = Vector{} + rows[1][a];
                const Vector s2 = Vector{} + rows[2][a], s3 = Vector{} + rows[3][a];
                float *to = gram + a * stride;
                for (std::int64_t k = 0; k < stride; k += Lanes)
                    at(to + k) +=
                        (s0 * at(rows[0] + k) + s1 * at(rows[1] + k)) + (s2 * at(rows[2] + k) + s3 * at(rows[3] + k));
            }
        }
        for (; r < end; ++r)
            for (std::int64_t a = 0; a < factors; ++a)
                axpy(y.row(r)[a], y.row(r), gram + a * stride, stride);
    }

    APIARY_INLINE static void conjugateGradients(const RowProblem &problem, int steps, float *x, float *work)
    {
        const std::int64_t stride = problem.y.stride();
        const float extra = problem.confidence - 1;
        float *residual = work, *direction = work + stride, *image = work + 2 * stride;

        product(problem.gram, x, problem.factors, stride, residual);
        for (std::int64_t k = 0; k < stride; k += Lanes)
            at(residual + k) = -at(residual + k);
        for (const std::int32_t item : problem.items) {
            const float *y = problem.y.row(item);
            axpy(extra == 0 ? problem.confidence : problem.confidence - extra * dot(y, x, stride), y, residual, stride);
        }
        std::copy_n(residual, stride, direction);
        float square = dot(residual, residual, stride);
        for (int step = 0; step < steps && square > 1e-20F; ++step) {
            product(problem.gram, direction, problem.factors, stride, image);
            if (extra != 0)
                for (const std::int32_t item : problem.items) {
                    const float *y = problem.y.row(item);
                    axpy(extra * dot(y, direction, stride), y, image, stride);
                }
            const float rate = square / dot(direction, image, stride);
            axpy(rate, direction, x, stride);
            axpy(-rate, image, residual, stride);
            const float next = dot(residual, residual, stride);
            const Vector keep = Vector{} + next / square;
            for (std::int64_t k = 0; k < stride; k += Lanes)
                at(direction + k) = at(residual + k) + keep * at(direction + k);
            square = next;
        }
    }

    APIARY_INLINE static void normalEquations(const RowProblem &problem, float *matrix, float *right)
    {
        const std::int64_t stride = problem.y.stride();
        const float extra = problem.confidence - 1;
        std::copy_n(problem.gram, problem.factors * stride, matrix);
        std::fill_n(right, stride, 0.0F);
        for (const std::int32_t item : problem.items) {
            const float *y = problem.y.row(item);
            axpy(problem.confidence, y, right, stride);
            if (extra != 0)
                for (std::int64_t a = 0; a < problem.factors; ++a)
                    axpy(extra * y[a], y, matrix + a * stride, stride);
        }
    }

    APIARY_INLINE static void addTo(float *to, const float *from, std::int64_t count)
    {
        std::int64_t k = 0;
        for (; k + Lanes <= count; k += Lanes)
            *reinterpret_cast<Loose *>(to + k) += *reinterpret_cast<const Loose *>(from + k);
        for (; k < count; ++k)
            to[k] += from[k];
    }

    APIARY_INLINE static bool toUnit(const float *from, std::int64_t count, float *to)
    {
        double squares[Lanes]{};
        std::int64_t k = 0;
        for (; k + Lanes <= count; k += Lanes)
            for (int lane = 0; lane < Lanes; ++lane)
                squares[lane] += static_cast<double>(from[k + lane]) * from[k + lane];
        double square = 0;
        for (const double some : squares)
            square += some;
        for (; k < count; ++k)
            square += static_cast<double>(from[k]) * from[k];
        if (!std::isfinite(square)) // no sum of squares of floats leaves the range of doubles
            return false;
        const double scale = square > 0 ? 1 / std::sqrt(square) : 0;
        for (k = 0; k + Lanes <= count; k += Lanes)
            for (int lane = 0; lane < Lanes; ++lane)
                to[k + lane] = static_cast<float>(from[k + lane] * scale);
        for (; k < count; ++k)
            to[k] = static_cast<float>(from[k] * scale);
        return true;
    }
};

struct Kernels {
    void (*addGram)(const PaddedMatrix &, std::int64_t, std::int64_t, std::int64_t, float *);
    void (*conjugateGradients)(const RowProblem &, int, float *, float *);
    void (*normalEquations)(const RowProblem &, float *, float *);
    void (*addTo)(float *, const float *, std::int64_t);
    bool (*toUnit)(const float *, std::int64_t, float *);
};

#define APIARY_KERNELS(Name, Lanes, Target)                                                                            \
    Target void addGram##Name(const PaddedMatrix &y, std::int64_t begin, std::int64_t end, std::int64_t factors,       \
                              float *gram)                                                                             \
    {                                                                                                                  \
        Wide<Lanes>::addGram(y, begin, end, factors, gram);                                                            \
    }                                                                                                                  \
    Target void conjugateGradients##Name(const RowProblem &problem, int steps, float *x, float *work)                  \
    {                                                                                                                  \
        Wide<Lanes>::conjugateGradients(problem, steps, x, work);                                                      \
    }                                                                                                                  \
    Target void normalEquations##Name(const RowProblem &problem, float *matrix, float *right)                          \
    {                                                                                                                  \
        Wide<Lanes>::normalEquations(problem, matrix, right);                                                          \
    }                                                                                                                  \
    Target void addTo##Name(float *to, const float *from, std::int64_t count)                                          \
    {                                                                                                                  \
        Wide<Lanes>::addTo(to, from, count);                                                                           \
    }                                                                                                                  \
    Target bool toUnit##Name(const float *from, std::int64_t count, float *to)                                         \
    {                                                                                                                  \
        return Wide<Lanes>::toUnit(from, count, to);                                                                   \
    }                                                                                                                  \
    constexpr Kernels kernels##Name{addGram##Name, conjugateGradients##Name, normalEquations##Name, addTo##Name,       \
                                    toUnit##Name};

APIARY_KERNELS(Generic, 4, )
#if defined(__x86_64__) && defined(__GNUC__) && !defined(APIARY_SANITIZED)
APIARY_KERNELS(Avx2, 8, [[gnu::target("avx2,fma")]])
APIARY_KERNELS(Avx512, 16, [[gnu::target("avx512f")]])
#endif

const Kernels &best()
{
#if defined(__x86_64__) && defined(__GNUC__) && !defined(APIARY_SANITIZED)
    __builtin_cpu_init();
    static const Kernels &chosen = __builtin_cpu_supports("avx512f")                                 ? kernelsAvx512
                                   : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? kernelsAvx2
                                                                                                     : kernelsGeneric;
    return chosen;
#else
    return kernelsGeneric;
#endif
}

} // namespace

void addGram(const PaddedMatrix &y, std::int64_t begin, std::int64_t end, std::int64_t factors, float *gram)
{
    best().addGram(y, begin, end, factors, gram);
}

void conjugateGradients(const RowProblem &problem, int steps, float *x, float *work)
{
    best().conjugateGradients(problem, steps, x, work);
}

void normalEquations(const RowProblem &problem, float *matrix, float *right)
{
    best().normalEquations(problem, matrix, right);
}

void addTo(float *to, const float *from, std::int64_t count)
{
    best().addTo(to, from, count);
}

bool toUnit(const float *from, std::int64_t count, float *to)
{
    return best().toUnit(from, count, to);
}

} // namespace apiary::recsys
