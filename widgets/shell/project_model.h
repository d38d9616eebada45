#pragma once

#include "store/project.h"

#include <QObject>
#include <QString>
#include <filesystem>
#include <memory>
#include <vector>

namespace apiary::widgets {

/// The open project as the pages share it: its runs, and the run in view. GUI thread only; tasks use reopen().
class ProjectSession : public QObject {
    Q_OBJECT
public:
    explicit ProjectSession(QObject *parent = nullptr);
    ~ProjectSession() override;

    /// Opens or creates a project folder; read-only where another process holds it. Throws Error.
    void open(const std::filesystem::path &folder);
    bool isOpen() const { return m_project != nullptr; }
    bool readOnly() const;
    std::filesystem::path folder() const;
    /// The GUI thread's connection: short reads and single-row writes only.
    store::Project &project() const { return *m_project; }
    /// A connection for another thread; null while nothing is open.
    std::shared_ptr<store::Project> reopen() const;

    /// Newest first, as of the last refresh().
    const std::vector<store::RunRecord> &runs() const { return m_runs; }
    const store::RunRecord *find(qint64 run) const;
    /// Colour index of a run on every page: stable while the project is open (Theme::run()).
    int colourIndex(qint64 run) const;

    /// The run that Explore and Compare show; 0 while none is chosen.
    qint64 currentRun() const { return m_current; }
    void setCurrentRun(qint64 run);
    /// The run that executes in this window; 0 while none does.
    qint64 activeRun() const { return m_active; }
    void setActiveRun(qint64 run);

    void refresh(); ///< reads the list of runs again; emits runsChanged() if anything differs
    /// Hides a run; undo by undeleteRun. The files stay until the project closes.
    void deleteRun(qint64 run);
    void undeleteRun(qint64 run);
    /// Tells the pages that a run's results (metrics, encoder) are there.
    void notifyFinished(qint64 run);

Q_SIGNALS:
    void projectChanged();
    void runsChanged();
    void currentRunChanged(qint64 run);
    void runSelected(qint64 run); ///< same moment as currentRunChanged, also when it is chosen again
    void activeRunChanged(qint64 run);
    void runFinished(qint64 run); ///< finished, stopped or failed; runs() is up to date

private:
    std::unique_ptr<store::Project> m_project;
    std::vector<store::RunRecord> m_runs;
    qint64 m_current = 0;
    qint64 m_active = 0;
};

} // namespace apiary::widgets
