#include "widgets/shell/run_controller.h"

#include "base/error.h"
#include "run/dataset_place.h"
#include "widgets/shell/project_model.h"
#include "widgets/shell/task.h"

#include <QThread>
#include <QTimer>
#include <numeric>

#ifdef Q_OS_LINUX
#include <sys/resource.h>
#endif

namespace apiary::widgets {

namespace {

constexpr int drainEveryMs = 33;
constexpr std::size_t recentSteps = 8;

/// The window goes before the work when both want a core: threads that the worker starts inherit this.
void yieldToTheWindow()
{
#ifdef Q_OS_LINUX
    setpriority(PRIO_PROCESS, 0, 5);
#endif
}

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

} // namespace

/// What the worker thread and the window share.
struct RunController::Job {
    run::RunSpec spec;
    std::shared_ptr<store::Project> project;
    EventBuffer events;
    run::PauseGate gate;
    std::stop_source stop;
    // written by the worker before it ends, read after it has ended
    run::RunStatus status = run::RunStatus::Failed;
    QString message;

    void work()
    {
        yieldToTheWindow();
        try {
            status = run::execute(spec, *project, events, gate, stop.get_token()).status;
        } catch (const Cancelled &) {
            status = run::RunStatus::Stopped;
        } catch (const std::exception &error) {
            status = run::RunStatus::Failed;
            message = describe(error);
        }
        project.reset();
    }
};

RunController::RunController(ProjectSession *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_timer(new QTimer(this))
{
    m_timer->setInterval(drainEveryMs);
    connect(m_timer, &QTimer::timeout, this, &RunController::drain);
}

RunController::~RunController()
{
    if (!m_thread)
        return;
    stop();
    m_thread->wait();
    delete m_thread;
}

void RunController::start(const run::RunSpec &spec)
{
    if (m_thread)
        throw Error("a run is going on", {}, "stop it first");
    if (!m_session->isOpen())
        throw Error("no project is open", {}, "open a project folder first");
    if (m_session->readOnly())
        throw Error("the project is open in another program and can only be read here", {},
                    "close the other program, then open the project again");
    run::checkInputs(run::withDatasetFolder(spec, &m_session->project()));

    m_job = std::make_shared<Job>();
    m_job->spec = spec;
    m_job->project = m_session->reopen();
    m_state = {};
    m_state.active = true;
    m_state.name = QString::fromStdString(spec.name.empty() ? spec.dataset.name : spec.name);
    m_state.encoder = QString::fromStdString(spec.encoder.folder.filename().string());
    m_recentSteps.clear();
    m_thread = QThread::create([job = m_job] { job->work(); });
    m_thread->setObjectName(QStringLiteral("run"));
    m_thread->setStackSize(8 << 20);
    connect(m_thread, &QThread::finished, this, &RunController::end);
    m_thread->start();
    m_timer->start();
    Q_EMIT started();
    Q_EMIT stateChanged();
}

void RunController::pause()
{
    if (!m_state.active || m_state.stopping)
        return;
    m_job->gate.pause();
    m_state.pausing = !m_state.paused;
    Q_EMIT stateChanged();
}

void RunController::resume()
{
    if (!m_state.active)
        return;
    m_job->gate.resume();
    m_state.pausing = false;
    m_state.paused = false;
    Q_EMIT stateChanged();
}

void RunController::stop()
{
    if (!m_state.active)
        return;
    m_state.stopping = true;
    m_job->stop.request_stop();
    Q_EMIT stateChanged();
}

bool RunController::stopAndWait(int ms)
{
    if (!m_thread)
        return true;
    stop();
    if (!m_thread->wait(static_cast<unsigned long>(ms)))
        return false;
    end();
    return true;
}

void RunController::drain()
{
    if (!m_job)
        return;
    const std::vector<run::RunEvent> events = m_job->events.drain();
    if (events.empty())
        return;
    for (const run::RunEvent &event : events)
        take(event);
    Q_EMIT eventsArrived(events);
    Q_EMIT stateChanged();
}

void RunController::take(const run::RunEvent &event)
{
    std::visit(Overloaded{
                   [this](const run::StatusEvent &e) {
                       const bool isNew = m_state.run == 0 && e.run != 0;
                       m_state.run = e.run;
                       m_state.status = e.status;
                       if (e.totalSteps > 0)
                           m_state.totalSteps = e.totalSteps;
                       if (e.paused)
                           m_state.pausing = false;
                       m_state.paused = e.paused && m_job->gate.paused();
                       if (isNew)
                           m_session->setActiveRun(e.run);
                       m_session->refresh(); // names and counts that the run has learned
                   },
                   [this](const Progress &e) { m_state.progress = e; },
                   [this](const run::StepEvent &e) {
                       m_state.step = e.step;
                       m_state.memory = e.memory;
                       m_recentSteps.push_back(e.seconds);
                       if (m_recentSteps.size() > recentSteps)
                           m_recentSteps.erase(m_recentSteps.begin());
                       m_state.secondsAStep = std::accumulate(m_recentSteps.begin(), m_recentSteps.end(), 0.0) /
                                              static_cast<double>(m_recentSteps.size());
                   },
                   [this](const run::MemoryEvent &e) {
                       m_state.seconds = e.seconds;
                       m_state.memory = e.memory;
                   },
                   [](const run::ValidationEvent &) {},
                   [](const run::LogEvent &) {},
               },
               event);
    if (const auto *progress = std::get_if<Progress>(&event); progress && progress->unit == "steps")
        m_state.secondsLeft = progress->secondsLeft;
}

void RunController::end()
{
    if (!m_thread)
        return;
    m_timer->stop();
    m_thread->wait();
    drain();
    m_thread->deleteLater();
    m_thread = nullptr;
    m_state.active = false;
    m_state.paused = m_state.pausing = m_state.stopping = false;
    m_state.status = m_job->status;
    m_state.message = m_job->message;
    m_job.reset();
    m_session->setActiveRun(0);
    if (m_state.run != 0)
        m_session->notifyFinished(m_state.run);
    Q_EMIT stateChanged();
    Q_EMIT finished(m_state.run, m_state.status, m_state.message);
}

} // namespace apiary::widgets
