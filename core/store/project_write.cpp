#include "base/error.h"
#include "store/project.h"
#include "store/project_private.h"

#include <bit>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>

namespace apiary::store {

static_assert(std::endian::native == std::endian::little, "metric blobs are little-endian");

namespace {

std::int64_t now()
{
    using namespace std::chrono;
    return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

/// Undoes the rename of a run's folder unless the rows were committed.
class Publication {
public:
    Publication(std::filesystem::path from, std::filesystem::path to) : m_from(std::move(from)), m_to(std::move(to))
    {
        syncTree(m_from);
        std::filesystem::rename(m_from, m_to);
        m_renamed = true;
        syncFile(m_to.parent_path());
    }
    ~Publication()
    {
        std::error_code ignored;
        if (m_renamed)
            std::filesystem::rename(m_to, m_from, ignored);
    }
    void keep() { m_renamed = false; }

private:
    std::filesystem::path m_from;
    std::filesystem::path m_to;
    bool m_renamed = false;
};

/// synchronous=FULL while it lives: a commit is on disk when it returns.
class Durable {
public:
    explicit Durable(const Database &database) : m_database(database) { database.execute("PRAGMA synchronous = FULL"); }
    ~Durable()
    {
        try {
            m_database.execute("PRAGMA synchronous = NORMAL");
        } catch (const Error &) {
            // The connection stays at FULL: slower, not wrong.
        }
    }

private:
    const Database &m_database;
};

} // namespace

std::int64_t Project::beginRun(const RunRecord &run)
{
    d->requireWriter();
    Transaction transaction(d->database);
    Statement(d->database, "INSERT INTO runs (name, status, message, started, ended, spec, spec_hash, environment, "
                           "total_steps, best_step) VALUES (?1, 'running', ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8)")
        .bind(run.name, run.message, run.started != 0 ? run.started : now(), run.specJson, run.specHash,
              run.environment, run.totalSteps, run.bestStep)
        .run();
    RunRecord written = run;
    written.id = d->database.lastInsertId();
    written.status = "running";
    written.ended = 0;
    d->writeRun(written, false);
    transaction.commit();
    return written.id;
}

void Project::updateRun(const RunRecord &run)
{
    d->requireWriter();
    Transaction transaction(d->database);
    d->writeRun(run, false);
    transaction.commit();
}

void Project::Private::requireRun(std::int64_t run) const
{
    Statement statement(database, "SELECT 1 FROM runs WHERE id = ?1");
    if (!statement.bind(run).step())
        throw Error("there is no run " + std::to_string(run), folder.string(), "list them with `apiary-cli runs`");
}

void Project::Private::writeRun(const RunRecord &run, bool publish)
{
    requireRun(run.id);
    if (!run.datasetName.empty() || !run.datasetHash.empty())
        Statement(database, "INSERT OR IGNORE INTO datasets (name, hash) VALUES (?1, ?2)")
            .bind(run.datasetName, run.datasetHash)
            .run();
    if (!run.encoderName.empty() || !run.encoderHash.empty())
        Statement(database, "INSERT OR IGNORE INTO encoders (name, hash) VALUES (?1, ?2)")
            .bind(run.encoderName, run.encoderHash)
            .run();
    Statement(database, "UPDATE runs SET name = ?2, status = ?3, message = ?4, ended = ?5, total_steps = ?6, "
                        "best_step = ?7, published = published OR ?8, "
                        "dataset = (SELECT id FROM datasets WHERE name = ?9 AND hash = ?10), "
                        "encoder = (SELECT id FROM encoders WHERE name = ?11 AND hash = ?12) WHERE id = ?1")
        .bind(run.id, run.name, run.status, run.message, run.ended, run.totalSteps, run.bestStep, publish,
              run.datasetName, run.datasetHash, run.encoderName, run.encoderHash)
        .run();
}

void Project::addStep(std::int64_t run, const StepRecord &step)
{
    d->requireWriter();
    Statement(d->database,
              "INSERT INTO steps VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)")
        .bind(run, step.step, step.epoch, step.time, step.loss, step.learningRate, step.gradientNorm, step.seconds,
              step.tokens, step.items, step.passes, step.resident, step.allocated, step.gpuAllocated, step.gpuReserved)
        .run();
}

void Project::addMemory(std::int64_t run, const std::vector<MemoryRecord> &records)
{
    d->requireWriter();
    Transaction transaction(d->database);
    Statement insert(d->database, "INSERT INTO memory (run, time, resident, allocated, gpu_allocated, gpu_reserved) "
                                  "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    for (const MemoryRecord &record : records)
        insert.bind(run, record.time, record.resident, record.allocated, record.gpuAllocated, record.gpuReserved).run();
    transaction.commit();
}

void Project::addValidation(std::int64_t run, const std::vector<ValidationRecord> &records)
{
    d->requireWriter();
    Transaction transaction(d->database);
    Statement insert(d->database, "INSERT INTO validation VALUES (?1, ?2, ?3, ?4)");
    for (const ValidationRecord &record : records)
        insert.bind(run, record.step, record.metric, record.value).run();
    transaction.commit();
}

void Project::addLog(std::int64_t run, const LogRecord &record)
{
    d->requireWriter();
    Statement(d->database, "INSERT INTO log (run, time, level, text) VALUES (?1, ?2, ?3, ?4)")
        .bind(run, record.time, record.level, record.text)
        .run();
}

void Project::discardStaging(std::int64_t run)
{
    d->requireWriter();
    std::error_code ignored;
    std::filesystem::remove_all(d->staging(run), ignored);
}

std::filesystem::path Project::stagingFolder(std::int64_t run)
{
    d->requireWriter();
    d->requireRun(run);
    const auto folder = d->staging(run);
    std::error_code code;
    std::filesystem::create_directories(folder, code);
    if (code)
        throw Error("the run's folder cannot be made: " + code.message(), folder.string(),
                    "check that you may write there, and the disk's free space");
    return folder;
}

void Project::finishRun(const RunRecord &run, const std::vector<MetricRecord> &metrics,
                        const std::vector<EncoderRecord> &encoders, const TestDetails &details)
{
    d->requireWriter();
    d->requireRun(run.id);
    const auto staging = d->staging(run.id);
    std::unique_ptr<Publication> publication;
    if (std::filesystem::exists(staging))
        publication = std::make_unique<Publication>(staging, d->published(run.id));

    const Durable durable(d->database);
    Transaction transaction(d->database);
    for (const EncoderRecord &encoder : encoders)
        d->writeEncoder(encoder);
    RunRecord finished = run;
    if (finished.ended == 0)
        finished.ended = now();
    d->writeRun(finished, publication != nullptr);
    d->writeMetrics(run.id, metrics);
    d->writeDetails(run.id, 0, details);
    transaction.commit();
    if (publication)
        publication->keep();
}

std::int64_t Project::Private::usersRow(std::int64_t run, const std::vector<std::string> &users) const
{
    const std::string text = nlohmann::json(users).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    Statement known(database, "SELECT id FROM metric_users WHERE run = ?1 AND users = ?2");
    if (known.bind(run, text).step())
        return known.integer(0);
    Statement(database, "INSERT INTO metric_users (run, users) VALUES (?1, ?2)").bind(run, text).run();
    return database.lastInsertId();
}

void Project::Private::writeMetrics(std::int64_t run, const std::vector<MetricRecord> &metrics)
{
    std::map<std::vector<std::string>, std::int64_t> known;
    Statement insert(database, "INSERT INTO metrics (run, model, metric, users, per_user) VALUES (?1, ?2, ?3, ?4, ?5)");
    for (const MetricRecord &record : metrics) {
        auto place = known.find(record.users);
        if (place == known.end())
            place = known.emplace(record.users, usersRow(run, record.users)).first;
        insert.bind(run, record.model, record.metric, place->second, std::as_bytes(std::span(record.perUser))).run();
    }
}

std::int64_t Project::keepTested(const TestedEncoder &tested)
{
    d->requireWriter();
    d->requireRun(tested.run);
    Transaction transaction(d->database);
    Statement(d->database, "DELETE FROM tested_encoders WHERE run = ?1 AND hash = ?2")
        .bind(tested.run, tested.hash)
        .run();
    Statement(d->database, "INSERT INTO tested_encoders (run, name, hash, folder, tested) VALUES (?1, ?2, ?3, ?4, ?5)")
        .bind(tested.run, tested.name, tested.hash, d->relative(tested.folder),
              tested.tested != 0 ? tested.tested : now())
        .run();
    const std::int64_t id = d->database.lastInsertId();
    Statement insert(d->database,
                     "INSERT INTO tested_metrics (encoder, metric, users, per_user) VALUES (?1, ?2, ?3, ?4)");
    for (const MetricRecord &record : tested.metrics)
        insert.bind(id, record.metric, d->usersRow(tested.run, record.users), std::as_bytes(std::span(record.perUser)))
            .run();
    d->writeDetails(tested.run, id, tested.details);
    transaction.commit();
    return id;
}

void Project::removeTested(std::int64_t id)
{
    d->requireWriter();
    Statement(d->database, "DELETE FROM tested_encoders WHERE id = ?1").bind(id).run();
}

void Project::Private::writeEncoder(const EncoderRecord &encoder)
{
    Statement(database, "INSERT INTO encoders (name, hash, folder, card) VALUES (?1, ?2, ?3, ?4) "
                        "ON CONFLICT (name, hash) DO UPDATE SET folder = excluded.folder, card = excluded.card")
        .bind(encoder.name, encoder.hash, relative(encoder.folder), encoder.card)
        .run();
}

void Project::recordEncoder(const EncoderRecord &encoder)
{
    d->requireWriter();
    d->writeEncoder(encoder);
}

void Project::recordDataset(const DatasetRecord &dataset)
{
    d->requireWriter();
    Statement(d->database, "INSERT INTO datasets (name, hash, counts) VALUES (?1, ?2, ?3) "
                           "ON CONFLICT (name, hash) DO UPDATE SET counts = excluded.counts")
        .bind(dataset.name, dataset.hash, dataset.counts)
        .run();
}

void Project::deleteRun(std::int64_t run)
{
    d->requireWriter();
    const auto record = this->run(run);
    if (record && record->status == "running")
        throw Error("run " + std::to_string(run) + " is still going on", d->folder.string(), "stop it first");
    d->requireRun(run);
    Statement(d->database, "UPDATE runs SET deleted = 1 WHERE id = ?1").bind(run).run();
}

void Project::undeleteRun(std::int64_t run)
{
    d->requireWriter();
    d->requireRun(run);
    Statement(d->database, "UPDATE runs SET deleted = 0 WHERE id = ?1").bind(run).run();
}

void Project::purgeDeleted()
{
    d->requireWriter();
    std::vector<std::int64_t> gone;
    Transaction transaction(d->database);
    Statement rows(d->database, "SELECT id FROM runs WHERE deleted = 1");
    while (rows.step())
        gone.push_back(rows.integer(0));
    d->database.execute("DELETE FROM runs WHERE deleted = 1");
    transaction.commit();
    // Rows first: what stays behind after a crash here is an orphan, which the next opening removes.
    for (const std::int64_t run : gone)
        std::filesystem::remove_all(d->published(run));
}

} // namespace apiary::store
