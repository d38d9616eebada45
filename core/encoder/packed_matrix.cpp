#include "encoder/packed_matrix.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <cstdlib>
#include <dlfcn.h>

namespace apiary::encoder {

namespace {

// The C interface of oneMKL's packed products (Developer Reference, cblas_?gemm_pack and cblas_?gemm_compute), with 32-bit
// integers as libtorch links it. libtorch exports them but carries no header for them.
using Size = std::size_t (*)(int identifier, int m, int n, int k);
using Pack = void (*)(int layout, int identifier, int transposed, int m, int n, int k, float alpha, const float *source,
                      int stride, float *packed);
using Compute = void (*)(int layout, int transposedA, int transposedB, int m, int n, int k, const float *a, int strideA,
                         const float *b, int strideB, float beta, float *c, int strideC);

constexpr int rowMajor = 101, notTransposed = 111, transposed = 112, packedMatrix = 151, matrixB = 162;
constexpr int usualRows = 512; // a hint to the packing
constexpr std::size_t alignment = 64;

struct Functions {
    Size size = nullptr;
    Pack pack = nullptr;
    Compute compute = nullptr;
    explicit operator bool() const { return size && pack && compute; }
};

const Functions &functions()
{
    static const Functions found = [] {
        Functions all;
        all.size = reinterpret_cast<Size>(dlsym(RTLD_DEFAULT, "cblas_sgemm_pack_get_size"));
        all.pack = reinterpret_cast<Pack>(dlsym(RTLD_DEFAULT, "cblas_sgemm_pack"));
        all.compute = reinterpret_cast<Compute>(dlsym(RTLD_DEFAULT, "cblas_sgemm_compute"));
        return all;
    }();
    return found;
}

// oneDNN's products with a matrix that is arranged beforehand, as operators of libtorch: about a tenth quicker than
// oneMKL's on processors that oneMKL has no kernels of its own for. Null where this libtorch has them not.
struct Operators {
    std::optional<c10::OperatorHandle> reorder, linear;
    explicit operator bool() const { return reorder && linear; }
};

const Operators &operators()
{
    static const Operators found = [] {
        const auto find = [](const char *name) { return c10::Dispatcher::singleton().findSchema({name, ""}); };
        return at::globalContext().userEnabledMkldnn()
                   ? Operators{find("mkldnn::_reorder_linear_weight"), find("mkldnn::_linear_pointwise")}
                   : Operators{};
    }();
    return found;
}

at::Tensor called(const c10::OperatorHandle &operation, std::vector<c10::IValue> stack)
{
    operation.callBoxed(&stack);
    return stack.front().toTensor();
}

} // namespace

std::shared_ptr<const PackedMatrix> PackedMatrix::of(const at::Tensor &weight)
{
    if (operators() && weight.device().is_cpu() && weight.scalar_type() == at::kFloat && weight.dim() == 2) {
        auto result = std::make_shared<PackedMatrix>();
        result->m_blocked = called(*operators().reorder, {weight.detach().contiguous(), std::int64_t{usualRows}});
        return result;
    }
    const Functions &mkl = functions();
    if (!mkl || !weight.device().is_cpu() || weight.scalar_type() != at::kFloat || weight.dim() != 2)
        return nullptr;
    const at::Tensor rows = weight.detach().contiguous();
    auto result = std::make_shared<PackedMatrix>();
    result->m_out = rows.size(0);
    result->m_in = rows.size(1);
    const auto n = static_cast<int>(result->m_out), k = static_cast<int>(result->m_in);
    const std::size_t bytes = (mkl.size(matrixB, usualRows, n, k) + alignment - 1) / alignment * alignment;
    auto *memory = static_cast<float *>(std::aligned_alloc(alignment, bytes));
    if (!memory)
        return nullptr;
    result->m_data = std::shared_ptr<float[]>(memory, [](float *p) { std::free(p); });
    mkl.pack(rowMajor, matrixB, transposed, usualRows, n, k, 1.0F, rows.const_data_ptr<float>(), k, memory);
    return result;
}

at::Tensor PackedMatrix::product(const at::Tensor &x) const
{
    const at::Tensor input = x.contiguous();
    if (m_blocked.defined())
        return called(*operators().linear, {input, m_blocked, c10::IValue(), std::string("none"),
                                            c10::List<std::optional<at::Scalar>>(), std::string()});
    at::Tensor y = at::empty({input.size(0), m_out}, input.options());
    const auto m = static_cast<int>(input.size(0)), n = static_cast<int>(m_out), k = static_cast<int>(m_in);
    functions().compute(rowMajor, notTransposed, packedMatrix, m, n, k, input.const_data_ptr<float>(), k, m_data.get(),
                        k, 0.0F, y.mutable_data_ptr<float>(), n);
    return y;
}

} // namespace apiary::encoder
