#include "hub/library.h"

#include "base/error.h"
#include "hub/durable.h"
#include "hub/encoder_names.h"
#include "hub/hub_cache.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace apiary::hub {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view trashPrefix = ".trash-";

std::string variable(const char *name)
{
    const char *value = std::getenv(name);
    return value ? value : "";
}

[[noreturn]] void badSettings(const std::string &what, const fs::path &file)
{
    throw InputError(what, file.string(), "correct it, or remove the file for the defaults");
}

/// The whole file as an object; an empty one where there is none.
Json readSettings(const fs::path &home)
{
    const fs::path file = home / "settings.json";
    std::error_code ignored;
    if (!fs::exists(file, ignored))
        return Json::object();
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        throwFileError("cannot be read", file, errno);
    std::ostringstream text;
    text << stream.rdbuf();
    Json json = Json::parse(text.str(), nullptr, false);
    if (json.is_discarded() || !json.is_object())
        badSettings("is not a JSON object", file);
    return json;
}

template <typename Value>
void take(const Json &json, const char *field, Value &value, const fs::path &home)
{
    const auto it = json.find(field);
    if (it == json.end() || it->is_null())
        return;
    if constexpr (std::is_same_v<Value, bool>) {
        if (!it->is_boolean())
            badSettings(std::string(field) + " is neither true nor false", home / "settings.json");
    } else if constexpr (std::is_integral_v<Value>) {
        if (!it->is_number_integer() || it->get<std::int64_t>() < 0)
            badSettings(std::string(field) + " is not a whole number of bytes", home / "settings.json");
    } else {
        if (!it->is_string())
            badSettings(std::string(field) + " is not a text", home / "settings.json");
    }
    value = it->get<Value>();
}

std::vector<std::string> userFolders(const Json &json, const fs::path &home)
{
    std::vector<std::string> folders;
    const auto it = json.find("encoderFolders");
    if (it == json.end())
        return folders;
    if (!it->is_array())
        badSettings("encoderFolders is not a list", home / "settings.json");
    for (const Json &entry : *it) {
        if (!entry.is_string())
            badSettings("encoderFolders holds something else than texts", home / "settings.json");
        folders.push_back(entry.get<std::string>());
    }
    return folders;
}

