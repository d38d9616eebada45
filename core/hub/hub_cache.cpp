#include "hub/hub_cache.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace apiary::hub {

namespace {

namespace fs = std::filesystem;

fs::path variable(const char *name)
{
    const char *value = std::getenv(name);
    return value ? fs::path(value) : fs::path();
}

/// The given folder, or the first of the fallbacks that has a base.
fs::path firstOf(std::initializer_list<std::pair<fs::path, const char *>> candidates)
{
    for (const auto &[base, below] : candidates)
        if (!base.empty())
            return *below ? base / below : base;
    return {};
}

std::vector<fs::path> foldersIn(const fs::path &folder)
{
    std::vector<fs::path> folders;
    std::error_code code;
    for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
        std::error_code ignored;
        if (it->is_directory(ignored) && !it->path().filename().string().starts_with('.'))
            folders.push_back(it->path());
    }
    std::sort(folders.begin(), folders.end());
    return folders;
}

std::string firstWord(const fs::path &file)
{
    std::ifstream stream(file);
    std::string word;
    stream.width(128);
    stream >> word;
    return word;
}

void addSnapshots(const fs::path &repository, std::vector<KnownEncoder> &encoders)
{
    const std::string name = repositoryName(repository.filename().string().substr(8)); // models--
    const std::string main = firstWord(repository / "refs" / "main");
    const auto snapshots = foldersIn(repository / "snapshots");
    for (const fs::path &snapshot : snapshots) {
        if (!looksLikeEncoder(snapshot))
            continue;
        const std::string commit = snapshot.filename().string();
        const bool named = commit == main || snapshots.size() == 1;
        encoders.push_back({named ? name : name + "@" + commit.substr(0, 8), snapshot, Origin::HubCache});
    }
}

} // namespace

std::vector<fs::path> cacheFolders()
{
    const fs::path user = variable("HOME");
    const fs::path cache = firstOf({{variable("XDG_CACHE_HOME"), ""}, {user, ".cache"}});
    const fs::path candidates[] = {
        firstOf({{variable("HF_HUB_CACHE"), ""},
                 {variable("HUGGINGFACE_HUB_CACHE"), ""},
                 {variable("HF_HOME"), "hub"},
                 {cache, "huggingface/hub"}}),
        firstOf({{variable("SENTENCE_TRANSFORMERS_HOME"), ""},
                 {variable("TORCH_HOME"), "sentence_transformers"},
                 {cache, "torch/sentence_transformers"}}),
    };
    std::vector<fs::path> folders;
    for (const fs::path &folder : candidates) {
        std::error_code ignored;
        if (!folder.empty() && fs::is_directory(folder, ignored) &&
            std::find(folders.begin(), folders.end(), folder) == folders.end())
            folders.push_back(folder);
    }
    return folders;
}

std::vector<KnownEncoder> encodersInCache(const fs::path &cache)
{
    std::vector<KnownEncoder> encoders;
    for (const fs::path &folder : foldersIn(cache)) {
        const std::string name = folder.filename().string();
        if (name.starts_with("models--"))
            addSnapshots(folder, encoders);
        else if (looksLikeEncoder(folder))
            encoders.push_back({name, folder, Origin::HubCache});
    }
    return encoders;
}

} // namespace apiary::hub
