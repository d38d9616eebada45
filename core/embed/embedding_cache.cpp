#include "embed/embedding_cache.h"

#include "base/error.h"
#include "embed/cache_file.h"
#include "hub/sha256.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>

namespace apiary::embed {

namespace {

constexpr std::int64_t rowsABlock = 256;

CacheKey fromHex(const std::string &hex)
{
    const auto digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
    CacheKey key;
    for (std::size_t i = 0; i < key.size(); ++i)
        key[i] = static_cast<std::byte>(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
    return key;
}

std::string nameOf(const CacheSpace &space)
{
    return std::to_string(EmbeddingCache::formatVersion) + " " + space.encoder + " " + space.precision + " " +
           std::to_string(space.dimension) + " " + std::to_string(space.promptTokens);
}

} // namespace

std::filesystem::path cacheFolder()
{
    const auto variable = [](const char *name) {
        const char *value = std::getenv(name);
        return std::filesystem::path(value ? value : "");
    };
    if (const auto own = variable("APIARY_CACHE"); !own.empty())
        return own;
    // A relative XDG_CACHE_HOME is to be ignored (XDG Base Directory Specification 0.8).
    if (const auto base = variable("XDG_CACHE_HOME"); base.is_absolute())
        return base / "apiary";
    const auto home = variable("HOME");
    return (home.empty() ? std::filesystem::temp_directory_path() : home / ".cache") / "apiary";
}

CacheKey cacheKey(std::span<const std::int32_t> tokenIds)
{
    hub::Sha256 digest;
    digest.update(std::as_bytes(tokenIds));
    return fromHex(digest.hex());
}

struct EmbeddingCache::Private {
    std::filesystem::path folder;
    Log log;
    std::mutex mutex;
    std::unique_ptr<CacheFile> file;
    std::uint64_t identity = 0; ///< of the file that was opened
    int attempts = 0;           ///< of opening; a damaged file allows one more
    bool told = false;

