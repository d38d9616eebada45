#pragma once

#include "data/interactions.h"
#include "data/split.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace apiary::data {

/// How interactions are divided into what is trained on, what chooses the best weights, and what is tested.
enum class ScenarioKind : std::int8_t {
    /// Held-out items (coldStartSplit or publishedSplit): nobody's history has them, they alone are candidates.
    ColdStart,
    /// The same items as ColdStart, for an encoder that is trained elsewhere or not at all.
    ZeroShot,
    /// Everything at and after a moment is the test, so that its share is the wanted one or a little more where the moment
    /// has several interactions. The validation is cut off the earlier part in the same way. A user's sources are all
    /// interactions before the moment (training and, for the test, validation); users without any are left out. All items
    /// are candidates, those that training never saw too.
    TimeSplit,
    /// Users in a seeded order are cut into `folds` parts; fold number `fold` is the test, the next users in that order
    /// (beginning again at the end) the validation. Of each held-out user's items, in a seeded order, sourceShare are
    /// sources (rounded; at least one, and one is left as a target), the rest targets; users with one item are left out.
    /// All items are candidates.
    UserSplit,
    /// A user's last interaction is the test target, the one before the validation target, all earlier ones training.
    /// Interactions of one moment count in the order of the items. Users with fewer than three are trained on only.
    /// All items are candidates. Others' later interactions are trained on: this says nothing about the future.
    LeaveLastOut,
    /// Lists in a folder: see loadScenario().
    ReadyMade
};

const char *
name(ScenarioKind kind); ///< "cold-start", "zero-shot", "time-split", "user-split", "leave-last-out", "ready-made"
std::optional<ScenarioKind> scenarioKind(const std::string &name);

struct ScenarioOptions {
    ScenarioKind kind = ScenarioKind::ColdStart;
    double testShare = 0.2;       ///< of the items (cold start, zero-shot) or of the interactions (time split)
    double validationShare = 0.1; ///< of the items, of the earlier interactions, or of the users (user split)
    std::uint64_t seed = 42;
    std::int64_t publishedDraws = 0; ///< cold start, zero-shot: publishedSplit() with so many draws instead of shares
    int folds = 5;
    int fold = 0; ///< 0 … folds − 1
    double sourceShare = 0.8;
    std::filesystem::path folder; ///< of a ready-made split
};

/// A dataset divided.
struct Scenario {
    ScenarioKind kind = ScenarioKind::ColdStart;
    Csr training;                            ///< users with a training interaction × all items
    std::vector<std::int32_t> trainingUsers; ///< row of the dataset of each training row, ascending
    EvaluationTask validation;
    EvaluationTask test;
    /// What training knows of each item: Train where it may take part, Validation or Test where it is held out or, outside
    /// of a cold start, where only later or other users have it.
    ItemSplit items;
    std::string hash; ///< scenarioHash()

    std::vector<std::int32_t> trainItems() const { return items.items(ItemRole::Train); }
};

/// Divides; the result has passed checkNoLeak() and has its hash. Throws InputError where the options leave nobody to train
/// on or to evaluate, or need times that the interactions lack.
Scenario makeScenario(const Interactions &interactions, const ScenarioOptions &options, std::stop_token stop = {});

/// Throws where anything of the test or of the validation could be known before, whatever the kind:
/// - a training row, or a source, holds a target of the same user, or a pair that is no interaction of the dataset;
/// - the targets of the validation hold a target of the test;
/// - a task has a user twice or one without source or target, a candidate twice, or a target that is no candidate;
/// and by kind: a held-out item in training or in a source; a training row or a source that is not earlier than every
/// target; a held-out user in training; a target that is not its user's last. A ready-made split throws
/// InputError, from loadScenario() with the file and line of a row at fault; another names its kind and seed.
void checkNoLeak(const Scenario &scenario, const Interactions &interactions);

/// SHA-256 in hex over the lists that saveScenario() writes, in their order, each with its name and size: equal for equal
/// splits of equal ids, whatever made them.
std::string scenarioHash(const Scenario &scenario, const Interactions &interactions);

/// Writes the split as CSV files of external ids (UTF-8, a header, comma):
///   training.csv (user,item)
///   validation_sources.csv, validation_targets.csv, test_sources.csv, test_targets.csv (user,item)
///   validation_candidates.csv, test_candidates.csv (item)
///   split.json (kind, hash, counts)
/// under a temporary name that becomes `folder` at the end. Does nothing where `folder` holds a split of the same hash;
/// throws InputError where it holds anything else.
void saveScenario(const Scenario &scenario, const Interactions &interactions, const std::filesystem::path &folder);

/// Reads such a folder, whoever wrote it. training.csv, validation_targets.csv and test_targets.csv must be there; sources
/// left out are the users' training rows, candidates left out all items, split.json does not matter unless it names a hash:
/// then the lists must have it. Throws InputError naming file and line for an id or a pair that the dataset does not have or
/// that stands twice, and for every leak.
Scenario loadScenario(const std::filesystem::path &folder, const Interactions &interactions, std::stop_token stop = {});

} // namespace apiary::data
