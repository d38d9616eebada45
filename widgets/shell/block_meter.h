#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <vector>

class QTimer;

namespace apiary::widgets {

/// Measures how long the GUI thread's event loop did not come round: a heartbeat every few milliseconds, whose lateness is
/// the time that the loop was blocked. What is measured is what a user feels: work in the thread, and waiting for a core.
class BlockMeter : public QObject {
    Q_OBJECT
public:
    explicit BlockMeter(QObject *parent = nullptr, int beatMs = 4);
    void start();
    void stop();

    double longestMs() const { return m_longest; } ///< longest block so far
    /// Of the longest block: how much of it the thread was ready and waited for a core that others held (Linux only, else
    /// 0). The rest was work, a lock or a device.
    double longestCoreWaitMs() const { return m_longestCoreWait; }
    double longestCpuMs() const { return m_longestCpu; } ///< largest CPU time of the thread between two beats
    double percentileMs(double share) const;             ///< of all beats' lateness; share in 0 … 1
    qint64 beats() const { return static_cast<qint64>(m_late.size()); }

private:
    void beat();

    QTimer *m_timer;
    QElapsedTimer m_clock;
    int m_beatMs;
    double m_cpu = 0;
    double m_longest = 0;
    double m_longestCpu = 0;
    double m_coreWait = 0;
    double m_longestCoreWait = 0;
    std::vector<float> m_late;
};

} // namespace apiary::widgets
