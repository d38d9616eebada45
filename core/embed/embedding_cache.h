#pragma once

#include "embed/sentence_encoder.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace apiary::embed {

/// SHA-256 of a text's token ids (int32, little-endian).
using CacheKey = std::array<std::byte, 32>;

/// What embeddings have to share to stand beside each other in the cache.
struct CacheSpace {
    std::string encoder;             ///< EncoderCard::hash: configuration, tokenizer and every weight
    std::string precision = "exact"; ///< "exact" (float32) or "int8"
    std::int64_t dimension = 0;      ///< of the rows, after truncation
    std::int64_t promptTokens = 0;   ///< leading tokens that pooling leaves out; 0 where it reads all
};

/// Where caches live: $APIARY_CACHE, else $XDG_CACHE_HOME/apiary, else ~/.cache/apiary. Not made here.
std::filesystem::path cacheFolder();

CacheKey cacheKey(std::span<const std::int32_t> tokenIds);

/// Embeddings on disk, shared by every project and every process of the user: `embeddings.sqlite` in the folder.
///
/// A stale entry cannot be found. A row is what a pure function gave, and its key holds all that the function reads: the
/// encoder by its hash, which covers configuration, tokenizer and weights; precision and dimension; and the text by its
/// token ids, which are what is left of the text after prompt, tokenizer and truncation. A change in any of them is
/// another key. A change in how Apiary computes raises `formatVersion`, which is part of the space, too.
///
/// Values come back as the bits that went in. Rows lie in blocks of up to 256, each with a checksum: a block that does
/// not match is dropped and counts as missing.
///
/// The cache never stands in the way. Where its folder cannot be made or written, the disk is full or another process
/// holds it for long, finding finds less, storing stores nothing, and one line goes to the log; a file that is no cache
/// or is damaged is set aside as `embeddings.sqlite.damaged` and begun anew. No function throws, except bad_alloc.
///
/// One object may be used by several threads; they take turns.
class EmbeddingCache {
public:
    using Log = std::function<void(const std::string &)>;
    static constexpr int formatVersion = 1;
    static constexpr std::int64_t defaultLimit = std::int64_t{2} << 30;

    /// Without a log, lines go to standard error. Opens the file when first used.
    explicit EmbeddingCache(std::filesystem::path folder = cacheFolder(), Log log = {});
    ~EmbeddingCache();

    struct Found {
        Embeddings rows;                   ///< a row a key, space.dimension wide; those missing are zero
        std::vector<std::int64_t> missing; ///< places in keys, ascending
    };
    Found find(const CacheSpace &space, std::span<const CacheKey> keys);
    /// Keeps the rows whose keys are not there yet; then, above the limit, drops what was used longest ago.
    void store(const CacheSpace &space, std::span<const CacheKey> keys, const Embeddings &rows);

    /// Bytes that the cache may take (bytes()), remembered in the file for every process. 0: nothing is kept.
    void setLimit(std::int64_t bytes);
    std::int64_t limit() const;
    /// Bytes on disk of what is kept, its index included; 0 where there is no cache.
    std::int64_t bytes() const;
    void clear();

    const std::filesystem::path &folder() const;
    /// Whether the file can be read and written; opens it.
    bool working() const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace apiary::embed
