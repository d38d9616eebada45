#pragma once

#include "run/inputs.h"
#include "run/run_spec.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace apiary::store {
class Project;
struct RunRecord;
} // namespace apiary::store

namespace apiary::run {

/// The spec with the folder of its imported dataset in `dataset.imported`, as data::loadDataset() reads it. There it may be
/// the name of a dataset of the project, its hash (or at least 8 digits of it) or a folder; a folder of a project that has
/// been moved since is found by the hash that its name is. A spec without an imported dataset stays as it is. `project`
/// may be null where a folder is meant. Throws InputError with the field as its place.
RunSpec withDatasetFolder(RunSpec spec, const store::Project *project);
/// The same for a project's folder, which is opened to be read where a name has to be looked up; empty: none is named.
RunSpec withDatasetFolder(RunSpec spec, const std::filesystem::path &project);

/// The spec with the name of its imported dataset where that is one of the project's own, however it was named: what a
/// run keeps, so that it can be read again after the project's folder was moved. Other specs stay as they are.
RunSpec withDatasetName(RunSpec spec, const store::Project &project);

/// Ids of the project's runs whose experiment names this dataset of the project (by name or hash), newest first.
std::vector<std::int64_t> runsUsingDataset(const store::Project &project, const std::string &nameOrHash);

/// The spec that a run was made by, with the folder of its imported dataset. Throws InputError that says how to get a
/// dataset back that was removed since.
RunSpec specOfRun(const store::Project &project, const store::RunRecord &run);
/// Its data, divided as the run divided them. Throws InputError where the data are not those of the run.
Inputs inputsOfRun(const store::Project &project, const store::RunRecord &run, const RunSpec &spec,
                   const ProgressFn &progress, const std::stop_token &stop);

} // namespace apiary::run
