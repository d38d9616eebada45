#include "data/unpacked_file.h"

#include "base/cancel.h"
#include "hub/durable.h"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace apiary::data {

namespace {

namespace fs = std::filesystem;

constexpr const char *cannotUnpack = "the archive's table cannot be unpacked into this folder (TMPDIR names another)";

/// Where large temporary files go: /tmp often lies in memory.
fs::path temporaryFolder()
{
    const char *named = std::getenv("TMPDIR");
    if (named && *named)
        return named;
    std::error_code ignored;
    return fs::is_directory("/var/tmp", ignored) ? fs::path("/var/tmp") : fs::temp_directory_path();
}

} // namespace

UnpackedFile::UnpackedFile(std::string_view start, ByteSource &source, const std::stop_token &stop)
    : m_folder(temporaryFolder())
{
    std::string name = (m_folder / "apiary-XXXXXX").string();
    m_descriptor = ::mkostemp(name.data(), 0);
    if (m_descriptor < 0)
        hub::throwFileError(cannotUnpack, m_folder, errno);
    ::unlink(name.c_str());
    try {
        write(start);
        constexpr std::size_t blockBytes = std::size_t{1} << 20;
        std::vector<char> block(blockBytes);
        while (const std::size_t count = source.read(block)) {
            throwIfStopped(stop);
            write({block.data(), count});
        }
    } catch (...) {
        ::close(m_descriptor);
        throw;
    }
}

UnpackedFile::~UnpackedFile()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

int UnpackedFile::release()
{
    return std::exchange(m_descriptor, -1);
}

void UnpackedFile::write(std::string_view bytes) const
{
    while (!bytes.empty()) {
        const ssize_t count = ::write(m_descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            hub::throwFileError(cannotUnpack, m_folder, errno);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

} // namespace apiary::data
