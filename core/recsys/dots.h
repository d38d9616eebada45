#pragma once

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <span>

namespace apiary::recsys {

/// A row-major float matrix for dots(): rows start on 64-byte borders and are filled up with zeros to `stride` columns.
class PaddedMatrix {
public:
    struct Unset {};

    /// Zeros.
    PaddedMatrix(std::int64_t rows, std::int64_t columns);
    /// Whatever the memory holds: for who writes whole rows, the filling included, on several threads.
    PaddedMatrix(std::int64_t rows, std::int64_t columns, Unset);
    std::int64_t rows() const { return m_rows; }
    std::int64_t stride() const { return m_stride; }
    float *row(std::int64_t r) { return m_values.get() + r * m_stride; }
    const float *row(std::int64_t r) const { return m_values.get() + r * m_stride; }
    void setZero();

private:
    struct Free {
        void operator()(float *values) const { std::free(values); }
    };
    std::int64_t m_rows;
    std::int64_t m_stride;
    std::unique_ptr<float[], Free> m_values;
};

/// out[u · outStride + c] = max(least, users.row(u) · items.row(candidates[c])) for the first `userCount` rows. Every
/// product is summed column by column in the same order by the same instructions whatever surrounds it, so its bits
/// depend on the two vectors (and on the processor's instruction set) alone. Quickest for a hundred users or more at a
/// time: candidates are arranged anew in every call.
void dots(const PaddedMatrix &users, std::int64_t userCount, const PaddedMatrix &items,
          std::span<const std::int32_t> candidates, float *out, std::int64_t outStride,
          float least = -std::numeric_limits<float>::infinity());

} // namespace apiary::recsys
