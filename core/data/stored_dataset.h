#pragma once

#include "data/import.h"

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>

namespace apiary::data {

/// An imported dataset as a folder:
///     interactions.feather  user, item (int32, places in the next two), rating (float), time (int64, Unix seconds)
///     users.feather         id
///     items.feather         id, title, text and every column of the source ("field:NAME")
///     dataset.json          name, hash, counts, warnings, what was left out and why, how it was made, the files with their
///                           hashes
///     bad_rows.csv          file, line, column, reason
///     review.csv            kind, item, line, title, text
/// Files are written into `folder`, which is there and empty, and not synced: the caller publishes the folder.
void writeDataset(const Imported &imported, const std::filesystem::path &folder, std::stop_token stop = {});

/// Reads one again and checks its hash. Throws InputError for a folder that is none or was changed.
Dataset readDataset(const std::filesystem::path &folder, const ProgressFn &progress = {}, std::stop_token stop = {});
/// dataset.json alone.
nlohmann::ordered_json readDatasetCard(const std::filesystem::path &folder);

/// dataset.json of an import.
nlohmann::ordered_json datasetCard(const Imported &imported);

/// The paper's filter over a dataset that is in memory already; its counts follow those it has. Throws InputError where
/// nothing is left.
Dataset filtered(Dataset dataset, const DatasetFilter &filter);

} // namespace apiary::data
