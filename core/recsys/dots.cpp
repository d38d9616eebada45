#include "recsys/dots.h"

#include "base/memory.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <new>

namespace apiary::recsys {

namespace {

constexpr std::int64_t rowFloats = 16;     // of 64 bytes: a cache line and the widest vector
constexpr std::int64_t panelFloats = 8192; // of a panel at a time: they stay near while users pass

struct Job {
    const PaddedMatrix &users;
    std::int64_t userCount;
    const PaddedMatrix &items;
    std::span<const std::int32_t> candidates;
    float *out;
    std::int64_t outStride;
    float least; ///< what lies below becomes it
};

template <int Lanes>
struct Wide {
    typedef float Vector __attribute__((vector_size(sizeof(float) * Lanes), may_alias));
    typedef float Loose __attribute__((vector_size(sizeof(float) * Lanes), may_alias, aligned(4)));
};

typedef float Four __attribute__((vector_size(16), may_alias));

/// Lays `Panel` items side by side, panel[k · Panel + c] = item(c)[k]: every step of a product then reads one line.
template <std::int64_t Panel>
[[gnu::always_inline]] inline void arrange(const float *const *item, std::int64_t columns, float *panel)
{
    for (std::int64_t k = 0; k < columns; k += 4) {
        for (std::int64_t c = 0; c < Panel; c += 4) {
            const Four a = *reinterpret_cast<const Four *>(item[c] + k);
            const Four b = *reinterpret_cast<const Four *>(item[c + 1] + k);
            const Four d = *reinterpret_cast<const Four *>(item[c + 2] + k);
            const Four e = *reinterpret_cast<const Four *>(item[c + 3] + k);
            const Four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5),
                       abHigh = __builtin_shufflevector(a, b, 2, 6, 3, 7);
            const Four de = __builtin_shufflevector(d, e, 0, 4, 1, 5),
                       deHigh = __builtin_shufflevector(d, e, 2, 6, 3, 7);
            float *to = panel + k * Panel + c;
            *reinterpret_cast<Four *>(to) = __builtin_shufflevector(ab, de, 0, 1, 4, 5);
            *reinterpret_cast<Four *>(to + Panel) = __builtin_shufflevector(ab, de, 2, 3, 6, 7);
            *reinterpret_cast<Four *>(to + 2 * Panel) = __builtin_shufflevector(abHigh, deHigh, 0, 1, 4, 5);
            *reinterpret_cast<Four *>(to + 3 * Panel) = __builtin_shufflevector(abHigh, deHigh, 2, 3, 6, 7);
        }
    }
}

/// Adds `steps` columns of `Users` users to their products with a panel of `Vectors` vectors, one after the other: sums
/// [Users × panel]. Steps are even.
template <int Lanes, int Vectors, int Users>
[[gnu::always_inline]] inline void tile(const float *const *user, const float *panel, std::int64_t steps, float *sums)
{
    using Vector = typename Wide<Lanes>::Vector;
    constexpr std::int64_t width = Lanes * Vectors;
    Vector sum[Users][Vectors];
#pragma GCC unroll 12
    for (int u = 0; u < Users; ++u)
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v)
            sum[u][v] = *reinterpret_cast<const Vector *>(sums + u * width + v * Lanes);
    for (std::int64_t pair = 0; pair < steps; pair += 2)
#pragma GCC unroll 2
        for (std::int64_t k = pair; k < pair + 2; ++k) {
            Vector items[Vectors];
#pragma GCC unroll 4
            for (int v = 0; v < Vectors; ++v)
                items[v] = *reinterpret_cast<const Vector *>(panel + k * width + v * Lanes);
#pragma GCC unroll 12
            for (int u = 0; u < Users; ++u) {
                const float value = user[u][k];
#pragma GCC unroll 4
                for (int v = 0; v < Vectors; ++v)
                    sum[u][v] += value * items[v];
            }
        }
#pragma GCC unroll 12
    for (int u = 0; u < Users; ++u)
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v)
            *reinterpret_cast<Vector *>(sums + u * width + v * Lanes) = sum[u][v];
}

/// A user's products with a panel, or the first `count` of them.
template <int Lanes>
[[gnu::always_inline]] inline void write(const float *sums, std::int64_t count, float least, float *out)
{
    using Vector = typename Wide<Lanes>::Vector;
    const Vector bottom = least - Vector{};
    std::int64_t c = 0;
    for (; c + Lanes <= count; c += Lanes) {
        const Vector sum = *reinterpret_cast<const Vector *>(sums + c);
        *reinterpret_cast<typename Wide<Lanes>::Loose *>(out + c) = bottom > sum ? bottom : sum; // NaN stays NaN
    }
    for (; c < count; ++c)
        out[c] = least > sums[c] ? least : sums[c];
}

