#pragma once

#include "data/table_format.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace apiary::data {

/// Bytes from somewhere, in order.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// Fills `into` from its beginning; fewer than its size at the end only, then 0. Throws InputError.
    virtual std::size_t read(std::span<char> into) = 0;
    /// What has been given so far, in bytes of the file on disk, or of the unpacked member of a zip: counts up to
    /// Place::bytes.
    virtual std::int64_t consumed() const = 0;
};

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
