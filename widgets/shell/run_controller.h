#pragma once

#include "run/run_event.h"
#include "run/run_spec.h"
#include "run/runner.h"
#include "widgets/shell/event_buffer.h"

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <atomic>
#include <memory>
#include <stop_token>
#include <vector>

class QThread;
class QTimer;

namespace apiary::widgets {

class ProjectSession;

/// Where the run of this window stands, for the run bar.
struct RunState {
    qint64 run = 0;
    QString name;
    QString encoder;
    run::RunStatus status = run::RunStatus::Running;
    bool active = false;
    bool paused = false;   ///< it waits
    bool pausing = false;  ///< asked to, not there yet
    bool stopping = false; ///< asked to stop
    Progress progress;     ///< the latest
    int step = 0;
    int totalSteps = 0;
    double secondsAStep = 0; ///< mean of the last few; 0 while unknown
    double secondsLeft = -1;
    double seconds = 0; ///< since the run began
    MemoryUse memory;
    QString message;
};

/// Runs one RunSpec at a time in a thread of its own and hands what it reports to the window thirty times a second.
/// GUI thread only. Nothing that training does waits for the window.
class RunController : public QObject {
    Q_OBJECT
public:
    explicit RunController(ProjectSession *session, QObject *parent = nullptr);
    ~RunController() override; ///< stops the run and waits for it

    bool active() const { return m_state.active; }
    const RunState &state() const { return m_state; }

    /// Throws Error where a run is active, no project is open for writing, or the spec's files are missing.
    void start(const run::RunSpec &spec);
    void pause();
    void resume();
    void stop();
    /// Stops and waits, at most `ms`; true when no run is active any more. For closing the window.
    bool stopAndWait(int ms);

Q_SIGNALS:
    void started();
    /// A batch of events, in order; steps carry no time of their own: `seconds` in state() is the run's clock.
    void eventsArrived(const std::vector<apiary::run::RunEvent> &events);
    void stateChanged();
    /// The thread has ended and the project holds the result. `message` is empty unless the run failed.
    void finished(qint64 run, apiary::run::RunStatus status, const QString &message);

private:
    void drain();
    void take(const run::RunEvent &event);
    void end();

    struct Job;
    ProjectSession *m_session;
    std::shared_ptr<Job> m_job;
    QThread *m_thread = nullptr;
    QTimer *m_timer;
    RunState m_state;
    std::vector<double> m_recentSteps;
};

} // namespace apiary::widgets
