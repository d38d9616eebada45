#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace apiary {

/// Bytes from somewhere, in order.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// Fills `into` from its beginning; fewer than its size at the end only, then 0. Throws InputError.
    virtual std::size_t read(std::span<char> into) = 0;
    /// What has been given so far, in bytes of the file on disk, or of the unpacked member of a zip.
    virtual std::int64_t consumed() const = 0;
};

} // namespace apiary
