#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace apiary::hub {

/// Where Apiary keeps what belongs to no project: APIARY_HOME, else $XDG_DATA_HOME/apiary, else ~/.local/share/apiary.
/// Need not exist yet.
std::filesystem::path homeFolder();

/// HOME/settings.json.
struct Settings {
    std::string hubBase;  ///< address of the hub; empty: HF_ENDPOINT or the public one
    bool offline = false; ///< nothing is fetched from the network
    std::int64_t embeddingCacheBytes = std::int64_t{2} << 30; ///< limit of the embedding cache; 0 keeps nothing
};
/// Defaults where there is no file or field. Throws InputError for a file that is not what it should be.
Settings loadSettings(const std::filesystem::path &home = homeFolder());
/// Replaces the file atomically; fields that are not known here stay as they are. Throws InputError or Error.
void saveSettings(const Settings &settings, const std::filesystem::path &home = homeFolder());

/// How an encoder came to be known.
enum class Origin {
    Installed, ///< in HOME/encoders
    HubCache,  ///< in the cache of the Hugging Face libraries; never changed by Apiary
    Folder     ///< named by the user
};

struct KnownEncoder {
    std::string name; ///< as people call it: "all-MiniLM-L6-v2", "org/name", "run 3 of films"
    std::filesystem::path folder;
    Origin origin = Origin::Folder;
};

/// Whether a folder has what a sentence encoder needs: config.json or modules.json, and weights in safetensors.
/// A look at names only.
bool looksLikeEncoder(const std::filesystem::path &folder);

/// The encoders of this machine. Holds no state but the path: any thread, any number of objects and processes.
class EncoderLibrary {
public:
    explicit EncoderLibrary(std::filesystem::path home = homeFolder());

    const std::filesystem::path &home() const { return m_home; }
    /// HOME/encoders: one folder an installed encoder. Hidden names there are work in progress or trash.
    std::filesystem::path encodersFolder() const;
    /// Installed ones, those of the local Hugging Face cache, and the user's folders, in this order and each by name.
    /// A folder is listed once, and no two have the same name (see tellApart()). User folders that have gone are listed
    /// still, so that they can be removed. Throws InputError where HOME/settings.json is broken.
    std::vector<KnownEncoder> list() const;
    /// The encoder that a text means: a folder, or a name as list() gives it; a folder that is there goes first. Throws
    /// InputError where it is neither. A listed folder that has gone is found.
    KnownEncoder find(const std::string &text) const;
    /// Remembers a folder. Throws InputError where it is no encoder.
    void addFolder(const std::filesystem::path &folder);
    /// Forgets a folder that addFolder() remembered; its files stay. Throws InputError where it is not remembered.
    void removeFolder(const std::filesystem::path &folder);
    /// Moves an installed encoder out of sight within HOME/encoders; returns where to. Throws InputError for others.
    std::filesystem::path trash(const std::filesystem::path &folder);
    /// Moves it back to the place it had. Throws InputError where that is taken.
    void restore(const std::filesystem::path &trashed, const std::filesystem::path &folder);
    /// Deletes what trash() moved, for good.
    void emptyTrash();

private:
    std::filesystem::path m_home;
};

/// The folder's name of an encoder in HOME/encoders: "org/name" becomes "org--name", a revision follows after "@".
std::string folderName(const std::string &name, const std::string &revision = {});
/// The other way: "org--name" means "org/name".
std::string repositoryName(std::string folderName);

} // namespace apiary::hub