    /// The open file; null where there is none to be had.
    CacheFile *opened();
    /// Runs `work` on the file. A failure is told, and a damaged file set aside; what work has done by then stands.
    template <typename Work>
    void guarded(const Work &work);
    void setAside(const store::DatabaseError &error);
    void tell(const std::string &text);
};

void EmbeddingCache::Private::tell(const std::string &text)
{
    if (told)
        return;
    told = true;
    const std::string line = "the embedding cache is left out: " + text + " (" + folder.string() + ")";
    if (log)
        log(line);
    else
        std::cerr << "note: " << line << std::endl;
}

CacheFile *EmbeddingCache::Private::opened()
{
    while (!file && attempts < 2) {
        ++attempts;
        identity = CacheFile::identity(folder);
        try {
            file = CacheFile::open(folder);
            identity = CacheFile::identity(folder);
        } catch (const store::DatabaseError &error) {
            setAside(error);
        } catch (const Error &error) {
            attempts = 2;
            tell(error.problem());
        } catch (const std::filesystem::filesystem_error &error) {
            attempts = 2;
            tell(error.code().message());
        }
    }
    return file.get();
}

/// A damaged file goes out of the way, so that the next attempt begins a new one; any other trouble ends the attempts.
void EmbeddingCache::Private::setAside(const store::DatabaseError &error)
{
    tell(error.reason());
    file.reset();
    if (!error.damaged()) {
        attempts = 2;
        return;
    }
    try {
        CacheFile::setAside(folder, identity);
    } catch (const std::exception &) {
        attempts = 2; // told already
    }
}

template <typename Work>
void EmbeddingCache::Private::guarded(const Work &work)
{
    CacheFile *open = opened();
    if (!open)
        return;
    try {
        work(*open);
    } catch (const store::DatabaseError &error) {
        if (error.damaged())
            setAside(error);
        else
            tell(error.reason()); // a full disk or a busy file may pass
    } catch (const Error &error) {
        tell(error.problem());
    }
}

EmbeddingCache::EmbeddingCache(std::filesystem::path folder, Log log) : d(std::make_unique<Private>())
{
    d->folder = std::move(folder);
    d->log = std::move(log);
}

EmbeddingCache::~EmbeddingCache() = default;

const std::filesystem::path &EmbeddingCache::folder() const
{
    return d->folder;
}

bool EmbeddingCache::working() const
{
    const std::lock_guard lock(d->mutex);
    const CacheFile *file = d->opened();
    return file && !file->readOnly();
}

EmbeddingCache::Found EmbeddingCache::find(const CacheSpace &space, std::span<const CacheKey> keys)
{
    Found found;
    found.rows = Embeddings::Zero(static_cast<Eigen::Index>(keys.size()), space.dimension);
    std::vector<bool> have(keys.size(), false);
    const std::lock_guard lock(d->mutex);
    d->guarded([&](CacheFile &file) {
        struct Want {
            std::int64_t row;
            std::size_t key;
        };
        std::map<std::int64_t, std::vector<Want>> wanted; // by block
        const std::string name = nameOf(space);
        file.places(name, keys, [&](std::size_t key, std::int64_t block, std::int64_t row) {
            wanted[block].push_back({row, key});
        });
        const auto width = static_cast<std::size_t>(space.dimension) * sizeof(float);
        std::vector<std::int64_t> used;
        for (const auto &[block, wants] : wanted) {
            const bool whole = file.readBlock(block, [&](std::span<const std::byte> data) {
                for (const Want &want : wants) {
                    const auto from = static_cast<std::size_t>(want.row) * width;
                    if (want.row < 0 || from + width > data.size())
                        continue;
                    std::memcpy(found.rows.row(static_cast<Eigen::Index>(want.key)).data(), data.data() + from, width);
                    have[want.key] = true;
                }
            });
            if (whole)
                used.push_back(block);
        }
        file.touch(used);
    });
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (!have[i])
            found.missing.push_back(static_cast<std::int64_t>(i));
    return found;
}

void EmbeddingCache::store(const CacheSpace &space, std::span<const CacheKey> keys, const Embeddings &rows)
{
    if (keys.empty() || static_cast<Eigen::Index>(keys.size()) != rows.rows() || rows.cols() != space.dimension)
        return;
    const std::lock_guard lock(d->mutex);
    d->guarded([&](CacheFile &file) {
        if (file.readOnly() || file.limit() <= 0)
            return;
        const std::string name = nameOf(space);
        const auto count = static_cast<std::int64_t>(keys.size());
        for (std::int64_t from = 0; from < count; from += rowsABlock) {
            const std::int64_t some = std::min(rowsABlock, count - from);
            const std::span<const float> values(rows.data() + from * rows.cols(),
                                                static_cast<std::size_t>(some * rows.cols()));
            file.addBlock(name, keys.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(some)),
                          std::as_bytes(values));
        }
        file.evict(file.limit());
    });
}

void EmbeddingCache::setLimit(std::int64_t bytes)
{
    const std::lock_guard lock(d->mutex);
    d->guarded([&](CacheFile &file) {
        file.setLimit(std::max<std::int64_t>(0, bytes));
        file.evict(file.limit());
    });
}

std::int64_t EmbeddingCache::limit() const
{
    std::int64_t bytes = defaultLimit;
    const std::lock_guard lock(d->mutex);
    d->guarded([&](CacheFile &file) { bytes = file.limit(); });
    return bytes;
}

std::int64_t EmbeddingCache::bytes() const
{
    std::int64_t bytes = 0;
    const std::lock_guard lock(d->mutex);
    d->guarded([&](CacheFile &file) { bytes = file.bytes(); });
    return bytes;
}

void EmbeddingCache::clear()
{
    const std::lock_guard lock(d->mutex);
    d->guarded([&](CacheFile &file) { file.evict(0); });
}

} // namespace apiary::embed
