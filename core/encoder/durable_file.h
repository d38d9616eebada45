#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace apiary::encoder {

/// A new file that is written, then brought to disk. Every failure throws Error with the system's reason.
class DurableFile {
public:
    /// Creates the file; one that is there already is an error.
    explicit DurableFile(const std::filesystem::path &path);
    ~DurableFile();
    DurableFile(const DurableFile &) = delete;
    DurableFile &operator=(const DurableFile &) = delete;

    void write(const void *data, std::size_t size);
    void write(std::string_view text) { write(text.data(), text.size()); }
    /// fsync and close; without it the destructor just closes.
    void finish();

private:
    std::filesystem::path m_path;
    int m_descriptor = -1;
};

void copyDurably(const std::filesystem::path &from, const std::filesystem::path &to);
/// Brings a folder's entries to disk.
void syncFolder(const std::filesystem::path &folder);
/// Renames a file over `to`, or a folder to a name that nothing has yet; then brings the parent folder to disk.
void renameDurably(const std::filesystem::path &from, const std::filesystem::path &to);
/// A hidden name beside `path` that no other call of this machine gives.
std::filesystem::path temporarySibling(const std::filesystem::path &path);

} // namespace apiary::encoder
