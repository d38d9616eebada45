#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace apiary::store {

/// A run as the list of runs shows it. Times are Unix seconds.
struct RunRecord {
    std::int64_t id = 0;
    std::string name;
    std::string status; ///< "running", "finished", "stopped", "failed", "interrupted" (its process died)
    std::string message;
    std::int64_t started = 0;
    std::int64_t ended = 0; ///< 0 while it runs
    std::string specJson;   ///< resolved
    std::string specHash;
    std::string environment; ///< JSON: versions, device, threads, host's processor
    std::string datasetName;
    std::string datasetHash;
    std::string encoderName;
    std::string encoderHash;
    int totalSteps = 0;
    int bestStep = 0;
    std::filesystem::path folder; ///< absolute, its files (models/<run>): encoder/, *.npy; empty until published
};

/// One step's scalars, as plotted.
struct StepRecord {
    int step = 0;
    int epoch = 0;
    double time = 0; ///< seconds since the run began
    double loss = 0;
    double learningRate = 0;
    double gradientNorm = 0;
    double seconds = 0;
    std::int64_t tokens = 0;
    std::int64_t items = 0;
    int passes = 2;
    std::int64_t resident = 0;
    std::int64_t allocated = 0;
    std::int64_t gpuAllocated = -1;
    std::int64_t gpuReserved = -1;
};

struct MemoryRecord {
    double time = 0;
    std::int64_t resident = 0;
    std::int64_t allocated = 0;
    std::int64_t gpuAllocated = -1;
    std::int64_t gpuReserved = -1;
};

struct ValidationRecord {
    int step = 0;
    std::string metric;
    double value = 0;
};

struct LogRecord {
    double time = 0;
    std::string level;
    std::string text;
};

/// Test metrics of one model of a run, one value a user.
struct MetricRecord {
    std::string model;  ///< "untrained", "tuned", "random"
    std::string metric; ///< "recall@20" …
    std::vector<double> perUser;
    std::vector<std::string> users; ///< external ids beside perUser
};

/// A test metric of all lists of a model together (coverage, Gini), which no user has a value of.
struct TotalRecord {
    std::string model;
    std::string metric;
    double value = 0;
};

/// A part of a test: some items, or some users.
struct SegmentRecord {
    std::string name;               ///< "items: tail", "users: light"
    bool ofUsers = false;           ///< users belong to it; else they have a target in it
    std::vector<std::string> users; ///< external ids
    std::vector<MetricRecord>
        metrics; ///< of targets in the segment, beside `users` (their own are empty); none where it
                 ///< is a segment of users, whose values are those of the whole test
};

/// What a test found beside the metrics of its users.
struct TestDetails {
    std::vector<TotalRecord> totals;
    std::vector<SegmentRecord> segments;
};

/// A dataset that runs refer to.
struct DatasetRecord {
    std::string name;
    std::string hash;
    std::string counts; ///< JSON: what each filter step left
};

/// A dataset whose files are in the project.
struct ImportedDataset {
    std::string name;
    std::string hash;
    std::filesystem::path folder; ///< absolute; holds dataset.json and what data::writeDataset() wrote beside it
};

/// Throws InputError for a name that a dataset cannot have: blank, dots alone, blanks at its ends, control characters.
void checkDatasetName(const std::string &name);

/// An encoder that runs refer to, or that one made.
struct EncoderRecord {
    std::string name;
    std::string hash;
    std::filesystem::path folder; ///< relative to the project folder where it lies inside it
    std::string card;             ///< JSON
};

/// A further encoder that was evaluated on the test items of a run, beside those of the run itself.
struct TestedEncoder {
    std::int64_t id = 0;
    std::int64_t run = 0;
    std::string name;
    std::string hash;
    std::filesystem::path folder; ///< absolute
    std::int64_t tested = 0;      ///< Unix seconds; 0: now
    std::vector<MetricRecord> metrics;
    TestDetails details = {};
};

/// A project folder: project.sqlite and models/. Not thread-safe: one Project a thread (see reopen()).
/// One writer a project: opening for writing takes a lock that dies with the process.
class Project {
public:
    enum class Mode { ReadWrite, ReadOnly };

