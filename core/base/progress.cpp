#include "base/progress.h"

#include <utility>

namespace apiary {

namespace {
constexpr std::chrono::milliseconds reportInterval{33};
}

ProgressMeter::ProgressMeter(std::string stage, std::string unit, std::int64_t total, ProgressFn report)
    : m_report(std::move(report))
    , m_began(std::chrono::steady_clock::now())
    , m_last(m_began)
{
    m_progress.stage = std::move(stage);
    m_progress.unit = std::move(unit);
    m_progress.total = total;
    if (m_report)
        m_report(m_progress);
}

void ProgressMeter::advance(std::int64_t by)
{
    m_progress.done += by;
    const auto now = std::chrono::steady_clock::now();
    const bool last = m_progress.total > 0 && m_progress.done >= m_progress.total;
    if (!m_report || (!last && now - m_last < reportInterval))
        return;
    m_last = now;
    const double seconds = std::chrono::duration<double>(now - m_began).count();
    if (seconds > 0)
        m_progress.rate = static_cast<double>(m_progress.done) / seconds;
    if (m_progress.total > 0 && m_progress.rate > 0)
        m_progress.secondsLeft = static_cast<double>(m_progress.total - m_progress.done) / m_progress.rate;
    m_report(m_progress);
}

} // namespace apiary
