#include "store/files.h"

#include "base/error.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

namespace apiary::store {

namespace {

/// held() takes the lock for an instant, so a first refusal is tried again before it counts.
constexpr int lockTries = 5;
constexpr std::chrono::milliseconds lockPause{20};

[[noreturn]] void failWith(const std::string &what, const std::filesystem::path &path, int code)
{
    std::string remedy;
    if (code == EACCES || code == EPERM || code == EROFS)
        remedy = "check that you may write there";
    else if (code == ENOSPC || code == EDQUOT)
        remedy = "free space on this disk and try again";
    throw Error(what + ": " + std::strerror(code), path.string(), remedy);
}

std::string holder(int descriptor)
{
    char text[32] = {};
    const ssize_t size = pread(descriptor, text, sizeof text - 1, 0);
    std::string id(text, size > 0 ? static_cast<std::size_t>(size) : 0);
    while (!id.empty() && id.back() == '\n')
        id.pop_back();
    return id;
}

} // namespace

void syncFile(const std::filesystem::path &path)
{
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        failWith("cannot be opened to put it on disk", path, errno);
    const int code = fsync(descriptor) == 0 ? 0 : errno;
    close(descriptor);
    if (code != 0)
        failWith("cannot be put on disk", path, code);
}

void syncTree(const std::filesystem::path &folder)
{
    for (const auto &entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file() || entry.is_directory())
            syncFile(entry.path());
    syncFile(folder);
}

bool writable(const std::filesystem::path &folder)
{
    return access(folder.c_str(), W_OK | X_OK) == 0;
}

FileLock::FileLock(const std::filesystem::path &file)
{
    m_descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (m_descriptor < 0)
        failWith("the project's lock cannot be made", file, errno);
    for (int tries = 1; flock(m_descriptor, LOCK_EX | LOCK_NB) != 0; ++tries) {
        const int code = errno;
        if (code == EWOULDBLOCK && tries < lockTries) {
            std::this_thread::sleep_for(lockPause);
            continue;
        }
        const std::string id = holder(m_descriptor);
        close(m_descriptor);
        if (code != EWOULDBLOCK)
            failWith("the project cannot be locked", file, code);
        throw Error("another process" + (id.empty() ? std::string() : " (" + id + ")") + " is writing to this project",
                    file.parent_path().string(),
                    "close it or wait until it ends; read-only uses of the project work meanwhile");
    }
    const std::string id = std::to_string(getpid()) + "\n";
    if (ftruncate(m_descriptor, 0) != 0 || pwrite(m_descriptor, id.data(), id.size(), 0) < 0)
        return; // the number is for messages only
}

FileLock::~FileLock()
{
    close(m_descriptor);
}

bool FileLock::held(const std::filesystem::path &file)
{
    const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    const bool taken = flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(descriptor);
    return taken;
}

} // namespace apiary::store
