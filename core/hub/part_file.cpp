#include "hub/part_file.h"

#include "base/error.h"
#include "hub/durable.h"

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace apiary::hub {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::string text(const Json &json, const char *field)
{
    const auto it = json.find(field);
    return it != json.end() && it->is_string() ? it->get<std::string>() : std::string();
}

} // namespace

PartFile::PartFile(const fs::path &file) : m_path(file.string() + ".part"), m_notes(file.string() + ".part.json")
{
    while (!open()) {}
    std::ifstream stream(m_notes, std::ios::binary);
    if (!stream)
        return;
    const Json json = Json::parse(stream, nullptr, false);
    if (!json.is_object())
        return;
    url = text(json, "url");
    etag = text(json, "etag");
    modified = text(json, "modified");
}

/// False where another process published the file between the opening and the lock: what is locked then is the file itself.
bool PartFile::open()
{
    m_descriptor = ::open(m_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (m_descriptor < 0)
        throwFileError("cannot be created", m_path, errno);
    if (::flock(m_descriptor, LOCK_EX | LOCK_NB) != 0) {
        const int code = errno;
        ::close(m_descriptor);
        if (code != EWOULDBLOCK)
            throwFileError("cannot be locked", m_path, code);
        throw Error("is being fetched by another program", m_path.string(), "wait for it, or end it");
    }
    struct stat mine = {};
    struct stat named = {};
    if (::fstat(m_descriptor, &mine) == 0 && ::stat(m_path.c_str(), &named) == 0 && mine.st_ino == named.st_ino) {
        m_size = mine.st_size;
        return true;
    }
    ::close(m_descriptor);
    return false;
}

PartFile::~PartFile()
{
    ::close(m_descriptor);
}

void PartFile::append(std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(m_descriptor, bytes.data(), bytes.size(), m_size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            throwFileError("cannot be written", m_path, errno);
        m_size += written;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void PartFile::clear()
{
    if (::ftruncate(m_descriptor, 0) != 0)
        throwFileError("cannot be emptied", m_path, errno);
    m_size = 0;
}

void PartFile::note() const
{
    std::ofstream(m_notes, std::ios::binary | std::ios::trunc)
        << Json({{"url", url}, {"etag", etag}, {"modified", modified}})
               .dump(-1, ' ', false, Json::error_handler_t::replace);
}

void PartFile::publish(const fs::path &file)
{
    if (::fsync(m_descriptor) != 0)
        throwFileError("cannot be brought to disk", m_path, errno);
    if (::rename(m_path.c_str(), file.c_str()) != 0)
        throwFileError("cannot be put in place", file, errno);
    ::unlink(m_notes.c_str());
    syncFolder(file.parent_path());
}

void PartFile::remove() const
{
    ::unlink(m_notes.c_str());
    ::unlink(m_path.c_str());
}

} // namespace apiary::hub
