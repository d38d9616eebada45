#include "run/dataset_place.h"

#include "base/error.h"
#include "store/project.h"

#include <algorithm>
#include <memory>
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
std::string nameOrHash(const fs::path &imported)
{
    const std::string last = imported.filename().string();
    return isHash(last) ? last : imported.string();
}

fs::path folderOf(const fs::path &imported, const store::Project &project)
{
    try {
        return project.importedDataset(nameOrHash(imported)).folder;
    } catch (const InputError &error) {
        throw InputError(error.problem(), field, error.remedy());
    }
}

bool needsProject(const fs::path &imported)
{
    return !imported.empty() && !isDataset(imported);
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

} // namespace apiary::run
