#pragma once

#include "base/progress.h"
#include "data/dataset.h"
#include "data/statistics.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <vector>

namespace apiary::widgets {

/// A dataset with what the page draws of it. Immutable once made: tasks and views share it.
struct DatasetFacts {
    data::Dataset dataset;
    std::vector<std::int64_t> popularity; ///< users of each item
    std::vector<std::int64_t> activity;   ///< items of each user
    data::Curve items;                    ///< thinned, for the plot
    data::Curve users;
    data::Curve everyItem; ///< all ranks, for the table and the export
    data::Curve everyUser;
};
using FactsPtr = std::shared_ptr<const DatasetFacts>;

/// Reads a stored dataset; for a task's thread. Throws as data::readDataset().
FactsPtr loadFacts(const std::filesystem::path &folder, const ProgressFn &progress, std::stop_token stop);
/// The same of a dataset at hand.
FactsPtr factsOf(data::Dataset dataset);

/// Lengths in tokens, special ones included, of all texts by an encoder's tokenizer; for a task's thread.
data::LengthHistogram tokenLengths(const DatasetFacts &facts, const std::filesystem::path &encoder,
                                   std::stop_token stop);

} // namespace apiary::widgets
