#include "data/interactions.h"

#include <cstddef>

namespace apiary::data {

double Interactions::density() const
{
    const double cells = static_cast<double>(userCount()) * static_cast<double>(itemCount());
    return cells > 0 ? static_cast<double>(count()) / cells : 0;
}

Csr transposed(const CsrView &csr)
{
    Csr result;
    result.cols = csr.rows;
    result.offsets.assign(static_cast<std::size_t>(csr.cols) + 1, 0);
    result.columns.resize(csr.columns.size());
    for (const std::int32_t column : csr.columns)
        ++result.offsets[static_cast<std::size_t>(column) + 1];
    for (std::size_t j = 1; j < result.offsets.size(); ++j)
        result.offsets[j] += result.offsets[j - 1];
    std::vector<std::int64_t> next(result.offsets.begin(), result.offsets.end() - 1);
    for (std::int64_t r = 0; r < csr.rows; ++r)
        for (const std::int32_t column : csr.row(r))
            result.columns[static_cast<std::size_t>(next[static_cast<std::size_t>(column)]++)] =
                static_cast<std::int32_t>(r);
    return result;
}

} // namespace apiary::data
