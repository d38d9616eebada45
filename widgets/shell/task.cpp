#include "widgets/shell/task.h"

#include "base/error.h"

#include <QMetaObject>
#include <QThreadPool>
#include <QTimer>
#include <mutex>

namespace apiary::widgets {

QString describe(const std::exception &error)
{
    const auto *known = dynamic_cast<const Error *>(&error);
    if (!known)
        return QString::fromUtf8(error.what());
    QString text = QString::fromStdString(known->problem());
    if (!known->where().empty())
        text = QStringLiteral("%1: %2").arg(QString::fromStdString(known->where()), text);
    if (!known->remedy().empty())
        text += QLatin1Char('\n') + QString::fromStdString(known->remedy());
    return text;
}

/// What a worker needs to reach its runner while that lives.
struct TaskRunner::Shared {
    std::mutex mutex;
    TaskRunner *owner = nullptr;

    void post(std::function<void(TaskRunner &)> call)
    {
        const std::lock_guard lock(mutex);
        if (owner)
            QMetaObject::invokeMethod(
                owner, [target = owner, call = std::move(call)] { call(*target); }, Qt::QueuedConnection);
    }
};

TaskRunner::TaskRunner(QObject *parent) : QObject(parent), m_shared(std::make_shared<Shared>())
{
    m_shared->owner = this;
}

TaskRunner::~TaskRunner()
{
    m_stop.request_stop();
    const std::lock_guard lock(m_shared->mutex);
    m_shared->owner = nullptr;
}

void TaskRunner::setBusy(bool busy)
{
    if (busy == m_busy)
        return;
    m_busy = busy;
    Q_EMIT busyChanged(busy);
}

void TaskRunner::cancel()
{
    m_stop.request_stop();
    ++m_token;
    setBusy(false);
}

void TaskRunner::start(Body body, std::function<void(const QString &)> failed)
{
    m_stop.request_stop();
    m_stop = std::stop_source();
    const quint64 token = ++m_token;
    setBusy(true);
    QThreadPool::globalInstance()->start(
        [shared = m_shared, stop = m_stop.get_token(), token, body = std::move(body), failed = std::move(failed)] {
            if (stop.stop_requested())
                return;
            const auto settle = [&](std::function<void()> call) {
                shared->post([token, call = std::move(call)](TaskRunner &runner) {
                    if (runner.m_token != token)
                        return;
                    runner.setBusy(false);
                    if (call)
                        call();
                });
            };
            const ProgressFn progress = [&](const Progress &now) {
                shared->post([token, now](TaskRunner &runner) {
                    if (runner.m_token == token)
                        Q_EMIT runner.progressed(now);
                });
            };
            try {
                settle(body(stop, progress));
            } catch (const Cancelled &) {
                settle({});
            } catch (const std::exception &error) {
                settle([failed, text = describe(error)] {
                    if (failed)
                        failed(text);
                });
            }
        });
}

Debounce::Debounce(int ms, std::function<void()> call, QObject *parent)
    : QObject(parent)
    , m_timer(new QTimer(this))
    , m_call(std::move(call))
{
    m_timer->setSingleShot(true);
    m_timer->setInterval(ms);
    connect(m_timer, &QTimer::timeout, this, [this] { m_call(); });
}

void Debounce::trigger()
{
    m_timer->start();
}

void Debounce::flush()
{
    if (!m_timer->isActive())
        return;
    m_timer->stop();
    m_call();
}

} // namespace apiary::widgets
