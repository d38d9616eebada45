#include "base/error.h"
#include "store/project.h"
#include "store/project_private.h"

#include <cstring>
#include <nlohmann/json.hpp>

namespace apiary::store {

namespace {

constexpr const char *runColumns =
    "SELECT runs.id, runs.name, status, message, started, ended, spec, spec_hash, environment, "
    "coalesce(datasets.name, ''), coalesce(datasets.hash, ''), coalesce(encoders.name, ''), coalesce(encoders.hash, "
    "''), "
    "total_steps, best_step, published FROM runs LEFT JOIN datasets ON datasets.id = runs.dataset "
    "LEFT JOIN encoders ON encoders.id = runs.encoder ";

} // namespace

std::vector<RunRecord> Project::runs() const
{
    std::vector<RunRecord> out;
    Statement ids(d->database, "SELECT id FROM runs WHERE deleted = 0 ORDER BY id DESC");
    while (ids.step())
        if (auto record = run(ids.integer(0)))
            out.push_back(std::move(*record));
    return out;
}

std::optional<RunRecord> Project::run(std::int64_t id) const
{
    Statement row(d->database, std::string(runColumns) + "WHERE runs.id = ?1");
    if (!row.bind(id).step())
        return std::nullopt;
    RunRecord run;
    run.id = row.integer(0);
    run.name = row.text(1);
    run.status = row.text(2);
    run.message = row.text(3);
    run.started = row.integer(4);
    run.ended = row.integer(5);
    run.specJson = row.text(6);
    run.specHash = row.text(7);
    run.environment = row.text(8);
    run.datasetName = row.text(9);
    run.datasetHash = row.text(10);
    run.encoderName = row.text(11);
    run.encoderHash = row.text(12);
    run.totalSteps = static_cast<int>(row.integer(13));
    run.bestStep = static_cast<int>(row.integer(14));
    if (row.integer(15) != 0)
        run.folder = d->published(run.id);
    // A reader cannot mark what a dead writer left, but must not show it as alive.
    if (run.status == "running" && readOnly() && !FileLock::held(Private::lockFile(d->folder)))
        run.status = "interrupted";
    return run;
}

std::vector<StepRecord> Project::steps(std::int64_t run) const
{
    std::vector<StepRecord> out;
    Statement row(d->database, "SELECT step, epoch, time, loss, learning_rate, gradient_norm, seconds, tokens, items, "
                               "passes, resident, allocated, gpu_allocated, gpu_reserved FROM steps WHERE run = ?1 "
                               "ORDER BY step");
    row.bind(run);
    while (row.step()) {
        StepRecord &step = out.emplace_back();
        step.step = static_cast<int>(row.integer(0));
        step.epoch = static_cast<int>(row.integer(1));
        step.time = row.real(2);
        step.loss = row.real(3);
        step.learningRate = row.real(4);
        step.gradientNorm = row.real(5);
        step.seconds = row.real(6);
        step.tokens = row.integer(7);
        step.items = row.integer(8);
        step.passes = static_cast<int>(row.integer(9));
        step.resident = row.integer(10);
        step.allocated = row.integer(11);
        step.gpuAllocated = row.integer(12);
        step.gpuReserved = row.integer(13);
    }
    return out;
}

std::vector<MemoryRecord> Project::memory(std::int64_t run) const
{
    std::vector<MemoryRecord> out;
    Statement row(d->database,
                  "SELECT time, resident, allocated, gpu_allocated, gpu_reserved FROM memory WHERE run = ?1 "
                  "ORDER BY time");
    row.bind(run);
    while (row.step())
        out.push_back({row.real(0), row.integer(1), row.integer(2), row.integer(3), row.integer(4)});
    return out;
}

std::vector<ValidationRecord> Project::validation(std::int64_t run) const
{
    std::vector<ValidationRecord> out;
    Statement row(d->database, "SELECT step, metric, value FROM validation WHERE run = ?1 ORDER BY step, metric");
    row.bind(run);
    while (row.step())
        out.push_back({static_cast<int>(row.integer(0)), row.text(1), row.real(2)});
    return out;
}

std::vector<LogRecord> Project::log(std::int64_t run) const
{
    std::vector<LogRecord> out;
    Statement row(d->database, "SELECT time, level, text FROM log WHERE run = ?1 ORDER BY id");
    row.bind(run);
    while (row.step())
        out.push_back({row.real(0), row.text(1), row.text(2)});
    return out;
}

void Project::Private::damagedMetrics(std::int64_t run) const
{
    throw Error("the metrics of run " + std::to_string(run) + " are damaged", database.file().string(),
                "put back a copy of the project");
}

std::vector<std::string> Project::Private::readUsers(const std::string &json, std::int64_t run) const
{
    const auto ids = nlohmann::json::parse(json, nullptr, false);
    if (!ids.is_array())
        damagedMetrics(run);
    std::vector<std::string> users;
    for (const auto &id : ids)
        users.push_back(id.is_string() ? id.get<std::string>() : id.dump());
    return users;
}

std::vector<double> Project::Private::readValues(std::span<const std::byte> bytes, std::size_t users,
                                                 std::int64_t run) const
{
    if (bytes.size() != users * sizeof(double))
        damagedMetrics(run);
    std::vector<double> values(users);
    if (users > 0)
        std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

MetricRecord Project::Private::readMetric(const Statement &row, std::int64_t run) const
{
    MetricRecord record;
    record.model = row.text(0);
    record.metric = row.text(1);
    record.users = readUsers(row.text(3), run);
    record.perUser = readValues(row.blob(2), record.users.size(), run);
    return record;
}

std::vector<MetricRecord> Project::metrics(std::int64_t run) const
{
    std::vector<MetricRecord> out;
    Statement row(d->database, "SELECT model, metric, per_user, metric_users.users FROM metrics "
                               "JOIN metric_users ON metric_users.id = metrics.users WHERE metrics.run = ?1 "
                               "ORDER BY metrics.id");
    row.bind(run);
    while (row.step())
        out.push_back(d->readMetric(row, run));
    return out;
}

std::vector<TestedEncoder> Project::tested(std::int64_t run) const
{
    std::vector<TestedEncoder> out;
    Statement encoder(d->database,
                      "SELECT id, name, hash, folder, tested FROM tested_encoders WHERE run = ?1 ORDER BY id");
    encoder.bind(run);
    while (encoder.step()) {
        TestedEncoder &tested = out.emplace_back();
        tested.id = encoder.integer(0);
        tested.run = run;
        tested.name = encoder.text(1);
        tested.hash = encoder.text(2);
        tested.folder = d->folder / encoder.text(3); // one outside the project is absolute and stays as it is
        tested.tested = encoder.integer(4);
        Statement row(d->database, "SELECT ?2, metric, per_user, metric_users.users FROM tested_metrics "
                                   "JOIN metric_users ON metric_users.id = tested_metrics.users WHERE encoder = ?1 "
                                   "ORDER BY tested_metrics.rowid");
        row.bind(tested.id, tested.name);
        while (row.step())
            tested.metrics.push_back(d->readMetric(row, run));
        tested.details = d->readDetails(run, tested.id);
    }
    return out;
}

std::vector<DatasetRecord> Project::datasets() const
{
    std::vector<DatasetRecord> out;
    Statement row(d->database, "SELECT name, hash, counts FROM datasets ORDER BY id");
    while (row.step())
        out.push_back({row.text(0), row.text(1), row.text(2)});
    return out;
}

std::vector<EncoderRecord> Project::encoders() const
{
    std::vector<EncoderRecord> out;
    Statement row(d->database, "SELECT name, hash, folder, card FROM encoders ORDER BY id");
    while (row.step())
        out.push_back({row.text(0), row.text(1), row.text(2), row.text(3)});
    return out;
}

} // namespace apiary::store
