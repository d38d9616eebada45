#include "recsys/dots.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <new>

namespace apiary::recsys {

namespace {

constexpr std::int64_t rowFloats = 16; // of 64 bytes: a cache line and the widest vector
constexpr std::int64_t tileUsers = 4;  // with two items: eight sums at a time, which fit in sixteen registers
constexpr std::int64_t stripItems = 8; // item rows that stay in the first-level cache while users pass

struct Job {
    const PaddedMatrix &users;
    std::int64_t userCount;
    const PaddedMatrix &items;
    std::span<const std::int32_t> candidates;
    float *out;
    std::int64_t outStride;
};

/// Four users by two items. Lanes are summed pairwise at the end.
template <int Lanes>
[[gnu::always_inline]] inline void tile(const float *user, std::int64_t stride, const float *itemA, const float *itemB,
                                        float *sums)
{
    typedef float Vector __attribute__((vector_size(sizeof(float) * Lanes), may_alias));
    const float *user1 = user + stride;
    const float *user2 = user1 + stride;
    const float *user3 = user2 + stride;
    Vector a0{}, a1{}, a2{}, a3{}, b0{}, b1{}, b2{}, b3{};
    for (std::int64_t k = 0; k < stride; k += Lanes) {
        const Vector a = *reinterpret_cast<const Vector *>(itemA + k);
        const Vector b = *reinterpret_cast<const Vector *>(itemB + k);
        const Vector u0 = *reinterpret_cast<const Vector *>(user + k);
        a0 += u0 * a;
        b0 += u0 * b;
        const Vector u1 = *reinterpret_cast<const Vector *>(user1 + k);
        a1 += u1 * a;
        b1 += u1 * b;
        const Vector u2 = *reinterpret_cast<const Vector *>(user2 + k);
        a2 += u2 * a;
        b2 += u2 * b;
        const Vector u3 = *reinterpret_cast<const Vector *>(user3 + k);
        a3 += u3 * a;
        b3 += u3 * b;
    }
    alignas(64) float lanes[8][Lanes];
    const Vector *const all[8] = {&a0, &b0, &a1, &b1, &a2, &b2, &a3, &b3};
    for (int i = 0; i < 8; ++i)
        *reinterpret_cast<Vector *>(lanes[i]) = *all[i];
    for (int i = 0; i < 8; ++i) {
        for (int half = Lanes / 2; half > 0; half /= 2)
            for (int l = 0; l < half; ++l)
                lanes[i][l] += lanes[i][l + half];
        sums[i] = lanes[i][0];
    }
}

template <int Lanes>
[[gnu::always_inline]] inline void allTiles(const Job &job)
{
    const auto count = static_cast<std::int64_t>(job.candidates.size());
    const std::int64_t stride = job.users.stride();
    const auto item = [&](std::int64_t c) { return job.items.row(job.candidates[static_cast<std::size_t>(c)]); };
    for (std::int64_t strip = 0; strip < count; strip += stripItems) {
        const std::int64_t stripEnd = std::min(strip + stripItems, count);
        for (std::int64_t u = 0; u < job.userCount; u += tileUsers) {
            const std::int64_t users = std::min(tileUsers, job.userCount - u);
            for (std::int64_t c = strip; c < stripEnd; c += 2) {
                // An odd end takes its last item twice, so that the tile's shape never changes.
                const bool pair = c + 1 < stripEnd;
                float sums[2 * tileUsers];
                tile<Lanes>(job.users.row(u), stride, item(c), item(pair ? c + 1 : c), sums);
                for (std::int64_t i = 0; i < users; ++i) {
                    float *out = job.out + (u + i) * job.outStride + c;
                    out[0] = sums[2 * i];
                    if (pair)
                        out[1] = sums[2 * i + 1];
                }
            }
        }
    }
}

using Kernel = void (*)(const Job &);

void dotsGeneric(const Job &job)
{
    allTiles<4>(job);
}

#if defined(__x86_64__) && defined(__GNUC__) && !defined(APIARY_SANITIZED)
[[gnu::target("avx2,fma")]] void dotsAvx2(const Job &job)
{
    allTiles<8>(job);
}

[[gnu::target("avx512f")]] void dotsAvx512(const Job &job)
{
    allTiles<16>(job);
}

Kernel bestKernel()
{
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f"))
        return dotsAvx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return dotsAvx2;
    return dotsGeneric;
}
#else
Kernel bestKernel()
{
    return dotsGeneric;
}
#endif

} // namespace

PaddedMatrix::PaddedMatrix(std::int64_t rows, std::int64_t columns)
    : m_rows(rows)
    , m_stride(std::max<std::int64_t>(1, (columns + rowFloats - 1) / rowFloats) * rowFloats)
{
    const auto bytes = static_cast<std::size_t>(std::max<std::int64_t>(1, rows) * m_stride) * sizeof(float);
    m_values.reset(static_cast<float *>(std::aligned_alloc(64, bytes)));
    if (!m_values)
        throw std::bad_alloc();
    setZero();
}

void PaddedMatrix::setZero()
{
    std::fill_n(m_values.get(), m_rows * m_stride, 0.0F);
}

void dots(const PaddedMatrix &users, std::int64_t userCount, const PaddedMatrix &items,
          std::span<const std::int32_t> candidates, float *out, std::int64_t outStride)
{
    assert(users.rows() % tileUsers == 0 && userCount <= users.rows() && users.stride() == items.stride());
    static const Kernel kernel = bestKernel();
    kernel({users, userCount, items, candidates, out, outStride});
}

} // namespace apiary::recsys
