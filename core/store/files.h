#pragma once

#include <filesystem>
#include <memory>

namespace apiary::store {

/// Puts a file's bytes, or a folder's list of names, on disk. Throws Error.
void syncFile(const std::filesystem::path &path);
/// Every file and folder below, then the folder itself.
void syncTree(const std::filesystem::path &folder);
/// Whether this process may make files in the folder.
bool writable(const std::filesystem::path &folder);

/// An exclusive lock on a file, held while the object lives and dropped by the system when the process dies.
class FileLock {
public:
    /// Throws Error where another holder has it (the message names its process id), or the file cannot be made.
    explicit FileLock(const std::filesystem::path &file);
    ~FileLock();
    FileLock(const FileLock &) = delete;
    FileLock &operator=(const FileLock &) = delete;

    /// Whether someone holds it now.
    static bool held(const std::filesystem::path &file);

private:
    int m_descriptor = -1;
};

} // namespace apiary::store
