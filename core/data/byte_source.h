#pragma once

#include "base/byte_source.h"
#include "data/table_format.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace apiary::data {

/// `part` of `whole` of an amount.
inline std::int64_t partOf(std::int64_t amount, std::size_t part, std::size_t whole)
{
    return static_cast<std::int64_t>(static_cast<double>(amount) * static_cast<double>(part) /
                                     static_cast<double>(whole));
}

/// A file, or a file within a zip ("archive.zip/folder/name"), and how it is packed.
struct Place {
    std::filesystem::path file; ///< on disk
    std::string member;         ///< of a zip
    bool packed = false;        ///< gzip, or in a zip
    std::int64_t fileBytes = 0; ///< on disk, of the whole archive
    std::int64_t bytes = 0;     ///< of the file or, unpacked, of the member; 0 where its zip does not say
};

/// Throws InputError: missing, a folder, not readable, no file (a device or pipe), a zip with no or several tables.
Place placeOf(const std::filesystem::path &path);

/// The bytes there, unpacked.
std::unique_ptr<ByteSource> openBytes(const Place &place);

/// The names of a zip's members that may be tables: no hidden ones, no documents and pictures by their endings.
std::vector<std::string> tableMembers(const std::filesystem::path &archive);

} // namespace apiary::data
