#pragma once

#include <ATen/ATen.h>
#include <cstdint>
#include <memory>

namespace apiary::encoder {

/// A matrix W [out, in] in the layout in which oneDNN's or oneMKL's products read it, made once for many products x·Wᵀ, which
/// otherwise arrange it anew each time: about a tenth of their time where x has some hundreds of rows.
/// A copy: it does not follow W.
class PackedMatrix {
public:
    /// Null where this libtorch brings neither, or W is no float32 matrix on the processor.
    static std::shared_ptr<const PackedMatrix> of(const at::Tensor &weight);

    /// x·Wᵀ for x [rows, in], float32.
    at::Tensor product(const at::Tensor &x) const;

private:
    std::int64_t m_out = 0;
    std::int64_t m_in = 0;
    std::shared_ptr<float[]> m_data; ///< oneMKL's arrangement, or
    at::Tensor m_blocked;            ///< oneDNN's
};

} // namespace apiary::encoder
