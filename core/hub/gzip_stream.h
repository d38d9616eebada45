#pragma once

#include "base/byte_source.h"

#include <filesystem>
#include <memory>

namespace apiary::hub {

/// The bytes of a gzip file (RFC 1952), unpacked as they are asked for. Several members behind one another are read as one,
/// zeros behind the last are padding. The checksum and the length at the end of each member are verified by the time that
/// its last byte is given. Throws InputError that names the file where it is damaged, cut short, or followed by something
/// else.
class GzipStream : public ByteSource {
public:
    explicit GzipStream(const std::filesystem::path &file);
    ~GzipStream() override;
    GzipStream(const GzipStream &) = delete;
    GzipStream &operator=(const GzipStream &) = delete;

    std::size_t read(std::span<char> into) override;
    std::int64_t consumed() const override;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace apiary::hub
