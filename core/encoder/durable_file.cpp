#include "encoder/durable_file.h"

#include "base/error.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace apiary::encoder {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string &what, const fs::path &path, int code)
{
    const char *remedy = "check the disk";
    if (code == ENOSPC || code == EDQUOT)
        remedy = "free some disk space, then try again";
    else if (code == EACCES || code == EPERM || code == EROFS)
        remedy = "choose a folder that you may write to";
    else if (code == EEXIST || code == ENOTEMPTY)
        remedy = "choose another name, or remove what is there";
    else if (code == ENOENT)
        remedy = "check that the folder exists";
    throw Error(what + ": " + std::generic_category().message(code), path.string(), remedy);
}

struct Descriptor {
    int value;
    ~Descriptor()
    {
        if (value >= 0)
            ::close(value);
    }
};

} // namespace

DurableFile::DurableFile(const fs::path &path) : m_path(path)
{
    m_descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (m_descriptor < 0)
        fail("cannot be created", path, errno);
}

DurableFile::~DurableFile()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

void DurableFile::write(const void *data, std::size_t size)
{
    const char *at = static_cast<const char *>(data);
    while (size > 0) {
        const ssize_t written = ::write(m_descriptor, at, std::min<std::size_t>(size, std::size_t{1} << 26));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            fail("cannot be written", m_path, errno);
        at += written;
        size -= static_cast<std::size_t>(written);
    }
}

void DurableFile::finish()
{
    if (::fsync(m_descriptor) != 0)
        fail("cannot be brought to disk", m_path, errno);
    const int descriptor = std::exchange(m_descriptor, -1);
    if (::close(descriptor) != 0)
        fail("cannot be brought to disk", m_path, errno);
}

void copyDurably(const fs::path &from, const fs::path &to)
{
    const Descriptor source{::open(from.c_str(), O_RDONLY | O_CLOEXEC)};
    if (source.value < 0)
        fail("cannot be read", from, errno);
    DurableFile target(to);
    std::vector<char> buffer(std::size_t{1} << 20);
    for (;;) {
        const ssize_t count = ::read(source.value, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            fail("cannot be read", from, errno);
        if (count == 0)
            break;
        target.write(buffer.data(), static_cast<std::size_t>(count));
    }
    target.finish();
}

void syncFolder(const fs::path &folder)
{
    const Descriptor descriptor{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (descriptor.value < 0)
        fail("cannot be opened", folder, errno);
    // Some file systems cannot sync a folder (EINVAL); their renames need no more than the files' own fsync.
    if (::fsync(descriptor.value) != 0 && errno != EINVAL)
        fail("cannot be brought to disk", folder, errno);
}

void renameDurably(const fs::path &from, const fs::path &to)
{
    if (fs::is_directory(from)) {
        // RENAME_NOREPLACE is unknown to some file systems: there, an empty folder may be replaced, a full one never.
        int result = ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE);
        if (result != 0 && (errno == EINVAL || errno == ENOSYS))
            result = ::rename(from.c_str(), to.c_str());
        if (result != 0)
            fail("cannot be put in place", to, errno);
    } else if (::rename(from.c_str(), to.c_str()) != 0) {
        fail("cannot be put in place", to, errno);
    }
    syncFolder(to.has_parent_path() ? to.parent_path() : fs::path("."));
}

fs::path temporarySibling(const fs::path &path)
{
    static std::atomic<unsigned> counter{0};
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    return path.parent_path() / ("." + path.filename().string() + ".part-" + std::to_string(::getpid()) + "-" +
                                 std::to_string(now) + "-" + std::to_string(counter++));
}

} // namespace apiary::encoder
