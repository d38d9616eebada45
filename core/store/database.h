#pragma once

#include "base/error.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace apiary::store {

/// What SQLite says went wrong. `reason` is its bare message, `code` its (extended) result code.
class DatabaseError : public Error {
public:
    DatabaseError(std::string what, std::string where, std::string remedy, int code, std::string reason = {});
    /// Whether the file's bytes are at fault: it is damaged, cut short or no database.
    bool damaged() const;
    const std::string &reason() const { return m_reason.empty() ? problem() : m_reason; }

private:
    int m_code;
    std::string m_reason;
};

/// A SQLite connection with Apiary's settings: foreign keys, synchronous NORMAL, a busy timeout. One thread at a time.
/// Every failure throws DatabaseError that names the file and what to do.
class Database {
public:
    enum class Mode {
        Create,   ///< read and write, made where it is missing
        ReadOnly, ///< must be there; works in a folder that cannot be written to
    };

    Database(std::filesystem::path file, Mode mode);
    ~Database();
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;

    void execute(const std::string &sql) const;
    std::int64_t pragma(const std::string &name) const;
    /// Copies the whole database, with SQLite's backup API, to `target`: complete on disk when it returns.
    void backup(const std::filesystem::path &target) const;
    std::int64_t lastInsertId() const;

    sqlite3 *handle() const { return m_handle; }
    const std::filesystem::path &file() const { return m_file; }
    /// Throws the DatabaseError of SQLite's result code.
    [[noreturn]] void fail(int code) const;

private:
    void open(const std::string &name, int flags);

    std::filesystem::path m_file;
    sqlite3 *m_handle = nullptr;
};

/// A prepared statement: bind by order, then step() through rows.
class Statement {
public:
    Statement(const Database &database, std::string_view sql);
    ~Statement();
    Statement(const Statement &) = delete;
    Statement &operator=(const Statement &) = delete;

    template <typename... Values>
    Statement &bind(const Values &...values)
    {
        reset();
        int place = 0;
        (bindOne(++place, values), ...);
        return *this;
    }
    /// True where there is a row to read.
    bool step();
    /// For statements without rows.
    void run() { step(); }
    void reset();

    std::int64_t integer(int column) const;
    double real(int column) const; ///< NULL reads as NaN, which is how SQLite keeps a NaN
    std::string text(int column) const;
    std::span<const std::byte> blob(int column) const; ///< valid until the next step
    bool null(int column) const;

private:
    void bindOne(int place, std::int64_t value);
    void bindOne(int place, int value) { bindOne(place, static_cast<std::int64_t>(value)); }
    void bindOne(int place, bool value) { bindOne(place, static_cast<std::int64_t>(value)); }
    void bindOne(int place, double value);
    void bindOne(int place, const std::string &value);
    void bindOne(int place, const char *value) { bindOne(place, std::string(value)); }
    void bindOne(int place, std::span<const std::byte> value);

    const Database &m_database;
    sqlite3_stmt *m_statement = nullptr;
};

/// BEGIN IMMEDIATE … COMMIT; rolls back where commit() was not reached.
class Transaction {
public:
    explicit Transaction(const Database &database);
    ~Transaction();
    Transaction(const Transaction &) = delete;
    Transaction &operator=(const Transaction &) = delete;
    void commit();

private:
    const Database &m_database;
    bool m_open = true;
};

} // namespace apiary::store
