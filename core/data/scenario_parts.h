#pragma once

#include "data/scenario.h"

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
/// loadScenario() without its checks.
void readLists(const std::filesystem::path &folder, const Interactions &interactions, Scenario &scenario,
               const std::stop_token &stop);
/// Throws InputError unless every interaction has a time.
void requireTimes(const Interactions &interactions, ScenarioKind kind);

} // namespace apiary::data
