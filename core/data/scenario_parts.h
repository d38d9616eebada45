#pragma once

#include "data/scenario.h"

#include <functional>
#include <string>

namespace apiary::data {

/// What an interaction is for; one a column entry of the matrix.
enum class Part : std::int8_t { Training, Validation, Test, None };

/// Fills training, validation and test of a scenario in which a user's own history is divided: sources of the validation
/// are the user's training entries, those of the test the validation entries too. All items are candidates.
void divideRows(const Interactions &interactions, const std::vector<Part> &parts, Scenario &scenario);
/// Roles of items in a scenario whose candidates are not held out by item.
ItemSplit rolesOf(const Scenario &scenario, std::int64_t items);
std::vector<std::int32_t> allItems(std::int64_t items);

void divideByTime(const Interactions &interactions, const ScenarioOptions &options, Scenario &scenario);
void divideLastOut(const Interactions &interactions, Scenario &scenario);
void divideByUsers(const Interactions &interactions, const ScenarioOptions &options, Scenario &scenario);
/// Where a pair stands in a list of a ready-made split ("test_targets.csv"): "FOLDER/test_targets.csv:7". Sources that have no
/// list of their own stand in training.csv. The item −1 finds a row of the user.
using RowPlace = std::function<std::string(const std::string &list, std::int32_t user, std::int32_t item)>;
/// checkNoLeak() of a split that was read: a row at fault is named by its file and line.
void checkNoLeak(const Scenario &scenario, const Interactions &interactions, const RowPlace &place);
/// The file is read again for it.
std::string rowPlace(const std::filesystem::path &folder, const Interactions &interactions, const std::string &list,
                     std::int32_t user, std::int32_t item);

/// loadScenario() without its checks.
void readLists(const std::filesystem::path &folder, const Interactions &interactions, Scenario &scenario,
               const std::stop_token &stop);
/// Throws InputError unless every interaction has a time.
void requireTimes(const Interactions &interactions, ScenarioKind kind);

} // namespace apiary::data
