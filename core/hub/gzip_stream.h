#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace apiary::hub {

/// The bytes of a gzip file (RFC 1952), unpacked as they are asked for. Several members behind one another are read as one,
/// zeros behind the last are padding. The checksum and the length at the end of each member are verified by the time that
/// its last byte is given. Throws InputError that names the file where it is damaged, cut short, or followed by something
/// else.
class GzipStream {
public:
    explicit GzipStream(const std::filesystem::path &file);
    ~GzipStream();
    GzipStream(const GzipStream &) = delete;
    GzipStream &operator=(const GzipStream &) = delete;

    /// At least one byte into `into`, which is not empty; 0 at the end.
    std::size_t read(std::span<char> into);
    /// Bytes of the file taken so far.
    std::int64_t consumed() const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace apiary::hub
