#pragma once

#include "data/dataset.h"
#include "data/split.h"
#include "explore/neighbours.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace apiary::store {
class Project;
}

namespace apiary::run {

/// Everything that Explore shows of one run, loaded and ready: immutable, share it between threads.
struct ExploreSession {
    std::int64_t run = 0;
    data::Dataset dataset;
    data::ItemSplit split;
    std::string baseName;                          ///< "all-MiniLM-L6-v2"
    std::unique_ptr<explore::SemanticIndex> base;  ///< of the untrained encoder
    std::unique_ptr<explore::SemanticIndex> tuned; ///< null while the run has no tuned encoder
    std::unique_ptr<explore::InteractionIndex> interactions;
    explore::RoleOverlap baseOverlap; ///< overlap@10 with interaction neighbours
    explore::RoleOverlap tunedOverlap;
    std::vector<std::string> searchKeys; ///< titles and ids as search() compares them; made by loadExploreSession

    /// Items whose title or id holds every word of the query, ignoring case; titles that begin with it first, then by
    /// popularity.
    std::vector<std::int32_t> search(const std::string &query, int limit) const;
    /// Index of an external item id; nothing where there is none.
    std::optional<std::int32_t> find(const std::string &id) const;
};

/// Loads a run of the project: reads the dataset again, takes embeddings from the run's files (they are written by the
/// runner) and encodes only what is missing. Throws Error where the data or the encoder is gone.
std::shared_ptr<const ExploreSession> loadExploreSession(store::Project &project, std::int64_t run,
                                                         const ProgressFn &progress = {}, std::stop_token stop = {});

} // namespace apiary::run
