#pragma once

#include "run/run_spec.h"

#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

namespace apiary::run {

/// A field of the table joined to its place in a RunSpec.
struct Binding {
    FieldInfo info;
    std::function<nlohmann::ordered_json(const RunSpec &)> get;
    std::function<void(RunSpec &, const nlohmann::ordered_json &)> set; ///< the value has passed checkValue
};
const std::vector<Binding> &bindings();

/// What a field takes, for messages: "a number from 1e-09 to 1".
std::string expectation(const FieldInfo &field);
/// Throws InputError at `where` unless the field can take the value.
void checkValue(const FieldInfo &field, const nlohmann::ordered_json &value, const std::string &where);

/// Whether the scenario reads the field: a value that it does not read decides nothing.
bool scenarioReads(const ScenarioSpec &scenario, const std::string &path);

} // namespace apiary::run
