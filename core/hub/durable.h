#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace apiary::hub {

/// A failed system call as an error with place and remedy: InputError where the user may not write there, Error where the
/// disk is full or broken. `code` is an errno.
[[noreturn]] void throwFileError(std::string_view what, const std::filesystem::path &path, int code);

/// Writes a file under a temporary name beside it, brings it to disk and renames it over `path`.
void writeDurably(const std::filesystem::path &path, std::string_view text);
/// Brings a folder's list of names to disk.
void syncFolder(const std::filesystem::path &folder);
/// Brings every file and folder below, and the folder itself, to disk.
void syncTree(const std::filesystem::path &folder);
/// Renames to a name that nothing has yet and brings the parent folder to disk.
void publishFolder(const std::filesystem::path &from, const std::filesystem::path &to);
/// create_directories with an error of ours.
void makeFolders(const std::filesystem::path &folder);
/// Throws Error where the disk that holds (or will hold) `folder` has fewer than `bytes` free.
void requireSpace(const std::filesystem::path &folder, std::int64_t bytes);
/// "90.0 MiB".
std::string sizeText(std::int64_t bytes);

/// An exclusive lock on a file, made where it is not there, held while the object lives and dropped by the system when the
/// process dies.
class ExclusiveLock {
public:
    /// `wait` false: throws Error with `busy` as its text where another holder has it.
    ExclusiveLock(const std::filesystem::path &file, bool wait, std::string_view busy = {});
    ~ExclusiveLock();
    ExclusiveLock(const ExclusiveLock &) = delete;
    ExclusiveLock &operator=(const ExclusiveLock &) = delete;

private:
    int m_descriptor = -1;
};

} // namespace apiary::hub
