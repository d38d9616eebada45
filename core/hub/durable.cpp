#include "hub/durable.h"

#include "base/error.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace apiary::hub {

namespace {

namespace fs = std::filesystem;

struct Descriptor {
    int value = -1;
    explicit Descriptor(int descriptor) : value(descriptor) {}
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    ~Descriptor()
    {
        if (value >= 0)
            ::close(value);
    }
};

void sync(const fs::path &path, int flags)
{
    const Descriptor descriptor(::open(path.c_str(), flags | O_CLOEXEC));
    if (descriptor.value < 0)
        throwFileError("cannot be opened", path, errno);
    // Some file systems cannot sync a folder (EINVAL); their renames need no more than the files' own fsync.
    if (::fsync(descriptor.value) != 0 && errno != EINVAL)
        throwFileError("cannot be brought to disk", path, errno);
}

} // namespace

void throwFileError(std::string_view what, const fs::path &path, int code)
{
    const std::string text = std::string(what) + ": " + std::generic_category().message(code);
    if (code == ENOSPC || code == EDQUOT || code == EFBIG)
        throw Error(text, path.string(), "free some disk space, then try again");
    if (code == EACCES || code == EPERM || code == EROFS)
        throw InputError(text, path.string(), "choose a folder that you may write to");
    if (code == EEXIST || code == ENOTEMPTY)
        throw InputError(text, path.string(), "choose another name, or remove what is there");
    if (code == ENOENT || code == ENOTDIR)
        throw InputError(text, path.string(), "check the path");
    throw Error(text, path.string(), "check the disk");
}

void syncFolder(const fs::path &folder)
{
    sync(folder.empty() ? fs::path(".") : folder, O_RDONLY | O_DIRECTORY);
}

void syncTree(const fs::path &folder)
{
    for (const fs::directory_entry &entry : fs::directory_iterator(folder)) {
        if (entry.is_symlink())
            continue;
        if (entry.is_directory())
            syncTree(entry.path());
        else
            sync(entry.path(), O_RDONLY);
    }
    syncFolder(folder);
}

void makeFolders(const fs::path &folder)
{
    std::error_code code;
    fs::create_directories(folder, code);
    if (code)
        throwFileError("the folder cannot be made", folder, code.value());
}

void writeDurably(const fs::path &path, std::string_view text)
{
    static std::atomic<unsigned> counter{0};
    const fs::path part = path.parent_path() / ("." + path.filename().string() + ".new-" + std::to_string(::getpid()) +
                                                "-" + std::to_string(counter++));
    int code = 0;
    {
        const Descriptor file(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
        if (file.value < 0)
            throwFileError("cannot be created", part, errno);
        while (!text.empty() && !code) {
            const ssize_t written = ::write(file.value, text.data(), text.size());
            if (written >= 0)
                text.remove_prefix(static_cast<std::size_t>(written));
            else if (errno != EINTR)
                code = errno;
        }
        if (!code && ::fsync(file.value) != 0)
            code = errno;
    }
    if (!code && ::rename(part.c_str(), path.c_str()) != 0)
        code = errno;
    if (code) {
        ::unlink(part.c_str());
        throwFileError("cannot be written", path, code);
    }
    syncFolder(path.parent_path());
}

void publishFolder(const fs::path &from, const fs::path &to)
{
    // RENAME_NOREPLACE is unknown to some file systems: there, an empty folder may be replaced, a full one never.
    int result = ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE);
    if (result != 0 && (errno == EINVAL || errno == ENOSYS))
        result = ::rename(from.c_str(), to.c_str());
    if (result != 0)
        throwFileError("cannot be put in place", to, errno);
    syncFolder(to.parent_path());
}

void requireSpace(const fs::path &folder, std::int64_t bytes)
{
    fs::path place = fs::absolute(folder);
    std::error_code code;
    while (!fs::exists(place, code) && place.has_relative_path())
        place = place.parent_path();
    const fs::space_info space = fs::space(place, code);
    if (code || bytes <= 0 || space.available >= static_cast<std::uintmax_t>(bytes))
        return;
    throw Error("the disk has " + sizeText(static_cast<std::int64_t>(space.available)) + " free, but " +
                    sizeText(bytes) + " are needed",
                folder.string(), "free some disk space, or choose another folder");
}

std::string sizeText(std::int64_t bytes)
{
    constexpr const char *units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    if (bytes < 1024)
        return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1023.95 && unit + 1 < std::size(units)) {
        value /= 1024;
        ++unit;
    }
    char text[48];
    std::snprintf(text, sizeof text, "%.1f %s", value, units[unit]);
    return text;
}

ExclusiveLock::ExclusiveLock(const fs::path &file, bool wait, std::string_view busy)
{
    m_descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (m_descriptor < 0)
        throwFileError("cannot be created", file, errno);
    int result = 0;
    do
        result = ::flock(m_descriptor, LOCK_EX | (wait ? 0 : LOCK_NB));
    while (result != 0 && errno == EINTR);
    if (result == 0)
        return;
    const int code = errno;
    ::close(m_descriptor);
    if (code == EWOULDBLOCK)
        throw Error(std::string(busy), file.string(), "wait for it, or end it");
    throwFileError("cannot be locked", file, code);
}

ExclusiveLock::~ExclusiveLock()
{
    ::close(m_descriptor);
}

} // namespace apiary::hub
