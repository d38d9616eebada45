#pragma once

#include "data/byte_source.h"

#include <filesystem>
#include <stop_token>
#include <string_view>

namespace apiary::data {

/// A file of an archive, unpacked for a reader that looks at several places of it at once. It lies in TMPDIR, or else in
/// /var/tmp, has no name there, and is gone as soon as nothing has it open, whatever becomes of the process.
class UnpackedFile {
public:
    /// Writes `start`, then what is left of `source`. Throws Error where the disk is full, InputError where the source is
    /// damaged, Cancelled.
    UnpackedFile(std::string_view start, ByteSource &source, const std::stop_token &stop);
    ~UnpackedFile();
    UnpackedFile(const UnpackedFile &) = delete;
    UnpackedFile &operator=(const UnpackedFile &) = delete;

    /// The descriptor, which then belongs to the caller.
    int release();

private:
    void write(std::string_view bytes) const;

    std::filesystem::path m_folder;
    int m_descriptor = -1;
};

} // namespace apiary::data
