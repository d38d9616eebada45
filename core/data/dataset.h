#pragma once

#include "base/progress.h"
#include "data/catalog.h"
#include "data/interactions.h"

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace apiary::data {

/// Where a dataset comes from and how its columns are read. The delimiter is detected where it is empty; RecBole's
/// typed headers ("user_id:token") are understood by their names before the colon.
struct DatasetSource {
    std::string name;
    std::filesystem::path interactions;
    std::filesystem::path items;
    std::string userColumn = "user_id";
    std::string itemColumn = "item_id";
    std::string ratingColumn;    ///< empty: every row counts
    std::string timestampColumn; ///< empty: none
    std::string itemIdColumn = "item_id";
    std::string titleColumn = "title"; ///< empty: the ids are the titles
    std::string titleTemplate; ///< e.g. "{movie_title} ({release_year})"; where it is set, titleColumn is not read
    std::string textTemplate;  ///< e.g. "{movie_title} ({release_year}). Genres: {class}"; see text_template.h
    std::string delimiter;     ///< one character for both files
    /// The folder of an imported dataset (see stored_dataset.h); where it is set, nothing but the name is read of the
    /// above. In an experiment it may be the dataset's name or hash in the project, see run::withDatasetFolder().
    std::filesystem::path imported;
};

/// The paper's filter: a rating of at least minRating counts as 1, items need text, users keep at least
/// minUserInteractions (counted once, after the other two). Items that no user is left for are dropped.
struct DatasetFilter {
    double minRating = 4.0;
    int minUserInteractions = 5;
};

/// What a filter step left, in the order of the steps. Items and users are those with an interaction left.
/// The steps are "read", "each pair once", "rating at least R" (with a rating column only), "items with text" and
/// "users with at least N".
struct FilterCount {
    std::string step;
    std::int64_t users = 0;
    std::int64_t items = 0;
    std::int64_t interactions = 0;
};

struct Dataset {
    std::string name;
    Interactions interactions;
    Catalog catalog; ///< aligned with interactions' columns
    std::vector<FilterCount> counts;
    std::vector<std::string> warnings; ///< rows left out and why, with line numbers where they are known
    std::string hash;                  ///< datasetHash() of what the filter left
};

/// Reads, joins, filters. Items keep the order of the items file, users that of their first kept row. A pair that
/// stands more than once counts as its latest row in time, or its last row where times are equal or absent; this
/// comes before the rating threshold. Blanks around ids are not part of them.
/// A dataset that was imported is taken from its folder and then filtered.
/// Throws InputError naming file, line or column and a remedy; Cancelled on stop.
Dataset loadDataset(const DatasetSource &source, const DatasetFilter &filter, const ProgressFn &progress = {},
                    std::stop_token stop = {});

/// SHA-256 in hex over user ids, item ids, interactions with their times and ratings, and texts. The byte stream
/// holds lengths and numbers as 64-bit little-endian integers, so that equal data gives equal hashes on any machine.
std::string datasetHash(const Interactions &interactions, const Catalog &catalog, std::stop_token stop = {});

} // namespace apiary::data
