#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace apiary::hub {

/// How a file is packed, by its first bytes.
enum class Packing { None, Gzip, Zip };
/// Throws InputError where the file is missing, a folder, or cannot be read.
Packing packingOf(const std::filesystem::path &file);

/// A file of a zip.
struct ArchiveMember {
    std::string name;
    std::int64_t bytes = -1; ///< unpacked, as the archive says; -1 where it does not
};
/// The plain files of a zip, at most 10,000. Throws InputError where it is damaged.
std::vector<ArchiveMember> membersOf(const std::filesystem::path &archive);

/// The bytes of a gzip file, or of one member of a zip, unpacked as they are asked for: a member of any size needs little
/// memory and no disk. Lengths and checksums are verified by the end. Files are hostile: what is damaged or cut short, and what unpacks to more than 200 times its size
/// beyond the first 256 MiB, throws InputError.
class MemberStream {
public:
    /// `member` names a file of a zip; empty for gzip.
    MemberStream(const std::filesystem::path &file, const std::string &member);
    ~MemberStream();
    MemberStream(const MemberStream &) = delete;
    MemberStream &operator=(const MemberStream &) = delete;

    /// Fills `into` from its beginning; fewer than its size at the end only, then 0.
    std::size_t read(std::span<char> into);
    /// Bytes of the gzip file read so far, or of the zip's member given so far.
    std::int64_t consumed() const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace apiary::hub
