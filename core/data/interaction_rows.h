#pragma once

#include "base/progress.h"
#include "data/csv_table.h"
#include "data/dataset.h"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace apiary::data {

/// The rows of an interactions file with ids as numbers and the mark of those that filters have kept.
/// Items of the catalogue have the numbers of their rows there, unknown items those after.
struct InteractionRows {
    CsvTable table;                      ///< keeps the ids' memory
    std::vector<std::string_view> users; ///< external id of each user, in order of appearance
    std::vector<std::string_view> items; ///< external id of each item
    std::vector<std::int32_t> user;      ///< one a row, as are the following
    std::vector<std::int32_t> item;
    std::vector<float> rating;           ///< empty without a rating column
    std::vector<std::int64_t> time;      ///< empty without a timestamp column
    std::vector<char> kept;

    std::int64_t rows() const { return static_cast<std::int64_t>(user.size()); }
};

/// `catalogItems` are the ids of the items file. Throws InputError for a cell that is no number or no id.
InteractionRows readInteractionRows(const DatasetSource &source, const std::vector<std::string_view> &catalogItems,
                                    const ProgressFn &progress, std::stop_token stop);

/// Of each pair keeps the latest row (the last where times are equal or absent). Returns the rows dropped.
std::vector<std::int64_t> keepEachPairOnce(InteractionRows &rows, std::stop_token stop);

/// Number from a cell: finite, blanks around it allowed; nothing where it is none.
std::optional<double> finiteNumber(std::string_view cell);

} // namespace apiary::data
