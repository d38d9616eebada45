#include "hub/gzip_stream.h"

#include "base/error.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <new>
#include <string>
#include <system_error>
#include <vector>
#include <zlib.h>

namespace apiary::hub {

namespace {

constexpr std::size_t blockSize = std::size_t{1} << 18;
constexpr int gzipOnly = 15 + 16; ///< the largest window; 16: gzip's header and trailer, which zlib then checks
constexpr const char *again = "fetch or pack it again";

/// What zlib found, in words.
std::string reason(const z_stream &stream)
{
    const std::string text = stream.msg ? stream.msg : "";
    if (text == "incorrect data check")
        return "is damaged: what is unpacked does not have the checksum that the file gives for it";
    if (text == "incorrect length check")
        return "is damaged: what is unpacked does not have the length that the file gives for it";
    return "is damaged" + (text.empty() ? text : ": " + text);
}

} // namespace

struct GzipStream::Private {
    explicit Private(const std::filesystem::path &path) : file(path), input(blockSize)
    {
        errno = 0;
        in.open(path, std::ios::binary);
        if (!in)
            throw InputError("cannot be read: " + std::generic_category().message(errno), path.string(),
                             "check its permissions");
        if (inflateInit2(&stream, gzipOnly) != Z_OK)
            throw std::bad_alloc();
    }
    ~Private() { inflateEnd(&stream); }
    Private(const Private &) = delete;
    Private &operator=(const Private &) = delete;

    /// Makes sure that there is input; false at the end of the file.
    bool refill()
    {
        if (stream.avail_in > 0)
            return true;
        errno = 0;
        in.read(reinterpret_cast<char *>(input.data()), static_cast<std::streamsize>(input.size()));
        if (in.bad())
            throw InputError("cannot be read further: " + std::generic_category().message(errno), file.string(),
                             "check the disk and try again");
        stream.next_in = input.data();
        stream.avail_in = static_cast<uInt>(in.gcount());
        taken += in.gcount();
        return stream.avail_in > 0;
    }

    /// Behind a member: whether another follows.
    bool nextMember()
    {
        bool padding = false;
        while (refill()) {
            Bytef *const end = stream.next_in + stream.avail_in;
            Bytef *const other = std::find_if(stream.next_in, end, [](Bytef byte) { return byte != 0; });
            padding = padding || other != stream.next_in;
            stream.avail_in = static_cast<uInt>(end - other);
            stream.next_in = other;
            if (other == end)
                continue;
            constexpr Bytef magic = 0x1F;
            if (padding || *other != magic)
                throw InputError("goes on with something else behind what is packed", file.string(), again);
            inflateReset(&stream);
            return true;
        }
        return false;
    }

    std::filesystem::path file;
    std::ifstream in;
    std::vector<Bytef> input;
    z_stream stream{};
    std::int64_t taken = 0;
    bool between = false; ///< a member has ended
    bool ended = false;
};

GzipStream::GzipStream(const std::filesystem::path &file) : d(std::make_unique<Private>(file)) {}

GzipStream::~GzipStream() = default;

std::size_t GzipStream::read(std::span<char> into)
{
    constexpr std::size_t most = std::size_t{1} << 30; // zlib counts in 32 bits
    const auto room = static_cast<uInt>(std::min(into.size(), most));
    d->stream.next_out = reinterpret_cast<Bytef *>(into.data());
    d->stream.avail_out = room;
    while (!d->ended && d->stream.avail_out > 0) {
        if (d->between && !d->nextMember()) {
            d->ended = true;
            break;
        }
        d->between = false;
        if (!d->refill())
            throw InputError("is cut short: it ends before what is packed does", d->file.string(), again);
        const int result = inflate(&d->stream, Z_NO_FLUSH);
        if (result == Z_MEM_ERROR)
            throw std::bad_alloc();
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            throw InputError(reason(d->stream), d->file.string(), again);
        d->between = result == Z_STREAM_END;
    }
    return room - d->stream.avail_out;
}

std::int64_t GzipStream::consumed() const
{
    return d->taken - static_cast<std::int64_t>(d->stream.avail_in);
}

} // namespace apiary::hub
