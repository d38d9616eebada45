#include "widgets/shell/block_meter.h"

#include <QTimer>
#include <algorithm>
#include <cstdio>
#include <ctime>

namespace apiary::widgets {

namespace {

double threadCpuMs()
{
#ifdef CLOCK_THREAD_CPUTIME_ID
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
#else
    return 0;
#endif
}

/// Time that this thread has been ready to run and had no core.
double threadCoreWaitMs()
{
#ifdef Q_OS_LINUX
    char text[64] = {};
    if (FILE *file = std::fopen("/proc/thread-self/schedstat", "r")) {
        unsigned long long ran = 0;
        unsigned long long waited = 0;
        const bool read = std::fgets(text, sizeof text, file) && std::sscanf(text, "%llu %llu", &ran, &waited) == 2;
        std::fclose(file);
        if (read)
            return static_cast<double>(waited) * 1e-6;
    }
#endif
    return 0;
}

} // namespace

BlockMeter::BlockMeter(QObject *parent, int beatMs) : QObject(parent), m_timer(new QTimer(this)), m_beatMs(beatMs)
{
    m_timer->setTimerType(Qt::PreciseTimer);
    m_timer->setInterval(beatMs);
    connect(m_timer, &QTimer::timeout, this, &BlockMeter::beat);
}

void BlockMeter::start()
{
    m_late.clear();
    m_longest = m_longestCpu = m_longestCoreWait = 0;
    m_coreWait = threadCoreWaitMs();
    m_clock.start();
    m_cpu = threadCpuMs();
    m_timer->start();
}

void BlockMeter::stop()
{
    m_timer->stop();
}

void BlockMeter::beat()
{
    const double late = std::max(0.0, static_cast<double>(m_clock.nsecsElapsed()) * 1e-6 - m_beatMs);
    const double cpu = threadCpuMs();
    const double coreWait = threadCoreWaitMs();
    if (late > m_longest) {
        m_longest = late;
        m_longestCoreWait = coreWait - m_coreWait;
    }
    m_coreWait = coreWait;
    m_longestCpu = std::max(m_longestCpu, cpu - m_cpu);
    m_late.push_back(static_cast<float>(late));
    m_cpu = cpu;
    m_clock.start();
}

double BlockMeter::percentileMs(double share) const
{
    if (m_late.empty())
        return 0;
    std::vector<float> late = m_late;
    const auto at = late.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(late.size() - 1));
    std::nth_element(late.begin(), at, late.end());
    return *at;
}

} // namespace apiary::widgets
