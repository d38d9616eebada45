#include "hub/archive_handle.h"

#include "base/error.h"

#include <archive.h>
#include <archive_entry.h>
#include <new>

namespace apiary::hub {

void ArchiveRelease::operator()(struct archive *handle) const
{
    archive_read_free(handle);
}

ArchiveHandle newArchive()
{
    ArchiveHandle handle(archive_read_new());
    if (!handle)
        throw std::bad_alloc();
    return handle;
}

std::string archiveFault(struct archive *handle)
{
    const char *text = archive_error_string(handle);
    return text ? text : "it is damaged";
}

bool nextEntry(struct archive *handle, struct archive_entry **entry, const std::string &where,
               const std::string &remedy)
{
    const int result = archive_read_next_header(handle, entry);
    if (result == ARCHIVE_EOF)
        return false;
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
        throw InputError("is no whole archive: " + archiveFault(handle), where, remedy);
    return true;
}

std::string entryName(struct archive_entry *entry)
{
    const char *name = archive_entry_pathname_utf8(entry);
    if (!name)
        name = archive_entry_pathname(entry);
    return name ? name : "";
}

} // namespace apiary::hub
