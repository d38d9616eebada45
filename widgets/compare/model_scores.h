#pragma once

#include "eval/comparison.h"
#include "store/project.h"

#include <QString>

#include <cstdint>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

namespace apiary::widgets {

/// One metric of one model: a value a user, beside the users' external ids.
struct UserScores {
    std::vector<std::string> users;
    std::vector<double> perUser;

    friend bool operator==(const UserScores &, const UserScores &) = default;
};

enum class ModelKind {
    Untrained,
    Tuned,
    Random,
    Added, ///< a further encoder, tested beside a run
    Other
};

/// A model that has test metrics, as read from a project.
struct ModelScores {
    std::string key; ///< stable between sessions: "untrained:<encoder hash>", "tuned:<run>", "random:<run>",
                     ///< "encoder:<hash>"
    QString label;   ///< what tables and plots call it
    ModelKind kind = ModelKind::Other;
    std::int64_t run = 0; ///< where the values come from
    std::map<std::string, UserScores> metrics;
    std::int64_t tested = 0;      ///< of an added one: its id in the store
    std::filesystem::path folder; ///< of an added one
};

/// Models that may be compared: evaluated on the same data and the same split.
struct ScoreSet {
    std::int64_t run = 0; ///< the one they were collected for
    QString dataset;
    std::vector<ModelScores> models;
    std::vector<std::string> metrics; ///< in the order in which they are shown
    std::uint64_t seed = 42;          ///< of the bootstrap, as the run's own comparison used it
    int resamples = 10000;
    double level = 0.95;
};

/// The models of a run and of every finished run with the same dataset hash and the same scenario: the run's untrained
/// encoder first, then its tuned one, other tuned ones (newest first), other untrained ones, further encoders that were
/// tested beside one of these runs, last the run's random floor. Untrained encoders of equal values stand once, and so do
/// further encoders of equal hash. No models where the run has no metrics yet.
/// Reads per-user values: not for the GUI thread. Throws Error, Cancelled.
ScoreSet collectScores(store::Project &project, std::int64_t run, std::stop_token stop = {});

/// One cell of the matrix. `users` are those whom model and baseline have in common; 0: there is nothing to compare.
struct ComparedCell {
    eval::Interval mean;
    eval::Interval difference;
    std::int64_t users = 0;
};

struct ComparedModel {
    std::string key;
    QString label;
    ModelKind kind = ModelKind::Other;
    std::int64_t run = 0;
    std::vector<ComparedCell> cells; ///< one a metric
    std::int64_t tested = 0;         ///< as in ModelScores
    std::filesystem::path folder;
};

/// Models × metrics against one of them.
struct ComparedModels {
    std::int64_t run = 0;
    QString dataset;
    std::vector<std::string> metrics;
    std::vector<ComparedModel> models;
    std::size_t baseline = 0;
    std::uint64_t seed = 0;
    int resamples = 0;
    double level = 0;
};

/// eval::compare() over the users that a model and the baseline share, joined by external id. Throws Error, Cancelled.
ComparedModels compareModels(const ScoreSet &scores, std::size_t baseline, std::stop_token stop = {});

} // namespace apiary::widgets
