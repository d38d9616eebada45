#include "embed/cache_file.h"

#include "base/error.h"
#include "store/files.h"

#include <array>
#include <cstring>
#include <numeric>
#include <sqlite3.h>
#include <sys/stat.h>

namespace apiary::embed {

using store::Database;
using store::Statement;
using store::Transaction;

namespace {

constexpr const char *fileName = "embeddings.sqlite";
constexpr std::int64_t applicationId = 0x41706543; // "ApeC"
constexpr std::int64_t userVersion = 1;
/// What a key takes in the index beside its row, measured: 32 bytes, three integers, and the pages' slack.
constexpr std::int64_t bytesAKey = 64;

// `used` is a clock that ticks once a find() or store(): the order of use, whatever the machine's clock does.
constexpr const char *schema = R"sql(
CREATE TABLE spaces (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE blocks (id INTEGER PRIMARY KEY AUTOINCREMENT, bytes INTEGER NOT NULL, used INTEGER NOT NULL);
CREATE INDEX blocks_by_use ON blocks (used);
CREATE TABLE contents (block INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE keys (
    space INTEGER NOT NULL,
    key BLOB NOT NULL,
    block INTEGER NOT NULL,
    row INTEGER NOT NULL,
    PRIMARY KEY (space, key)
) WITHOUT ROWID;
CREATE INDEX keys_of_block ON keys (block);
CREATE TABLE settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
)sql";

/// Tells bytes that a disk has changed. Four independent lanes of multiply and rotate over 64-bit words, as fast as
/// memory; no defence against a forger, who could change the checksum beside it.
std::int64_t checksum(std::span<const std::byte> data)
{
    constexpr std::uint64_t odd = 0x9E3779B97F4A7C15U;
    std::array<std::uint64_t, 4> lanes{1, 2, 3, data.size()};
    const auto mix = [](std::uint64_t lane, std::uint64_t word) {
        lane = (lane ^ word) * odd;
        return lane ^ (lane >> 29);
    };
    std::size_t at = 0;
    for (; at + 32 <= data.size(); at += 32)
        for (std::size_t i = 0; i < 4; ++i) {
            std::uint64_t word = 0;
            std::memcpy(&word, data.data() + at + 8 * i, 8);
            lanes[i] = mix(lanes[i], word);
        }
    for (; at < data.size(); ++at)
        lanes[0] = mix(lanes[0], static_cast<std::uint64_t>(data[at]));
    const auto sum = std::accumulate(lanes.begin() + 1, lanes.end(), lanes[0], mix);
    std::int64_t out = 0;
    std::memcpy(&out, &sum, sizeof out);
    return out;
}

} // namespace

CacheFile::CacheFile(const std::filesystem::path &file, Database::Mode mode)
    : m_database(file, mode)
    , m_readOnly(mode == Database::Mode::ReadOnly || sqlite3_db_readonly(m_database.handle(), "main") == 1)
{
    const auto ours = [this] {
        return m_database.pragma("application_id") == applicationId && m_database.pragma("user_version") == userVersion;
    };
    if (m_readOnly) {
        if (!ours())
            throw store::DatabaseError("it holds no embeddings yet", file.string(), {}, SQLITE_READONLY);
        return;
    }
    // A full cache is read and written by the megabyte; larger pages than these gain nothing (measured).
    m_database.execute("PRAGMA page_size = 16384; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; "
                       "PRAGMA journal_size_limit = 16777216");
    Transaction transaction(m_database);
    if (!ours()) {
        if (m_database.pragma("application_id") != 0 || m_database.pragma("schema_version") != 0)
            throw store::DatabaseError("the file is no cache of this version", file.string(), {}, SQLITE_NOTADB);
        m_database.execute(schema);
        m_database.execute("PRAGMA application_id = " + std::to_string(applicationId));
        m_database.execute("PRAGMA user_version = " + std::to_string(userVersion));
    }
    transaction.commit();
}

std::unique_ptr<CacheFile> CacheFile::open(const std::filesystem::path &folder)
{
    std::error_code code;
    std::filesystem::create_directories(folder, code);
    const auto file = folder / fileName;
    const bool there = std::filesystem::exists(file, code);
    if (!there && !store::writable(folder))
        throw Error("the folder cannot be written to", folder.string(), {});
    const auto mode = there && !store::writable(folder) ? Database::Mode::ReadOnly : Database::Mode::Create;
    return std::unique_ptr<CacheFile>(new CacheFile(file, mode));
}

std::uint64_t CacheFile::identity(const std::filesystem::path &folder)
{
    struct stat status {};
    return stat((folder / fileName).c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_ino) : 0;
}

void CacheFile::setAside(const std::filesystem::path &folder, std::uint64_t damaged)
{
    const store::FileLock alone(folder / "embeddings.lock");
    if (damaged == 0 || identity(folder) != damaged)
        return;
    const std::string file = (folder / fileName).string();
    std::filesystem::rename(file, file + ".damaged");
    std::error_code ignored;
    for (const char *ending : {"-wal", "-shm"})
        std::filesystem::remove(file + ending, ignored);
}

std::int64_t CacheFile::limit() const
{
    Statement row(m_database, "SELECT value FROM settings WHERE name = 'limit'");
    return row.step() ? row.integer(0) : EmbeddingCache::defaultLimit;
}

void CacheFile::setLimit(std::int64_t bytes)
{
    Statement(m_database, "INSERT INTO settings VALUES ('limit', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1")
        .bind(bytes)
        .run();
}

std::int64_t CacheFile::bytes() const
{
    Statement row(m_database, "SELECT coalesce(sum(bytes), 0) FROM blocks");
    row.step();
    return row.integer(0);
}

std::int64_t CacheFile::spaceId(const std::string &space) const
{
    Statement row(m_database, "SELECT id FROM spaces WHERE name = ?1");
    return row.bind(space).step() ? row.integer(0) : -1;
}

void CacheFile::places(const std::string &space, std::span<const CacheKey> keys,
                       const std::function<void(std::size_t, std::int64_t, std::int64_t)> &take) const
{
    // One read transaction: a lock for each of thousands of look-ups would cost more than they do.
    m_database.execute("BEGIN");
    try {
        if (const std::int64_t id = spaceId(space); id >= 0) {
            Statement row(m_database, "SELECT block, row FROM keys WHERE space = ?1 AND key = ?2");
            for (std::size_t i = 0; i < keys.size(); ++i)
                if (row.bind(id, std::span<const std::byte>(keys[i])).step())
                    take(i, row.integer(0), row.integer(1));
        }
    } catch (...) {
        sqlite3_exec(m_database.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
        throw;
    }
    m_database.execute("COMMIT");
}

bool CacheFile::readBlock(std::int64_t block, const std::function<void(std::span<const std::byte>)> &take)
{
    bool damaged = false;
    {
        Statement row(m_database, "SELECT checksum, data FROM contents WHERE block = ?1");
        if (!row.bind(block).step())
            return false;
        const auto data = row.blob(1);
        damaged = checksum(data) != row.integer(0);
        if (!damaged)
            take(data);
    }
    if (damaged && !m_readOnly) {
        Transaction transaction(m_database);
        drop(block);
        transaction.commit();
    }
    return !damaged;
}

void CacheFile::touch(std::span<const std::int64_t> blocks)
{
    if (m_readOnly || blocks.empty())
        return;
    Transaction transaction(m_database);
    Statement now(m_database, "SELECT coalesce(max(used), 0) + 1 FROM blocks");
    now.step();
    const std::int64_t used = now.integer(0);
    now.reset();
    Statement update(m_database, "UPDATE blocks SET used = ?2 WHERE id = ?1");
    for (const std::int64_t block : blocks)
        update.bind(block, used).run();
    transaction.commit();
}

void CacheFile::addBlock(const std::string &space, std::span<const CacheKey> keys, std::span<const std::byte> values)
{
    Transaction transaction(m_database);
    Statement(m_database, "INSERT OR IGNORE INTO spaces (name) VALUES (?1)").bind(space).run();
    const std::int64_t id = spaceId(space);
    const auto size = static_cast<std::int64_t>(values.size()) + bytesAKey * static_cast<std::int64_t>(keys.size());
    Statement(m_database, "INSERT INTO blocks (bytes, used) SELECT ?1, coalesce(max(used), 0) + 1 FROM blocks")
        .bind(size)
        .run();
    const std::int64_t block = m_database.lastInsertId();
    Statement insert(m_database, "INSERT OR IGNORE INTO keys VALUES (?1, ?2, ?3, ?4)");
    const std::int64_t before = sqlite3_total_changes64(m_database.handle());
    for (std::size_t i = 0; i < keys.size(); ++i)
        insert.bind(id, std::span<const std::byte>(keys[i]), block, static_cast<std::int64_t>(i)).run();
    if (sqlite3_total_changes64(m_database.handle()) == before)
        return; // another process was first: nothing new, rolled back
    Statement(m_database, "INSERT INTO contents VALUES (?1, ?2, ?3)").bind(block, checksum(values), values).run();
    transaction.commit();
}

void CacheFile::drop(std::int64_t block) const
{
    for (const char *sql : {"DELETE FROM keys WHERE block = ?1", "DELETE FROM contents WHERE block = ?1",
                            "DELETE FROM blocks WHERE id = ?1"})
        Statement(m_database, sql).bind(block).run();
}

void CacheFile::evict(std::int64_t limit)
{
    if (m_readOnly || bytes() <= limit)
        return;
    {
        Transaction transaction(m_database);
        std::int64_t left = bytes(); // again: another process may have been at it
        std::vector<std::int64_t> gone;
        Statement oldest(m_database, "SELECT id, bytes FROM blocks ORDER BY used, id");
        while (left > limit && oldest.step()) {
            gone.push_back(oldest.integer(0));
            left -= oldest.integer(1);
        }
        oldest.reset();
        for (const std::int64_t block : gone)
            drop(block);
        if (left == 0)
            m_database.execute("DELETE FROM spaces");
        transaction.commit();
    }
    m_database.execute("PRAGMA incremental_vacuum");
    m_database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

} // namespace apiary::embed
