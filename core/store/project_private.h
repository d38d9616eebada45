#pragma once

#include "store/database.h"
#include "store/files.h"
#include "store/project.h"

#include <memory>
#include <string>

namespace apiary::store {

struct Project::Private {
    Private(std::filesystem::path where, Mode openMode, std::shared_ptr<FileLock> writer)
        : folder(std::move(where))
        , mode(openMode)
        , lock(std::move(writer))
        , database(folder / "project.sqlite",
                   mode == Mode::ReadWrite ? Database::Mode::Create : Database::Mode::ReadOnly)
    {
    }

    std::filesystem::path folder; ///< absolute
    Mode mode;
    std::shared_ptr<FileLock> lock; ///< null where read-only; shared by the connections of this process
    Database database;

    static std::filesystem::path lockFile(const std::filesystem::path &folder) { return folder / "project.lock"; }
    std::filesystem::path models() const { return folder / "models"; }
    std::filesystem::path datasets() const { return folder / "datasets"; }
    std::filesystem::path published(std::int64_t run) const { return models() / std::to_string(run); }
    std::filesystem::path staging(std::int64_t run) const { return models() / (".staging-" + std::to_string(run)); }

    /// Throws Error where the project was opened read-only.
    void requireWriter() const;
    /// Removes what a dead process left; marks its runs interrupted.
    void sweep();
    /// The part of it for imported datasets.
    void sweepDatasets() const;
    std::string relative(const std::filesystem::path &path) const;
    void writeRun(const RunRecord &run, bool publish);
    void writeMetrics(std::int64_t run, const std::vector<MetricRecord> &metrics);
    /// The row of metric_users that holds these users, made where the run has none.
    std::int64_t usersRow(std::int64_t run, const std::vector<std::string> &users) const;
    /// Totals, segments and their metrics of the run, or with `encoder` > 0 of one that was tested beside it.
    void writeDetails(std::int64_t run, std::int64_t encoder, const TestDetails &details) const;
    TestDetails readDetails(std::int64_t run, std::int64_t encoder) const;
    /// The row of segments for one, made where the run has none of the name.
    std::int64_t segmentRow(std::int64_t run, const SegmentRecord &segment) const;
    /// External ids of a row of metric_users, and as many values of a blob. Throw Error where they are damaged.
    std::vector<std::string> readUsers(const std::string &json, std::int64_t run) const;
    std::vector<double> readValues(std::span<const std::byte> bytes, std::size_t users, std::int64_t run) const;
    [[noreturn]] void damagedMetrics(std::int64_t run) const;
    /// From the columns model, metric, per_user, users.
    MetricRecord readMetric(const Statement &row, std::int64_t run) const;
    void writeEncoder(const EncoderRecord &encoder);
    void requireRun(std::int64_t run) const;
};

} // namespace apiary::store
