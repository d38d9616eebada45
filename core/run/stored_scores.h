#pragma once

#include "run/result_table.h"
#include "store/project.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace apiary::run {

/// External ids of users, shared by all values beside them.
using UserIds = std::shared_ptr<const std::vector<std::string>>;

/// One metric of one model: a value a user.
struct UserScores {
    UserIds users;
    std::vector<double> perUser;

    friend bool operator==(const UserScores &a, const UserScores &b)
    {
        return a.perUser == b.perUser && (a.users == b.users || *a.users == *b.users);
    }
};

/// What a model reached on a segment of the test.
struct SegmentScores {
    UserIds users;
    bool ofUsers = false;                               ///< the values are those of the whole test
    std::map<std::string, std::vector<double>> metrics; ///< otherwise: values of a metric beside `users`
};

enum class ModelKind {
    Untrained,
    Tuned,
    Random,
    Added, ///< a further encoder, tested beside a run
    Other  ///< a recommender
};

/// A model that has test metrics, as read from a project.
struct ModelScores {
    std::string key;   ///< stable between sessions: "untrained:<encoder hash>", "tuned:<run>", "random:<run>",
                       ///< "encoder:<hash>"
    std::string label; ///< what tables and plots call it
    ModelKind kind = ModelKind::Other;
    std::int64_t run = 0; ///< where the values come from
    std::map<std::string, UserScores> metrics = {};
    std::map<std::string, double> totals = {};
    std::map<std::string, SegmentScores> segments = {};
    std::string encoderHash = {};
    std::string specHash = {};         ///< of its run
    std::string family = {};           ///< of a tuned one: its run's spec without seed and name
    std::uint64_t seed = 0;            ///< of its run
    std::int64_t tested = 0;           ///< of an added one: its id in the store
    std::filesystem::path folder = {}; ///< of an added one
};

/// Models that may be compared: evaluated on the same data and the same split.
struct ScoreSet {
    std::int64_t run = 0; ///< the one they were collected for
    std::vector<ModelScores> models;
    std::vector<std::string> metrics;  ///< in the order in which they are shown
    std::vector<std::string> totals;   ///< likewise
    std::vector<std::string> segments; ///< likewise
    std::string noSegments;            ///< a sentence on why there are none; empty where there are
    Provenance provenance;             ///< but for the models
    std::uint64_t seed = 42;           ///< of the bootstrap, as the run's own comparison used it
    int resamples = 10000;
    double level = 0.95;
};

/// The models of a run and of every finished run with the same dataset hash and the same scenario: the run's untrained
/// encoder first, then its tuned one, other tuned ones (newest first), other untrained ones, further encoders that were
/// tested beside one of these runs, recommenders, last the run's random floor. Models of equal values and name stand once,
/// and so do further encoders of equal hash. No models where the run has no metrics yet.
/// Reads per-user values: not for the GUI thread. Throws Error, Cancelled.
ScoreSet collectScores(store::Project &project, std::int64_t run, std::stop_token stop = {});

} // namespace apiary::run
