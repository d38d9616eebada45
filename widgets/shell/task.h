#pragma once

#include "base/progress.h"

#include <QObject>
#include <QString>
#include <any>
#include <exception>
#include <functional>
#include <memory>
#include <stop_token>
#include <type_traits>
#include <utility>

class QTimer;

namespace apiary::widgets {

/// A failure in the user's words: what, where, remedy, each on its own line where there.
QString describe(const std::exception &error);

/// Runs work off the GUI thread, latest request wins: starting again stops the work before and drops its result. Lives in
/// the GUI thread; done and failed are called there, never after the runner's destruction.
class TaskRunner : public QObject {
    Q_OBJECT
public:
    explicit TaskRunner(QObject *parent = nullptr);
    ~TaskRunner() override; ///< stops the work and does not wait for it: work must own (share) what it uses

    /// work(std::stop_token, const ProgressFn &) → R in a pool thread; then done(R) or, for an exception other than
    /// Cancelled, failed(QString) in the GUI thread. R may be void (then done()). R must be movable.
    template <typename Work, typename Done>
    void run(Work work, Done done, std::function<void(const QString &)> failed = {})
    {
        using Result = std::invoke_result_t<Work, std::stop_token, const ProgressFn &>;
        start(
            [work = std::move(work), done = std::move(done)](
                std::stop_token stop, const ProgressFn &progress) mutable -> std::function<void()> {
                if constexpr (std::is_void_v<Result>) {
                    work(stop, progress);
                    return [done]() mutable { done(); };
                } else {
                    auto result = std::make_shared<Result>(work(stop, progress));
                    return [done, result]() mutable { done(std::move(*result)); };
                }
            },
            std::move(failed));
    }

    void cancel(); ///< stops the work; neither done nor failed is called
    bool busy() const { return m_busy; }

Q_SIGNALS:
    void busyChanged(bool busy);
    void progressed(const apiary::Progress &progress); ///< of the latest work, in the GUI thread

private:
    using Body = std::function<std::function<void()>(std::stop_token, const ProgressFn &)>;
    struct Shared;
    void start(Body body, std::function<void(const QString &)> failed);
    void setBusy(bool busy);

    std::shared_ptr<Shared> m_shared;
    std::stop_source m_stop{std::nostopstate};
    quint64 m_token = 0;
    bool m_busy = false;
};

/// Calls a function once, `ms` after the last trigger(): for requests that follow typing.
class Debounce : public QObject {
    Q_OBJECT
public:
    Debounce(int ms, std::function<void()> call, QObject *parent);
    void trigger();
    void flush(); ///< now, if triggered

private:
    QTimer *m_timer;
    std::function<void()> m_call;
};

} // namespace apiary::widgets
