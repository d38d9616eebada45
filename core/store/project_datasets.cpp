#include "base/error.h"
#include "store/project.h"
#include "store/project_private.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace apiary::store {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view stagingName = ".staging", replacedPrefix = ".replaced-";
constexpr std::size_t shortestHash = 8;

/// What dataset.json in a folder says; no name where there is none that can be read.
ImportedDataset readCard(const fs::path &folder)
{
    ImportedDataset dataset;
    std::ifstream stream(folder / "dataset.json", std::ios::binary);
    const auto card = stream ? nlohmann::json::parse(stream, nullptr, false) : nlohmann::json();
    if (card.is_object() && card.contains("name") && card["name"].is_string() && card.contains("hash") &&
        card["hash"].is_string())
        dataset = {card["name"], card["hash"], folder};
    return dataset;
}

void moveFolder(const fs::path &from, const fs::path &to)
{
    std::error_code code;
    fs::rename(from, to, code);
    if (code)
        throw Error("cannot be renamed: " + code.message(), from.string(), "check the disk and its permissions");
}

/// Where a folder may be the dataset that is asked for and its dataset.json cannot be read, says so.
void throwIfDamaged(const fs::path &datasets, const std::string &nameOrHash)
{
    std::error_code ignored;
    for (const auto &entry : fs::directory_iterator(datasets, ignored)) {
        const std::string folder = entry.path().filename().string();
        if (!folder.starts_with('.') && entry.is_directory(ignored) && readCard(entry.path()).hash.empty())
            throw InputError("has no dataset \"" + nameOrHash +
                                 "\" that can be read, and its dataset.json is damaged or missing",
                             entry.path().string(), "import the dataset again, and remove this folder");
    }
}

std::string listed(const std::vector<ImportedDataset> &datasets)
{
    std::string text;
    for (const ImportedDataset &dataset : datasets)
        text += (text.empty() ? "" : ", ") + dataset.name;
    return text;
}

} // namespace

void checkDatasetName(const std::string &name)
{
    const bool control = std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    const bool blank = name.find_first_not_of(" .") == std::string::npos;
    if (control || blank || name.front() == ' ' || name.back() == ' ')
        throw InputError(control ? "the dataset's name holds a control character"
                                 : "\"" + name + "\" cannot be a dataset's name",
                         "name", "give a name such as \"films\"");
}

void Project::Private::sweepDatasets() const
{
    std::error_code ignored;
    if (!fs::is_directory(datasets(), ignored))
        return;
    std::vector<fs::path> left;
    for (const auto &entry : fs::directory_iterator(datasets(), ignored))
        if (entry.path().filename().string().starts_with('.'))
            left.push_back(entry.path());
    for (const fs::path &path : left) {
        const std::string name = path.filename().string();
        const fs::path original =
            name.starts_with(replacedPrefix) ? datasets() / name.substr(replacedPrefix.size()) : fs::path();
        if (!original.empty() && !fs::exists(original, ignored))
            fs::rename(path, original, ignored); // the process died between the two renames
        else
            fs::remove_all(path, ignored);
    }
}

fs::path Project::datasetStaging()
{
    d->requireWriter();
    const fs::path folder = d->datasets() / stagingName;
    std::error_code code;
    fs::remove_all(folder, code);
    fs::create_directories(folder, code);
    if (code)
        throw Error("the dataset's folder cannot be made: " + code.message(), folder.string(),
                    "check that you may write there, and the disk's free space");
    return folder;
}

ImportedDataset Project::publishDataset(const DatasetRecord &dataset, bool replace)
{
    d->requireWriter();
    checkDatasetName(dataset.name);
    const fs::path staging = d->datasets() / stagingName, folder = d->datasets() / dataset.hash;
    std::vector<fs::path> gone;
    for (const ImportedDataset &other : importedDatasets()) {
        const bool sameName = other.name == dataset.name, sameHash = other.hash == dataset.hash;
        if (!sameName && !sameHash)
            continue;
        if (sameName && !sameHash && !replace)
            throw InputError("the project has another dataset of the name \"" + dataset.name + "\"", d->folder.string(),
                             "choose another name, or replace it");
        if (sameHash && !sameName) // never replaced: experiments may name it
            throw InputError("the project has these data already, as \"" + other.name + "\"", d->folder.string(),
                             "use them under that name");
        gone.push_back(other.folder);
    }
    syncTree(staging);
    std::vector<std::pair<fs::path, fs::path>> moved;
    try {
        for (const fs::path &old : gone) {
            const fs::path aside = d->datasets() / (std::string(replacedPrefix) + old.filename().string());
            moveFolder(old, aside);
            moved.emplace_back(old, aside);
        }
        moveFolder(staging, folder);
        moved.emplace_back(staging, folder);
        syncFile(d->datasets());
        recordDataset(dataset);
    } catch (...) {
        std::error_code ignored;
        for (auto move = moved.rbegin(); move != moved.rend(); ++move)
            fs::rename(move->second, move->first, ignored);
        throw;
    }
    std::error_code ignored;
    for (const auto &[old, aside] : moved)
        if (aside != folder)
            fs::remove_all(aside, ignored);
    return {dataset.name, dataset.hash, folder};
}

std::vector<ImportedDataset> Project::importedDatasets() const
{
    std::vector<ImportedDataset> result;
    std::error_code ignored;
    for (const auto &entry : fs::directory_iterator(d->datasets(), ignored)) {
        if (entry.path().filename().string().starts_with('.'))
            continue;
        ImportedDataset dataset = readCard(entry.path());
        if (!dataset.hash.empty())
            result.push_back(std::move(dataset));
    }
    std::sort(result.begin(), result.end(),
              [](const ImportedDataset &a, const ImportedDataset &b) { return a.name < b.name; });
    return result;
}

ImportedDataset Project::importedDataset(const std::string &nameOrHash) const
{
    const std::vector<ImportedDataset> all = importedDatasets();
    const ImportedDataset *found = nullptr;
    for (const ImportedDataset &dataset : all)
        if (dataset.name == nameOrHash)
            found = &dataset;
    for (const ImportedDataset &dataset : all)
        if (!found && nameOrHash.size() >= shortestHash && dataset.hash.starts_with(nameOrHash))
            found = &dataset;
    if (!found) {
        throwIfDamaged(d->datasets(), nameOrHash);
        throw InputError("the project has no dataset \"" + nameOrHash + "\"", d->folder.string(),
                         all.empty() ? "import one on the page Data, or with `apiary-cli import`"
                                     : "it has: " + listed(all));
    }
    return *found;
}

void Project::removeDataset(const std::string &nameOrHash)
{
    d->requireWriter();
    const ImportedDataset dataset = importedDataset(nameOrHash);
    const fs::path aside = d->datasets() / stagingName;
    std::error_code code;
    fs::remove_all(aside, code);
    moveFolder(dataset.folder, aside); // so that a crash leaves no half of it
    fs::remove_all(aside, code);
}

} // namespace apiary::store
