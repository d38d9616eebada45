#pragma once

#include "base/csr.h"

#include <cstdint>
#include <string>
#include <vector>

namespace apiary::data {

/// Who interacted with what: a binary users × items matrix in compressed rows. Items of a row ascend; a pair stands once.
/// Ids stay the strings of the source. Invariant: csr.rows() == users.size(), csr.cols == items.size().
struct Interactions {
    std::vector<std::string> users; ///< external id of each row
    std::vector<std::string> items; ///< external id of each column
    Csr csr;
    std::vector<std::int64_t> timestamps; ///< Unix seconds beside csr.columns, or empty where the source has none
    std::vector<float> ratings;           ///< beside csr.columns, or empty where the source has none

    std::int64_t userCount() const { return csr.rows(); }
    std::int64_t itemCount() const { return csr.cols; }
    std::int64_t count() const { return static_cast<std::int64_t>(csr.columns.size()); }
    double density() const;
};

/// items × users: row j holds the users of item j, ascending.
Csr transposed(const CsrView &csr);

} // namespace apiary::data
