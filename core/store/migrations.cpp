#include "store/migrations.h"

#include "base/error.h"

#include <array>
#include <string>

namespace apiary::store {

namespace {

// Times are Unix seconds or, for events, seconds since the run began; memory is bytes. A value that was not finite is
// NULL. `users` of a metric holds external ids as a JSON array, `per_user` the doubles beside it, little-endian.
constexpr Migration first = R"sql(
CREATE TABLE datasets (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    counts TEXT NOT NULL DEFAULT '{}',
    UNIQUE (name, hash)
);
CREATE TABLE encoders (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    folder TEXT NOT NULL DEFAULT '',
    card TEXT NOT NULL DEFAULT '{}',
    UNIQUE (name, hash)
);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'finished', 'stopped', 'failed', 'interrupted')),
    message TEXT NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    spec TEXT NOT NULL,
    spec_hash TEXT NOT NULL,
    environment TEXT NOT NULL,
    dataset INTEGER REFERENCES datasets (id),
    encoder INTEGER REFERENCES encoders (id),
    total_steps INTEGER NOT NULL,
    best_step INTEGER NOT NULL,
    published INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE steps (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    time REAL,
    loss REAL,
    learning_rate REAL,
    gradient_norm REAL,
    seconds REAL,
    tokens INTEGER NOT NULL,
    items INTEGER NOT NULL,
    passes INTEGER NOT NULL,
    resident INTEGER NOT NULL,
    allocated INTEGER NOT NULL,
    gpu_allocated INTEGER NOT NULL,
    gpu_reserved INTEGER NOT NULL,
    PRIMARY KEY (run, step)
) WITHOUT ROWID;
CREATE TABLE memory (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    time REAL,
    resident INTEGER NOT NULL,
    allocated INTEGER NOT NULL,
    gpu_allocated INTEGER NOT NULL,
    gpu_reserved INTEGER NOT NULL
);
CREATE INDEX memory_of_run ON memory (run, time);
CREATE TABLE validation (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    metric TEXT NOT NULL,
    value REAL,
    PRIMARY KEY (run, step, metric)
) WITHOUT ROWID;
CREATE TABLE log (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    time REAL,
    level TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX log_of_run ON log (run);
CREATE TABLE metric_users (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    users TEXT NOT NULL
);
CREATE INDEX metric_users_of_run ON metric_users (run);
CREATE TABLE metrics (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    model TEXT NOT NULL,
    metric TEXT NOT NULL,
    users INTEGER NOT NULL REFERENCES metric_users (id) ON DELETE CASCADE,
    per_user BLOB NOT NULL,
    UNIQUE (run, model, metric)
);
CREATE INDEX metrics_of_users ON metrics (users);
CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
)sql";

// Further encoders tested on a run's test items; their users are rows of metric_users, as the run's own are.
constexpr Migration second = R"sql(
CREATE TABLE tested_encoders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    folder TEXT NOT NULL,
    tested INTEGER NOT NULL,
    UNIQUE (run, hash)
);
CREATE TABLE tested_metrics (
    encoder INTEGER NOT NULL REFERENCES tested_encoders (id) ON DELETE CASCADE,
    metric TEXT NOT NULL,
    users INTEGER NOT NULL REFERENCES metric_users (id) ON DELETE CASCADE,
    per_user BLOB NOT NULL,
    PRIMARY KEY (encoder, metric)
);
CREATE INDEX tested_metrics_of_users ON tested_metrics (users);
)sql";

// What a test found beside the metrics of its users. `encoder` is a tested encoder, or NULL for the run's own models.
// Values of a segment of users are those of the test: only who belongs to it is kept.
constexpr Migration third = R"sql(
CREATE TABLE totals (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    encoder INTEGER REFERENCES tested_encoders (id) ON DELETE CASCADE,
    model TEXT NOT NULL,
    metric TEXT NOT NULL,
    value REAL
);
CREATE UNIQUE INDEX totals_of_model ON totals (run, coalesce(encoder, 0), model, metric);
CREATE INDEX totals_of_encoder ON totals (encoder);
CREATE TABLE segments (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    of_users INTEGER NOT NULL,
    users INTEGER NOT NULL REFERENCES metric_users (id) ON DELETE CASCADE,
    UNIQUE (run, name)
);
CREATE INDEX segments_of_users ON segments (users);
CREATE TABLE segment_metrics (
    id INTEGER PRIMARY KEY,
    segment INTEGER NOT NULL REFERENCES segments (id) ON DELETE CASCADE,
    encoder INTEGER REFERENCES tested_encoders (id) ON DELETE CASCADE,
    model TEXT NOT NULL,
    metric TEXT NOT NULL,
    per_user BLOB NOT NULL
);
CREATE UNIQUE INDEX segment_metrics_of_model ON segment_metrics (segment, coalesce(encoder, 0), model, metric);
CREATE INDEX segment_metrics_of_encoder ON segment_metrics (encoder);
)sql";

constexpr std::array<Migration, 3> all{first, second, third};

bool empty(const Database &database)
{
    Statement count(database, "SELECT count(*) FROM sqlite_master");
    count.step();
    return count.integer(0) == 0;
}

} // namespace

std::span<const Migration> migrations()
{
    return all;
}

void checkVersion(const Database &database, bool mayBeEmpty, std::span<const Migration> steps)
{
    const std::int64_t id = database.pragma("application_id");
    const std::int64_t version = database.pragma("user_version");
    if (mayBeEmpty && id == 0 && version == 0 && empty(database))
        return;
    if (id != applicationId)
        throw Error("this is a SQLite file, but no Apiary project", database.file().string(),
                    "choose another folder for the project");
    const auto newest = static_cast<std::int64_t>(steps.size());
    if (version > newest)
        throw Error("the project was written by a newer Apiary (format " + std::to_string(version) +
                        ", this one knows " + std::to_string(newest) + ")",
                    database.file().string(), "open it with that version");
    if (version < 1)
        throw Error("the project has no format version", database.file().string(), "put back a copy of it");
}

void migrate(const Database &database, std::span<const Migration> steps)
{
    const std::int64_t version = database.pragma("user_version");
    const auto newest = static_cast<std::int64_t>(steps.size());
    if (version >= newest)
        return;
    std::string backup;
    if (version > 0) {
        backup = database.file().string() + ".v" + std::to_string(version) + ".backup";
        database.backup(backup);
    }
    try {
        Transaction transaction(database);
        for (std::int64_t step = version; step < newest; ++step)
            database.execute(std::string(steps[static_cast<std::size_t>(step)]));
        database.execute("PRAGMA application_id = " + std::to_string(applicationId));
        database.execute("PRAGMA user_version = " + std::to_string(newest));
        transaction.commit();
    } catch (const Error &error) {
        if (backup.empty())
            throw;
        throw Error("the project could not be brought to format " + std::to_string(newest) + ": " + error.problem(),
                    database.file().string(), "nothing was changed; a copy is in " + backup);
    }
}

} // namespace apiary::store