/// Reads, changes and replaces the file, one process at a time.
void changeSettings(const fs::path &home, const std::function<void(Json &)> &change)
{
    makeFolders(home);
    const ExclusiveLock lock(home / ".settings.lock", true);
    Json json = readSettings(home);
    change(json);
    writeDurably(home / "settings.json", json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

fs::path settled(const fs::path &folder)
{
    std::error_code code;
    fs::path path = fs::weakly_canonical(fs::absolute(folder, code), code);
    if (code)
        path = folder.lexically_normal();
    return path.has_filename() ? path : path.parent_path();
}

} // namespace

fs::path homeFolder()
{
    if (const std::string home = variable("APIARY_HOME"); !home.empty())
        return home;
    if (const std::string data = variable("XDG_DATA_HOME"); !data.empty())
        return fs::path(data) / "apiary";
    const std::string user = variable("HOME");
    return fs::path(user.empty() ? "." : user) / ".local/share/apiary";
}

Settings loadSettings(const fs::path &home)
{
    const Json json = readSettings(home);
    Settings settings;
    take(json, "hubBase", settings.hubBase, home);
    take(json, "offline", settings.offline, home);
    take(json, "embeddingCacheBytes", settings.embeddingCacheBytes, home);
    return settings;
}

void saveSettings(const Settings &settings, const fs::path &home)
{
    changeSettings(home, [&](Json &json) {
        json["hubBase"] = settings.hubBase;
        json["offline"] = settings.offline;
        json["embeddingCacheBytes"] = settings.embeddingCacheBytes;
    });
}

bool looksLikeEncoder(const fs::path &folder)
{
    std::error_code ignored;
    if (!fs::is_regular_file(folder / "config.json", ignored) && !fs::is_regular_file(folder / "modules.json", ignored))
        return false;
    for (const char *below : {"", "0_Transformer"})
        for (const char *name : {"model.safetensors", "model.safetensors.index.json"})
            if (fs::is_regular_file(folder / below / name, ignored)) // follows links: a dangling one is not there
                return true;
    return false;
}

std::string folderName(const std::string &name, const std::string &revision)
{
    std::string folder = name;
    if (const auto slash = folder.find('/'); slash != std::string::npos)
        folder.replace(slash, 1, "--");
    if (!revision.empty() && revision != "main")
        folder += "@" + revision;
    std::replace(folder.begin(), folder.end(), '/', '-');
    return folder;
}

std::string repositoryName(std::string folderName)
{
    if (const auto dashes = folderName.find("--"); dashes != std::string::npos)
        folderName.replace(dashes, 2, "/");
    return folderName;
}

EncoderLibrary::EncoderLibrary(fs::path home) : m_home(std::move(home)) {}

fs::path EncoderLibrary::encodersFolder() const
{
    return m_home / "encoders";
}

std::vector<KnownEncoder> EncoderLibrary::list() const
{
    std::vector<KnownEncoder> known;
    std::set<fs::path> seen;
    const auto add = [&](KnownEncoder encoder) {
        if (seen.insert(settled(encoder.folder)).second)
            known.push_back(std::move(encoder));
    };
    const auto byName = [](const KnownEncoder &a, const KnownEncoder &b) { return a.name < b.name; };

    std::vector<KnownEncoder> part;
    std::error_code code;
    for (fs::directory_iterator it(encodersFolder(), code), end; !code && it != end; it.increment(code)) {
        std::error_code ignored;
        std::string name = it->path().filename().string();
        if (name.starts_with('.') || !it->is_directory(ignored))
            continue;
        if (!fs::exists(it->path() / "config.json", ignored) && !fs::exists(it->path() / "modules.json", ignored))
            continue;
        part.push_back({repositoryName(name), it->path(), Origin::Installed});
    }
    const auto flush = [&] {
        std::sort(part.begin(), part.end(), byName);
        std::for_each(part.begin(), part.end(), add);
        part.clear();
    };
    flush();
    for (const fs::path &cache : cacheFolders())
        for (KnownEncoder &encoder : encodersInCache(cache))
            part.push_back(std::move(encoder));
    flush();
    for (const std::string &folder : userFolders(readSettings(m_home), m_home))
        part.push_back({encoderName(folder), folder, Origin::Folder});
    flush();
    tellApart(known);
    return known;
}

KnownEncoder EncoderLibrary::find(const std::string &text) const
{
    std::error_code ignored;
    const bool there = !text.empty() && fs::is_directory(text, ignored);
    const fs::path path = settled(text);
    std::vector<KnownEncoder> known;
    try {
        known = list();
    } catch (const Error &) {
        if (!there) // a folder needs no settings
            throw;
    }
    const auto named = std::find_if(known.begin(), known.end(), [&](const auto &one) { return one.name == text; });
    const auto listed =
        std::find_if(known.begin(), known.end(), [&](const auto &one) { return settled(one.folder) == path; });
    if (there && listed != known.end())
        return *listed;
    if (there)
        return {encoderName(text), text, Origin::Folder};
    if (listed == known.end() && named == known.end())
        throw InputError("is neither a folder nor an encoder of this machine", "\"" + text + "\"",
                         "name the encoder's folder, or a name that `apiary-cli encoders list` shows");
    return named != known.end() ? *named : *listed;
}

void EncoderLibrary::addFolder(const fs::path &folder)
{
    const fs::path path = settled(folder);
    std::error_code ignored;
    if (!fs::is_directory(path, ignored))
        throw InputError("there is no such folder", path.string(), "name an encoder's folder");
    if (!looksLikeEncoder(path))
        throw InputError("is no encoder: it has no config.json or modules.json, or no weights in safetensors",
                         path.string(),
                         "name a folder as sentence-transformers saves it (save_pretrained with safetensors)");
    changeSettings(m_home, [&](Json &json) {
        std::vector<std::string> folders = userFolders(json, m_home);
        if (std::find(folders.begin(), folders.end(), path.string()) == folders.end())
            folders.push_back(path.string());
        json["encoderFolders"] = folders;
    });
}

void EncoderLibrary::removeFolder(const fs::path &folder)
{
    changeSettings(m_home, [&](Json &json) {
        std::vector<std::string> folders = userFolders(json, m_home);
        const auto gone = std::remove_if(folders.begin(), folders.end(), [&](const std::string &known) {
            return known == folder.string() || settled(known) == settled(folder);
        });
        if (gone == folders.end())
            throw InputError("is not among the folders that were added", folder.string(),
                             "apiary-cli encoders list shows them");
        folders.erase(gone, folders.end());
        json["encoderFolders"] = folders;
    });
}

fs::path EncoderLibrary::trash(const fs::path &folder)
{
    std::error_code ignored;
    const fs::path parent = folder.has_filename() ? folder.parent_path() : folder.parent_path().parent_path();
    if (!fs::is_directory(folder, ignored) || settled(parent) != settled(encodersFolder()))
        throw InputError("is not an encoder that was installed", folder.string(),
                         "only folders in " + encodersFolder().string() + " can be removed");
    const fs::path path = folder.has_filename() ? folder : folder.parent_path();
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    const fs::path trashed =
        encodersFolder() / (std::string(trashPrefix) + std::to_string(now) + "-" + path.filename().string());
    publishFolder(path, trashed);
    return trashed;
}

void EncoderLibrary::restore(const fs::path &trashed, const fs::path &folder)
{
    publishFolder(trashed, folder);
}

void EncoderLibrary::emptyTrash()
{
    std::error_code code;
    for (fs::directory_iterator it(encodersFolder(), code), end; !code && it != end; it.increment(code)) {
        std::error_code ignored;
        if (it->path().filename().string().starts_with(trashPrefix))
            fs::remove_all(it->path(), ignored);
    }
}

} // namespace apiary::hub
