#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace apiary {

/// A borrowed binary sparse matrix in compressed rows: row r holds columns[offsets[r] .. offsets[r + 1]), ascending.
struct CsrView {
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    std::span<const std::int64_t> offsets; ///< rows + 1
    std::span<const std::int32_t> columns; ///< one an entry
    std::span<const std::int64_t> times{}; ///< beside columns, any unit that ascends; empty where no order is known

    std::span<const std::int32_t> row(std::int64_t r) const
    {
        const auto i = static_cast<std::size_t>(r);
        return columns.subspan(static_cast<std::size_t>(offsets[i]),
                               static_cast<std::size_t>(offsets[i + 1] - offsets[i]));
    }
    /// The times of a row's entries; empty where no order is known.
    std::span<const std::int64_t> rowTimes(std::int64_t r) const
    {
        const auto i = static_cast<std::size_t>(r);
        return times.empty() ? times
                             : times.subspan(static_cast<std::size_t>(offsets[i]),
                                             static_cast<std::size_t>(offsets[i + 1] - offsets[i]));
    }
};

/// An owned binary sparse matrix in compressed rows.
struct Csr {
    std::int64_t cols = 0;
    std::vector<std::int64_t> offsets{0};
    std::vector<std::int32_t> columns;
    std::vector<std::int64_t> times{}; ///< as CsrView::times

    std::int64_t rows() const { return static_cast<std::int64_t>(offsets.size()) - 1; }
    CsrView view() const { return {rows(), cols, offsets, columns, times}; }
    operator CsrView() const { return view(); }
    /// Appends a row; `items` ascending.
    void addRow(std::span<const std::int32_t> items)
    {
        columns.insert(columns.end(), items.begin(), items.end());
        offsets.push_back(static_cast<std::int64_t>(columns.size()));
    }
};

} // namespace apiary
