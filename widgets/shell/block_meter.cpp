#include "widgets/shell/block_meter.h"

#include <QTimer>
#include <algorithm>
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

} // namespace

BlockMeter::BlockMeter(QObject *parent, int beatMs)
    : QObject(parent)
    , m_timer(new QTimer(this))
    , m_beatMs(beatMs)
{
    m_timer->setTimerType(Qt::PreciseTimer);
    m_timer->setInterval(beatMs);
    connect(m_timer, &QTimer::timeout, this, &BlockMeter::beat);
}

void BlockMeter::start()
{
    m_late.clear();
    m_longest = m_longestCpu = 0;
    m_clock.start();
    m_cpu = threadCpuMs();
    m_timer->start();
}

void BlockMeter::stop() { m_timer->stop(); }

void BlockMeter::beat()
{
    const double late = std::max(0.0, static_cast<double>(m_clock.nsecsElapsed()) * 1e-6 - m_beatMs);
    const double cpu = threadCpuMs();
    m_longest = std::max(m_longest, late);
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
