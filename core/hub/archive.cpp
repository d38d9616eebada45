#include "hub/archive.h"

#include "base/cancel.h"
#include "base/error.h"
#include "hub/archive_handle.h"
#include "hub/durable.h"
#include "hub/sha256.h"

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <cerrno>
#include <exception>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <unistd.h>

namespace apiary::hub {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t blockSize = std::size_t{1} << 18;

constexpr const char *again = "fetch it again";

ArchiveHandle newReader()
{
    ArchiveHandle handle = newArchive();
    archive_read_support_format_zip(handle.get());
    archive_read_support_format_tar(handle.get());
    archive_read_support_filter_gzip(handle.get());
    return handle;
}

[[noreturn]] void broken(const std::string &what, const std::string &where)
{
    throw InputError(what, where, again);
}

void openFile(struct archive *handle, const fs::path &file)
{
    if (archive_read_open_filename(handle, file.c_str(), blockSize) != ARCHIVE_OK)
        broken("cannot be opened as an archive: " + archiveFault(handle), file.string());
}

/// The members of several archives as one stream of bytes.
class JoinedMembers {
public:
    explicit JoinedMembers(const std::vector<std::pair<fs::path, std::string>> &members) : m_members(members) {}

    std::string_view read()
    {
        for (;;) {
            if (!m_handle && !openNext())
                return {};
            const la_ssize_t count = archive_read_data(m_handle.get(), m_buffer.data(), m_buffer.size());
            if (count > 0)
                return {m_buffer.data(), static_cast<std::size_t>(count)};
            if (count < 0)
                broken("is damaged: " + archiveFault(m_handle.get()), m_members[m_next - 1].first.string());
            m_handle.reset();
        }
    }

    std::exception_ptr thrown;

private:
    bool openNext()
    {
        if (m_next == m_members.size())
            return false;
        const auto &[file, member] = m_members[m_next++];
        m_handle = newReader();
        openFile(m_handle.get(), file);
        struct archive_entry *entry = nullptr;
        while (nextEntry(m_handle.get(), &entry, file.string(), again))
            if (entryName(entry) == member)
                return true;
        broken("has no file " + member, file.string());
    }

    const std::vector<std::pair<fs::path, std::string>> &m_members;
    std::size_t m_next = 0;
    ArchiveHandle m_handle;
    std::vector<char> m_buffer = std::vector<char>(blockSize);
};

la_ssize_t readJoined(struct archive *handle, void *user, const void **buffer)
{
    auto *joined = static_cast<JoinedMembers *>(user);
    try {
        const std::string_view bytes = joined->read();
        *buffer = bytes.data();
        return static_cast<la_ssize_t>(bytes.size());
    } catch (...) { // kept: nothing may be thrown through C
        joined->thrown = std::current_exception();
        archive_set_error(handle, EIO, "a part cannot be read");
        return ARCHIVE_FATAL;
    }
}

/// Refuses what could name a place outside the target, on any system.
void checkName(const std::string &name, const std::string &archive)
{
    bool bad = name.empty() || name.front() == '/' || name.find('\\') != std::string::npos ||
               name.find('\0') != std::string::npos || (name.size() > 1 && name[1] == ':');
    for (const fs::path &part : fs::path(name))
        bad = bad || part == "..";
    if (bad)
        throw InputError("has an entry that would be written outside its folder: \"" + name + "\"", archive,
                         "do not use this archive");
}

class Writer {
public:
    Writer(const fs::path &file) : m_file(file)
    {
        makeFolders(file.parent_path());
        m_descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
        if (m_descriptor < 0)
            throwFileError("cannot be created", file, errno);
    }
    ~Writer() { ::close(m_descriptor); }
    Writer(const Writer &) = delete;
    Writer &operator=(const Writer &) = delete;

    void write(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const ssize_t written = ::write(m_descriptor, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR)
                continue;
            if (written < 0)
                throwFileError("cannot be written", m_file, errno);
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
    }

private:
    fs::path m_file;
    int m_descriptor = -1;
};

} // namespace

std::int64_t unpack(const ArchiveSource &source, const fs::path &target, const UnpackRules &rules,
                    const std::function<void(std::int64_t)> &onBytes, std::stop_token stop)
{
    const std::string where = (source.file.empty() ? source.members.at(0).first : source.file).string();
    JoinedMembers joined(source.members);
    const ArchiveHandle handle = newReader();
    const auto rethrow = [&joined] {
        if (joined.thrown)
            std::rethrow_exception(joined.thrown);
    };
    if (!source.file.empty()) {
        openFile(handle.get(), source.file);
    } else if (archive_read_open(handle.get(), &joined, nullptr, readJoined, nullptr) != ARCHIVE_OK) {
        rethrow();
        broken("cannot be opened as an archive: " + archiveFault(handle.get()), where);
    }
    std::int64_t bytes = 0;
    int files = 0;
    std::set<std::string> checked;
    std::vector<char> buffer(blockSize);
    struct archive_entry *entry = nullptr;
    for (;;) {
        throwIfStopped(stop);
        bool more = false;
        try {
            more = nextEntry(handle.get(), &entry, where, again);
        } catch (const InputError &) {
            rethrow();
            throw;
        }
        if (!more)
            break;
        const std::string name = entryName(entry);
        checkName(name, where);
        if (archive_entry_filetype(entry) == AE_IFDIR || name.ends_with('/'))
            continue;
        if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry))
            throw InputError("has an entry that is no plain file: \"" + name + "\"", where, "do not use this archive");
        const std::string place = rules.place ? rules.place(name) : name;
        if (place.empty())
            continue;
        if (++files > rules.maxFiles)
            throw InputError("holds more than " + std::to_string(rules.maxFiles) + " files", where,
                             "do not use this archive");
        const auto expected = rules.sha256.find(place);
        std::optional<Sha256> hash;
        if (expected != rules.sha256.end())
            hash.emplace();
        Writer file(target / place);
        for (;;) {
            throwIfStopped(stop);
            const la_ssize_t count = archive_read_data(handle.get(), buffer.data(), buffer.size());
            rethrow();
            if (count < 0)
                broken("is damaged at \"" + name + "\": " + archiveFault(handle.get()), where);
            if (count == 0)
                break;
            bytes += count;
            if (bytes > rules.maxBytes)
                throw InputError("unpacks to more than " + sizeText(rules.maxBytes), where, "do not use this archive");
            const std::string_view block(buffer.data(), static_cast<std::size_t>(count));
            if (hash)
                hash->update(block);
            file.write(block);
            if (onBytes)
                onBytes(bytes);
        }
        if (hash && hash->hex() != expected->second)
            throw InputError("holds another file than it should: \"" + name + "\" has the sha256 " + hash->hex(), where,
                             again);
        if (hash)
            checked.insert(place);
    }
    for (const auto &[place, unused] : rules.sha256)
        if (!checked.contains(place))
            broken("does not hold " + place, where);
    return bytes;
}

} // namespace apiary::hub
