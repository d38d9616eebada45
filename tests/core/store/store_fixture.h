#pragma once

#include "base/error.h"
#include "store/database.h"
#include "store/project.h"

#include <QTemporaryDir>

#include <filesystem>
#include <string>

namespace apiary::tests {

/// Folders for projects, which go with the test: a base of its class. init() calls nextFolder().
class ProjectFolders {
protected:
    std::filesystem::path folder() const
    {
        return m_dir.filePath(QStringLiteral("project%1").arg(m_number)).toStdString();
    }
    void nextFolder() { ++m_number; }

private:
    QTemporaryDir m_dir;
    int m_number = 0;
};

/// The message of the Error that `call` throws; empty where it throws none.
template <typename Call>
std::string errorOf(const Call &call)
{
    try {
        call();
    } catch (const Error &error) {
        return error.what();
    }
    return {};
}

/// A finished run, tested on users u1, u2 and u3.
inline std::int64_t addRun(store::Project &project, const store::TestDetails &details = {})
{
    store::RunRecord run;
    run.name = "first try";
    run.specJson = "{}";
    run.id = project.beginRun(run);
    run.status = "finished";
    project.finishRun(run, {{"tuned", "recall@20", {0.5, 0.25, 0.125}, {"u1", "u2", "u3"}}}, {}, details);
    return run.id;
}

/// An encoder tested on the same users beside a run.
inline store::TestedEncoder testedEncoder(std::int64_t run, const std::string &hash, double value,
                                          const std::filesystem::path &folder = "/models/mini")
{
    store::TestedEncoder encoder;
    encoder.run = run;
    encoder.name = "mini";
    encoder.hash = hash;
    encoder.folder = folder;
    for (const char *metric : {"recall@20", "ndcg@100"})
        encoder.metrics.push_back({"mini", metric, {value, value / 3, value / 9}, {"u1", "u2", "u3"}});
    return encoder;
}

/// Rows of a table of the project in the folder.
inline std::int64_t rowCount(const std::filesystem::path &folder, const std::string &table)
{
    const store::Database database(folder / "project.sqlite", store::Database::Mode::ReadOnly);
    store::Statement row(database, "SELECT count(*) FROM " + table);
    row.step();
    return row.integer(0);
}

} // namespace apiary::tests
