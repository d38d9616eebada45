#include "store/database.h"

#include "base/error.h"
#include "store/files.h"

#include <limits>
#include <sqlite3.h>

namespace apiary::store {

namespace {

constexpr int busyMilliseconds = 5000;

/// A path inside a file: URI.
std::string uriPath(const std::filesystem::path &file)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : std::filesystem::absolute(file).string()) {
        if (c == '%' || c == '?' || c == '#') {
            out += '%';
            out += digits[static_cast<unsigned char>(c) >> 4];
            out += digits[static_cast<unsigned char>(c) & 15];
        } else {
            out += c;
        }
    }
    return out;
}

std::string remedyFor(int code)
{
    switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "the file is damaged or is no project: put back a copy of it, or choose another project folder";
    case SQLITE_FULL:
        return "free space on this disk and try again";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return "check that you may read and write the project folder";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another program holds the project: close it and try again";
    case SQLITE_IOERR:
        return "the disk reports an error: check it, and its free space";
    default:
        return {};
    }
}

} // namespace

DatabaseError::DatabaseError(std::string what, std::string where, std::string remedy, int code, std::string reason)
    : Error(std::move(what), std::move(where), std::move(remedy))
    , m_code(code)
    , m_reason(std::move(reason))
{
}

bool DatabaseError::damaged() const
{
    const int primary = m_code & 0xFF;
    return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || m_code == SQLITE_IOERR_SHORT_READ;
}

Database::Database(std::filesystem::path file, Mode mode) : m_file(std::move(file))
{
    if (mode == Mode::Create) {
        open(m_file.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
        return;
    }
    try {
        open(m_file.string(), SQLITE_OPEN_READONLY);
        Statement(*this, "SELECT count(*) FROM sqlite_master").step();
    } catch (const Error &) {
        // A WAL database in a folder that cannot be written to has no place for its index: read it as it stands, which
        // is right where no log waits beside it.
        std::error_code ignored;
        const auto log = std::filesystem::path(m_file.string() + "-wal");
        const bool waiting = std::filesystem::exists(log, ignored) && std::filesystem::file_size(log, ignored) > 0;
        if (writable(m_file.parent_path()) || waiting)
            throw;
        sqlite3_close(m_handle);
        m_handle = nullptr;
        open("file:" + uriPath(m_file) + "?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    }
}

void Database::open(const std::string &name, int flags)
{
    const int code = sqlite3_open_v2(name.c_str(), &m_handle, flags, nullptr);
    try {
        if (code != SQLITE_OK)
            fail(code);
        sqlite3_extended_result_codes(m_handle, 1);
        sqlite3_busy_timeout(m_handle, busyMilliseconds);
        execute("PRAGMA foreign_keys = ON");
        execute("PRAGMA synchronous = NORMAL");
    } catch (...) {
        sqlite3_close(m_handle);
        m_handle = nullptr;
        throw;
    }
}

Database::~Database()
{
    sqlite3_close(m_handle);
}

void Database::fail(int code) const
{
    std::string what = m_handle ? sqlite3_errmsg(m_handle) : sqlite3_errstr(code);
    throw DatabaseError("the project file cannot be used: " + what, m_file.string(), remedyFor(code), code, what);
}

void Database::execute(const std::string &sql) const
{
    const int code = sqlite3_exec(m_handle, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        fail(code);
}

std::int64_t Database::pragma(const std::string &name) const
{
    Statement statement(*this, "PRAGMA " + name);
    return statement.step() ? statement.integer(0) : 0;
}

void Database::backup(const std::filesystem::path &target) const
{
    const std::filesystem::path part = target.string() + ".part";
    std::filesystem::remove(part);
    {
        Database copy(part, Mode::Create);
        sqlite3_backup *work = sqlite3_backup_init(copy.handle(), "main", m_handle, "main");
        if (!work)
            copy.fail(sqlite3_errcode(copy.handle()));
        sqlite3_backup_step(work, -1);
        const int code = sqlite3_backup_finish(work);
        if (code != SQLITE_OK)
            copy.fail(code);
    }
    syncFile(part);
    std::filesystem::rename(part, target);
    syncFile(target.parent_path());
}

std::int64_t Database::lastInsertId() const
{
    return sqlite3_last_insert_rowid(m_handle);
}

Statement::Statement(const Database &database, std::string_view sql) : m_database(database)
{
    const int code =
        sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()), &m_statement, nullptr);
    if (code != SQLITE_OK)
        database.fail(code);
}

Statement::~Statement()
{
    sqlite3_finalize(m_statement);
}

bool Statement::step()
{
    const int code = sqlite3_step(m_statement);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        m_database.fail(code);
    return false;
}

void Statement::reset()
{
    sqlite3_reset(m_statement);
    sqlite3_clear_bindings(m_statement);
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(m_statement, column);
}

double Statement::real(int column) const
{
    return null(column) ? std::numeric_limits<double>::quiet_NaN() : sqlite3_column_double(m_statement, column);
}

std::string Statement::text(int column) const
{
    const auto *data = reinterpret_cast<const char *>(sqlite3_column_text(m_statement, column));
    return data ? std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column)))
                : std::string();
}

std::span<const std::byte> Statement::blob(int column) const
{
    const auto *data = static_cast<const std::byte *>(sqlite3_column_blob(m_statement, column));
    return {data, data ? static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column)) : 0};
}

bool Statement::null(int column) const
{
    return sqlite3_column_type(m_statement, column) == SQLITE_NULL;
}

void Statement::bindOne(int place, std::int64_t value)
{
    sqlite3_bind_int64(m_statement, place, value);
}

void Statement::bindOne(int place, double value)
{
    sqlite3_bind_double(m_statement, place, value);
}

void Statement::bindOne(int place, const std::string &value)
{
    sqlite3_bind_text64(m_statement, place, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void Statement::bindOne(int place, std::span<const std::byte> value)
{
    static constexpr std::byte nothing{};
    sqlite3_bind_blob64(m_statement, place, value.empty() ? &nothing : value.data(), value.size(), SQLITE_TRANSIENT);
}

Transaction::Transaction(const Database &database) : m_database(database)
{
    database.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction()
{
    if (m_open)
        sqlite3_exec(m_database.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit()
{
    m_database.execute("COMMIT");
    m_open = false;
}

} // namespace apiary::store
