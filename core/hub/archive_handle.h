#pragma once

#include <memory>
#include <string>

struct archive;
struct archive_entry;

namespace apiary::hub {

/// libarchive's reader, and what both that walk over an archive need of it.
struct ArchiveRelease {
    void operator()(struct archive *handle) const;
};
using ArchiveHandle = std::unique_ptr<struct archive, ArchiveRelease>;

/// A reader that knows no format yet.
ArchiveHandle newArchive();
/// What libarchive says is wrong.
std::string archiveFault(struct archive *handle);
/// False at the end. Warnings (a name in an odd encoding) are no failure. Throws InputError with `where` and `remedy`.
bool nextEntry(struct archive *handle, struct archive_entry **entry, const std::string &where,
               const std::string &remedy);
/// UTF-8 where the archive can give it.
std::string entryName(struct archive_entry *entry);

} // namespace apiary::hub
