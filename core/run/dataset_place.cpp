#include "run/dataset_place.h"

#include "base/error.h"
#include "run/run_files.h"
#include "store/project.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

namespace apiary::run {

namespace {

namespace fs = std::filesystem;

constexpr const char *field = "dataset.imported";
constexpr std::size_t hashDigits = 64;

bool isDataset(const fs::path &folder)
{
    std::error_code ignored;
    return fs::exists(folder / "dataset.json", ignored);
}

bool isHash(const std::string &text)
{
    return text.size() == hashDigits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// What the project is asked for: a folder that is not there any more may name the hash.
std::string wantedOf(const fs::path &imported)
{
    const std::string last = imported.filename().string();
    return isHash(last) ? last : imported.string();
}

fs::path folderOf(const fs::path &imported, const store::Project &project)
{
    try {
        return project.importedDataset(wantedOf(imported)).folder;
    } catch (const InputError &error) {
        throw InputError(error.problem(), field, error.remedy());
    }
}

bool needsProject(const fs::path &imported)
{
    return !imported.empty() && !isDataset(imported);
}

/// What `dataset.imported` of a stored run says; empty where it says nothing.
std::string importedOf(const store::RunRecord &run)
{
    const auto json = nlohmann::json::parse(run.specJson, nullptr, false);
    const auto dataset = json.is_object() ? json.find("dataset") : json.end();
    if (!json.is_object() || dataset == json.end() || !dataset->is_object())
        return {};
    const auto imported = dataset->find("imported");
    return imported != dataset->end() && imported->is_string() ? imported->get<std::string>() : std::string();
}

/// "import it again …", with the hashes that the project has known under the name; the run's own is that of what its
/// filter left, where there are others.
std::string importAgain(const store::Project &project, const std::string &name, const store::RunRecord &run)
{
    std::string hashes, own;
    for (const store::DatasetRecord &dataset : project.datasets())
        if (dataset.name == name || dataset.hash == name) {
            std::string &list = dataset.hash == run.datasetHash ? own : hashes;
            list += (list.empty() ? "" : " or ") + dataset.hash.substr(0, 12);
        }
    if (hashes.empty())
        hashes = own;
    return "import it again the same way" + (hashes.empty() ? "" : " (hash " + hashes + ")");
}

void requireDataOfRun(const store::Project &project, const store::RunRecord &run, const RunSpec &spec,
                      const std::string &datasetHash)
{
    if (run.datasetHash.empty() || datasetHash == run.datasetHash)
        return;
    const std::string name = "run " + std::to_string(run.id), imported = importedOf(run);
    if (imported.empty())
        throw InputError("the data has changed since " + name, dataPlace(spec),
                         "put the original files back, or run again");
    throw InputError("\"" + wantedOf(imported) + "\" is not the dataset any more that " + name + " was made from",
                     dataPlace(spec), importAgain(project, wantedOf(imported), run) + " to replace it, or run again");
}

InputError noProject(const fs::path &imported)
{
    return {"\"" + imported.string() + "\" is no folder of an imported dataset", field,
            "name the project that holds it, or the dataset's folder"};
}

} // namespace

RunSpec withDatasetFolder(RunSpec spec, const store::Project *project)
{
    fs::path &imported = spec.dataset.imported;
    if (!needsProject(imported))
        return spec;
    if (!project)
        throw noProject(imported);
    imported = folderOf(imported, *project);
    return spec;
}

RunSpec withDatasetFolder(RunSpec spec, const fs::path &project)
{
    if (!needsProject(spec.dataset.imported))
        return spec;
    if (project.empty())
        throw noProject(spec.dataset.imported);
    const auto opened = store::Project::open(project, store::Project::Mode::ReadOnly);
    return withDatasetFolder(std::move(spec), opened.get());
}

RunSpec withDatasetName(RunSpec spec, const store::Project &project)
{
    fs::path &imported = spec.dataset.imported;
    if (imported.empty())
        return spec;
    const fs::path folder = needsProject(imported) ? folderOf(imported, project) : imported;
    std::error_code ignored;
    for (const store::ImportedDataset &dataset : project.importedDatasets())
        if (fs::equivalent(dataset.folder, folder, ignored))
            imported = dataset.name;
    return spec;
}

std::vector<std::int64_t> runsUsingDataset(const store::Project &project, const std::string &nameOrHash)
{
    const store::ImportedDataset dataset = project.importedDataset(nameOrHash);
    constexpr std::size_t shortestHash = 8;
    std::vector<std::int64_t> runs;
    for (const store::RunRecord &run : project.runs()) {
        const std::string imported = importedOf(run);
        if (imported.empty())
            continue;
        const std::string asked = wantedOf(imported);
        if (asked == dataset.name || (asked.size() >= shortestHash && dataset.hash.starts_with(asked)))
            runs.push_back(run.id);
    }
    return runs;
}

RunSpec specOfRun(const store::Project &project, const store::RunRecord &run)
{
    RunSpec spec = parseSpec(run.specJson, "run " + std::to_string(run.id));
    const std::string imported = wantedOf(spec.dataset.imported);
    try {
        return withDatasetFolder(std::move(spec), &project);
    } catch (const InputError &) {
        throw InputError("the dataset \"" + imported + "\" that run " + std::to_string(run.id) +
                             " was made from is not in the project any more",
                         project.folder().string(), importAgain(project, imported, run));
    }
}

Inputs inputsOfRun(const store::Project &project, const store::RunRecord &run, const RunSpec &spec,
                   const ProgressFn &progress, const std::stop_token &stop)
{
    Inputs inputs;
    try {
        inputs = loadInputs(spec, progress, stop, storedSplit(project, run));
    } catch (const InputError &) { // other data do not fit the run's split
        requireDataOfRun(project, run, spec, data::loadDataset(spec.dataset, spec.filter, progress, stop).hash);
        throw;
    }
    requireDataOfRun(project, run, spec, inputs.dataset.hash);
    return inputs;
}

} // namespace apiary::run
