#include "hub/archive_handle.h"

#include "base/error.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <new>

namespace apiary::hub {

namespace {

/// This thread's characters are UTF-8 while it lives: libarchive converts names by the locale, and loses those that it
/// cannot write. How numbers are written stays as it was.
class Utf8Names {
public:
    Utf8Names()
    {
        static locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{});
        if (utf8)
            m_before = uselocale(utf8);
    }
    ~Utf8Names()
    {
        if (m_before)
            uselocale(m_before);
    }
    Utf8Names(const Utf8Names &) = delete;
    Utf8Names &operator=(const Utf8Names &) = delete;

private:
    locale_t m_before{};
};

} // namespace

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
    const Utf8Names names;
    const int result = archive_read_next_header(handle, entry);
    if (result == ARCHIVE_EOF)
        return false;
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
        throw InputError("is no whole archive: " + archiveFault(handle), where, remedy);
    return true;
}

std::string entryName(struct archive_entry *entry)
{
    const Utf8Names names;
    const char *name = archive_entry_pathname_utf8(entry);
    if (!name)
        name = archive_entry_pathname(entry);
    return name ? name : "";
}

} // namespace apiary::hub
