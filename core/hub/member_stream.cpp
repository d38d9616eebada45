#include "hub/member_stream.h"

#include "base/error.h"
#include "hub/archive_handle.h"
#include "hub/durable.h"
#include "hub/gzip_stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <cerrno>
#include <fstream>
#include <string_view>

namespace apiary::hub {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t blockSize = std::size_t{1} << 18;
constexpr std::size_t mostMembers = 10'000;
constexpr std::int64_t freeBytes = std::int64_t{1} << 28; ///< unpacked before the ratio counts
constexpr std::int64_t mostRatio = 200;
constexpr const char *again = "fetch or pack it again";

ArchiveHandle opened(const fs::path &file)
{
    ArchiveHandle handle = newArchive();
    archive_read_support_format_zip_seekable(handle.get());
    if (archive_read_open_filename(handle.get(), file.c_str(), blockSize) != ARCHIVE_OK)
        throw InputError("cannot be unpacked: " + archiveFault(handle.get()), file.string(), again);
    return handle;
}

} // namespace

Packing packingOf(const fs::path &file)
{
    std::error_code error;
    const auto status = fs::status(file, error);
    if (file.empty() || status.type() == fs::file_type::not_found)
        throw InputError(file.empty() ? "no file is named" : "there is no such file", file.string(), "check the path");
    if (fs::is_directory(status))
        throw InputError("is a folder, not a file", file.string(), "name the file in it");
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        const int code = errno;
        throw InputError("cannot be read: " + std::generic_category().message(code), file.string(),
                         code == EACCES ? "check its permissions" : "check the path");
    }
    char head[4] = {};
    stream.read(head, sizeof head);
    const std::string_view bytes(head, static_cast<std::size_t>(stream.gcount()));
    if (bytes.starts_with("\x1F\x8B"))
        return Packing::Gzip;
    return bytes == std::string_view("PK\x03\x04", 4) || bytes == std::string_view("PK\x05\x06", 4) ? Packing::Zip
                                                                                                    : Packing::None;
}

std::vector<ArchiveMember> membersOf(const fs::path &archive)
{
    const ArchiveHandle handle = opened(archive);
    std::vector<ArchiveMember> members;
    struct archive_entry *entry = nullptr;
    while (nextEntry(handle.get(), &entry, archive.string(), again)) {
        const std::string name = entryName(entry);
        if (archive_entry_filetype(entry) != AE_IFREG || name.empty() || name.ends_with('/'))
            continue;
        if (members.size() == mostMembers)
            throw InputError("holds more than " + std::to_string(mostMembers) + " files", archive.string(),
                             "unpack the one you mean");
        members.push_back({name, archive_entry_size_is_set(entry) ? archive_entry_size(entry) : -1});
    }
    return members;
}

struct MemberStream::Private {
    fs::path file;
    std::string where;    ///< for messages
    ArchiveHandle handle; ///< of a zip
    std::unique_ptr<GzipStream> gzip;
    std::int64_t fileBytes = 0;
    std::int64_t given = 0;
    bool ended = false;

    /// Unpacks some bytes; 0 at the end.
    std::int64_t some(std::span<char> into) const
    {
        if (gzip)
            return static_cast<std::int64_t>(gzip->read(into));
        const la_ssize_t count = archive_read_data(handle.get(), into.data(), into.size());
        if (count < 0) // libarchive has verified the member's length and checksum by its end
            throw InputError("is damaged or cut short: " + archiveFault(handle.get()), where, again);
        return count;
    }
};

MemberStream::MemberStream(const fs::path &file, const std::string &member) : d(std::make_unique<Private>())
{
    d->file = file;
    d->where = member.empty() ? file.string() : (file / member).string();
    d->fileBytes = static_cast<std::int64_t>(fs::file_size(file));
    if (member.empty()) {
        d->gzip = std::make_unique<GzipStream>(file);
        return;
    }
    d->handle = opened(file);
    struct archive_entry *entry = nullptr;
    while (nextEntry(d->handle.get(), &entry, file.string(), again)) {
        if (entryName(entry) != member)
            continue;
        if (archive_entry_is_encrypted(entry))
            throw InputError("is encrypted", d->where, "unpack it with its password first");
        return;
    }
    throw InputError("has no file \"" + member + "\"", file.string(), "check the name within the archive");
}

MemberStream::~MemberStream() = default;

std::size_t MemberStream::read(std::span<char> into)
{
    std::size_t filled = 0;
    while (filled < into.size() && !d->ended) {
        const std::int64_t count = d->some(into.subspan(filled));
        d->ended = count == 0;
        filled += static_cast<std::size_t>(count);
        d->given += count;
        if (d->given > freeBytes && d->given / mostRatio > d->fileBytes)
            throw InputError("unpacks to more than " + std::to_string(mostRatio) + " times its size (" +
                                 sizeText(d->given) + " so far)",
                             d->where, "do not use this archive");
    }
    return filled;
}

std::int64_t MemberStream::consumed() const
{
    return d->gzip ? d->gzip->consumed() : d->given;
}

} // namespace apiary::hub
