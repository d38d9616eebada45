#include "widgets/shell/project_model.h"

#include "base/error.h"

#include <algorithm>
#include <tuple>

namespace apiary::widgets {

namespace {

auto shown(const store::RunRecord &run)
{
    return std::tie(run.id, run.name, run.status, run.message, run.ended, run.totalSteps, run.bestStep, run.datasetName,
                    run.encoderName, run.folder);
}

} // namespace

ProjectSession::ProjectSession(QObject *parent) : QObject(parent) {}

ProjectSession::~ProjectSession()
{
    try {
        if (m_project && !m_project->readOnly())
            m_project->purgeDeleted();
    } catch (const std::exception &) {
        // the rows stay hidden; the next closing tries again
    }
}

void ProjectSession::open(const std::filesystem::path &folder)
{
    std::unique_ptr<store::Project> project;
    try {
        project = store::Project::open(folder, store::Project::Mode::ReadWrite);
    } catch (const Error &) {
        if (!std::filesystem::exists(folder / "project.sqlite"))
            throw;
        project = store::Project::open(folder, store::Project::Mode::ReadOnly);
    }
    m_project = std::move(project);
    m_runs = m_project->runs();
    m_current = 0;
    m_active = 0;
    Q_EMIT projectChanged();
    Q_EMIT runsChanged();
    for (const store::RunRecord &run : m_runs)
        if (run.status == "finished") {
            setCurrentRun(run.id);
            return;
        }
    setCurrentRun(m_runs.empty() ? 0 : m_runs.front().id);
}

bool ProjectSession::readOnly() const
{
    return m_project && m_project->readOnly();
}

std::filesystem::path ProjectSession::folder() const
{
    return m_project ? m_project->folder() : std::filesystem::path();
}

std::shared_ptr<store::Project> ProjectSession::reopen() const
{
    return m_project ? std::shared_ptr<store::Project>(m_project->reopen()) : nullptr;
}

const store::RunRecord *ProjectSession::find(qint64 run) const
{
    const auto at = std::find_if(m_runs.begin(), m_runs.end(), [run](const auto &r) { return r.id == run; });
    return at == m_runs.end() ? nullptr : &*at;
}

int ProjectSession::colourIndex(qint64 run) const
{
    return static_cast<int>((run + 4) % 5);
}

void ProjectSession::setCurrentRun(qint64 run)
{
    const bool changed = run != m_current;
    m_current = run;
    if (changed)
        Q_EMIT currentRunChanged(run);
    Q_EMIT runSelected(run);
}

void ProjectSession::setActiveRun(qint64 run)
{
    if (run == m_active)
        return;
    m_active = run;
    Q_EMIT activeRunChanged(run);
}

void ProjectSession::refresh()
{
    if (!m_project)
        return;
    std::vector<store::RunRecord> runs = m_project->runs();
    const bool same = std::equal(runs.begin(), runs.end(), m_runs.begin(), m_runs.end(),
                                 [](const auto &a, const auto &b) { return shown(a) == shown(b); });
    if (same)
        return;
    m_runs = std::move(runs);
    Q_EMIT runsChanged();
    if (m_current != 0 && !find(m_current))
        setCurrentRun(m_runs.empty() ? 0 : m_runs.front().id);
}

void ProjectSession::deleteRun(qint64 run)
{
    m_project->deleteRun(run);
    refresh();
}

void ProjectSession::undeleteRun(qint64 run)
{
    m_project->undeleteRun(run);
    refresh();
}

void ProjectSession::notifyFinished(qint64 run)
{
    refresh();
    Q_EMIT runFinished(run);
}

} // namespace apiary::widgets