    /// Opens or, in ReadWrite mode, creates. Sweeps what a dead process left (temporary files, "running" rows become
    /// "interrupted"). Throws Error: newer file, not a project, no permission, locked by another process.
    static std::unique_ptr<Project> open(const std::filesystem::path &folder, Mode mode = Mode::ReadWrite);
    ~Project();

    /// Another connection to the same project for another thread of this process (shares the lock).
    std::unique_ptr<Project> reopen() const;

    const std::filesystem::path &folder() const;
    bool readOnly() const;

    std::int64_t beginRun(const RunRecord &run); ///< id and folder are given here; status "running"
    void updateRun(const RunRecord &run);        ///< by id: message, dataset and encoder fields, steps
    void addStep(std::int64_t run, const StepRecord &step);
    void addMemory(std::int64_t run, const std::vector<MemoryRecord> &records);
    void addValidation(std::int64_t run, const std::vector<ValidationRecord> &records);
    void addLog(std::int64_t run, const LogRecord &record);

    /// A folder for the run's files under a temporary name; becomes models/<run> in finishRun.
    std::filesystem::path stagingFolder(std::int64_t run);
    /// Removes it, so that finishRun publishes no files.
    void discardStaging(std::int64_t run);
    /// Files, then rows: fsync, rename of the staging folder (if there is one), one commit with synchronous=FULL of the
    /// metrics, the details and the status. Nothing of it is visible if it fails.
    void finishRun(const RunRecord &run, const std::vector<MetricRecord> &metrics,
                   const std::vector<EncoderRecord> &encoders = {}, const TestDetails &details = {});

    /// Adds or completes what runs refer to by name and hash.
    void recordDataset(const DatasetRecord &dataset);
    void recordEncoder(const EncoderRecord &encoder);
    std::vector<DatasetRecord> datasets() const;

    /// An empty folder for the files of a dataset that is imported; what an earlier call made is removed.
    std::filesystem::path datasetStaging();
    /// Files, then the row: fsync, rename of the staging folder to datasets/HASH, commit. Throws InputError where the
    /// project has another dataset of the name, unless `replace`: then that one goes; where it has these data under
    /// another name; and as checkDatasetName().
    ImportedDataset publishDataset(const DatasetRecord &dataset, bool replace);
    std::vector<ImportedDataset> importedDatasets() const; ///< by name
    /// The one of that name, or whose hash begins so (8 digits or more). Throws InputError that lists those there are.
    ImportedDataset importedDataset(const std::string &nameOrHash) const;
    /// Removes its files; runs keep its name and hash.
    void removeDataset(const std::string &nameOrHash);
    std::vector<EncoderRecord> encoders() const;

    std::vector<RunRecord> runs() const; ///< newest first
    std::optional<RunRecord> run(std::int64_t id) const;
    std::vector<StepRecord> steps(std::int64_t run) const;
    std::vector<MemoryRecord> memory(std::int64_t run) const;
    std::vector<ValidationRecord> validation(std::int64_t run) const;
    std::vector<LogRecord> log(std::int64_t run) const;
    std::vector<MetricRecord> metrics(std::int64_t run) const;
    /// Of the run's own models. Empty for runs that measured none, and those of Apiary before format 3.
    TestDetails details(std::int64_t run) const;
    /// Keeps a tested encoder in one commit, in place of an earlier one of the same hash; its id. Its segments are the run's:
    /// throws Error where their users are others.
    std::int64_t keepTested(const TestedEncoder &tested);
    std::vector<TestedEncoder> tested(std::int64_t run) const; ///< in the order in which they were added
    void removeTested(std::int64_t id);
    /// Hides a run from runs() until undo; its files stay until purgeDeleted().
    void deleteRun(std::int64_t run);
    void undeleteRun(std::int64_t run);
    void purgeDeleted();

    /// Small settings of the project (e.g. which run is pinned).
    std::string setting(const std::string &key) const;
    void setSetting(const std::string &key, const std::string &value);

private:
    struct Private;
    explicit Project(std::unique_ptr<Private> d);
    std::unique_ptr<Private> d;
};

} // namespace apiary::store
