#pragma once

#include "data/dataset.h"
#include "data/split.h"
#include "embed/agreement.h"
#include "explore/neighbours.h"
#include "run/run_spec.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace apiary::store {
class Project;
}

namespace apiary::run {

/// What an encoder is to the run in view.
enum class EncoderRole {
    Base,  ///< the one that the run began with
    Tuned, ///< the one that it made
    Other  ///< any other, chosen by the user
};

/// An encoder's view of the items: immutable, share it between threads.
struct ExploreEncoder {
    std::string name; ///< "all-MiniLM-L6-v2"; of a tuned one, its run's name
    EncoderRole role = EncoderRole::Other;
    std::unique_ptr<explore::SemanticIndex> index;
    explore::RoleOverlap overlap; ///< overlap@10 with interaction neighbours
    /// Of an approximate encoder: how near it comes to the exact one.
    std::optional<embed::Agreement> agreement = {};
};

/// Everything that Explore shows of one run, loaded and ready: immutable, share it between threads.
struct ExploreSession {
    std::int64_t run = 0;
    RunSpec spec;
    data::Dataset dataset;
    data::ItemSplit split;
    /// Base, then Tuned where the run has one. Others stand beside the session: see loadExploreEncoder().
    std::vector<std::shared_ptr<const ExploreEncoder>> encoders;
    std::unique_ptr<explore::InteractionIndex> interactions;
    std::vector<std::string> searchKeys; ///< titles and ids as search() compares them; made by loadExploreSession

    /// The encoder of a role; null where there is none.
    std::shared_ptr<const ExploreEncoder> encoder(EncoderRole role) const;
    /// Items whose title or id holds every word of the query, ignoring case; titles that begin with it first, then by
    /// popularity.
    std::vector<std::int32_t> search(const std::string &query, int limit) const;
    /// Index of an external item id; nothing where there is none.
    std::optional<std::int32_t> find(const std::string &id) const;
};

/// Loads a run of the project: reads the dataset again, takes embeddings from the run's files (they are written by the
/// runner), then from the embedding cache, and encodes only what is missing in both. Throws Error where the data or the
/// encoder is gone.
std::shared_ptr<const ExploreSession> loadExploreSession(store::Project &project, std::int64_t run,
                                                         const ProgressFn &progress = {}, std::stop_token stop = {});

/// A further encoder's view of a session's items, through the embedding cache. Device, threads and the maximum of tokens
/// are the run's. Where it is to be approximate (int8) some texts are encoded exactly, too. Throws Error where the folder holds no encoder that Apiary can load, Cancelled.
std::shared_ptr<const ExploreEncoder> loadExploreEncoder(const ExploreSession &session, const std::string &name,
                                                         const std::filesystem::path &folder,
                                                         embed::Precision precision = embed::Precision::Exact,
                                                         const ProgressFn &progress = {}, std::stop_token stop = {});

} // namespace apiary::run