/// Asks for the rows of the next panel, some cache lines at a time, while the products of this one are summed.
class RowsAhead {
public:
    RowsAhead(const Job &job, std::int64_t first, std::int64_t width, std::int64_t turns)
        : m_job(job)
        , m_first(first)
        , m_linesARow(job.items.stride() / rowFloats)
        , m_lines(std::clamp<std::int64_t>(std::ssize(job.candidates) - first, 0, width) * m_linesARow)
        , m_share((m_lines + turns - 1) / turns)
    {
    }

    void askForMore()
    {
        for (const std::int64_t end = std::min(m_lines, m_next + m_share); m_next < end; ++m_next) {
            const std::int64_t row = m_next / m_linesARow;
            const std::int32_t item = m_job.candidates[static_cast<std::size_t>(m_first + row)];
            __builtin_prefetch(m_job.items.row(item) + (m_next - row * m_linesARow) * rowFloats, 0, 2);
        }
    }

private:
    const Job &m_job;
    std::int64_t m_first, m_linesARow, m_lines, m_share, m_next = 0;
};

/// All users by the panels of all candidates. An end that fills no panel or tile takes its last item or user again, so
/// that the shape, and with it the order of every sum, never changes.
template <int Lanes, int Vectors, int Users>
[[gnu::always_inline]] inline void allTiles(const Job &job)
{
    constexpr std::int64_t width = Lanes * Vectors, stepBlock = panelFloats / width;
    const auto count = static_cast<std::int64_t>(job.candidates.size());
    const std::int64_t columns = job.users.stride(), tiles = (job.userCount + Users - 1) / Users;
    PaddedMatrix panel(1, columns * width), sums(1, tiles * Users * width);
    for (std::int64_t first = 0; first < count; first += width) {
        const std::int64_t wide = std::min(width, count - first);
        const float *item[width];
        for (std::int64_t c = 0; c < width; ++c)
            item[c] = job.items.row(job.candidates[static_cast<std::size_t>(first + std::min(c, wide - 1))]);
        arrange<width>(item, columns, panel.row(0));
        sums.setZero();
        RowsAhead ahead(job, first + width, width, tiles * ((columns + stepBlock - 1) / stepBlock));
        for (std::int64_t k = 0; k < columns; k += stepBlock)
            for (std::int64_t t = 0; t < tiles; ++t) {
                const float *user[Users];
                for (std::int64_t u = 0; u < Users; ++u)
                    user[u] = job.users.row(std::min(t * Users + u, job.userCount - 1)) + k;
                ahead.askForMore();
                tile<Lanes, Vectors, Users>(user, panel.row(0) + k * width, std::min(stepBlock, columns - k),
                                            sums.row(0) + t * Users * width);
            }
        for (std::int64_t u = 0; u < job.userCount; ++u)
            write<Lanes>(sums.row(0) + u * width, wide, job.least, job.out + u * job.outStride + first);
    }
}

using Kernel = void (*)(const Job &);

void dotsGeneric(const Job &job)
{
    allTiles<4, 2, 4>(job);
}

#if defined(__x86_64__) && defined(__GNUC__) && !defined(APIARY_SANITIZED)
[[gnu::target("avx2,fma")]] void dotsAvx2(const Job &job)
{
    allTiles<8, 4, 3>(job);
}

[[gnu::target("avx512f")]] void dotsAvx512(const Job &job)
{
    allTiles<16, 2, 12>(job);
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

/// Large ones in large pages where the system has them: rows are read here and there, and each page has to be looked up.
void *allocate(std::size_t bytes)
{
    if (bytes < largePage)
        return std::aligned_alloc(64, bytes);
    const std::size_t rounded = (bytes + largePage - 1) / largePage * largePage;
    void *memory = std::aligned_alloc(largePage, rounded);
    preferLargePages(memory, memory ? rounded : 0);
    return memory;
}

} // namespace

PaddedMatrix::PaddedMatrix(std::int64_t rows, std::int64_t columns) : PaddedMatrix(rows, columns, Unset{})
{
    setZero();
}

PaddedMatrix::PaddedMatrix(std::int64_t rows, std::int64_t columns, Unset)
    : m_rows(rows)
    , m_stride(std::max<std::int64_t>(1, (columns + rowFloats - 1) / rowFloats) * rowFloats)
{
    const auto bytes = static_cast<std::size_t>(std::max<std::int64_t>(1, rows) * m_stride) * sizeof(float);
    m_values.reset(static_cast<float *>(allocate(bytes)));
    if (!m_values)
        throw std::bad_alloc();
}

void PaddedMatrix::setZero()
{
    std::fill_n(m_values.get(), m_rows * m_stride, 0.0F);
}

void dots(const PaddedMatrix &users, std::int64_t userCount, const PaddedMatrix &items,
          std::span<const std::int32_t> candidates, float *out, std::int64_t outStride, float least)
{
    assert(userCount <= users.rows() && users.stride() == items.stride());
    static const Kernel kernel = bestKernel();
    kernel({users, userCount, items, candidates, out, outStride, least});
}

} // namespace apiary::recsys
