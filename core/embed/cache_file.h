#pragma once

#include "embed/embedding_cache.h"
#include "store/database.h"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace apiary::embed {

/// The SQLite file behind EmbeddingCache: rows in blocks of bytes, keys that point into them. Every function throws
/// store::DatabaseError. One thread at a time; other processes may write between any two calls.
class CacheFile {
public:
    /// Makes folder and file where they are missing; read-only where they cannot be written. Throws Error.
    static std::unique_ptr<CacheFile> open(const std::filesystem::path &folder);
    /// Which file lies in the folder now; 0: none.
    static std::uint64_t identity(const std::filesystem::path &folder);
    /// Renames the file with this identity; nothing where another process has replaced it meanwhile. Throws Error.
    static void setAside(const std::filesystem::path &folder, std::uint64_t damaged);

    bool readOnly() const { return m_readOnly; }
    std::int64_t limit() const;
    void setLimit(std::int64_t bytes);
    std::int64_t bytes() const;

    /// Calls `take` with the key's index, its block and its row there, for every key that the space has.
    void places(const std::string &space, std::span<const CacheKey> keys,
                const std::function<void(std::size_t, std::int64_t, std::int64_t)> &take) const;
    /// Calls `take` with a block's bytes. False where it is gone, or was damaged and has been dropped.
    bool readBlock(std::int64_t block, const std::function<void(std::span<const std::byte>)> &take);
    /// Marks blocks as used now.
    void touch(std::span<const std::int64_t> blocks);
    /// One commit. Rows whose key the space has already are not indexed again.
    void addBlock(const std::string &space, std::span<const CacheKey> keys, std::span<const std::byte> values);
    /// Drops whole blocks, those used longest ago first, until at most `limit` bytes are left.
    void evict(std::int64_t limit);

private:
    CacheFile(const std::filesystem::path &file, store::Database::Mode mode);
    void drop(std::int64_t block) const;
    std::int64_t spaceId(const std::string &space) const; ///< −1: not there

    store::Database m_database;
    bool m_readOnly = false;
};

} // namespace apiary::embed
