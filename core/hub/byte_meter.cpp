#include "hub/download.h"

#include <algorithm>

namespace apiary::hub {

namespace {
constexpr std::chrono::milliseconds reportInterval{50};
constexpr std::chrono::seconds window{5};
} // namespace

ByteMeter::ByteMeter(std::string stage, std::int64_t total, ProgressFn report) : m_report(std::move(report))
{
    m_progress.stage = std::move(stage);
    m_progress.unit = "bytes";
    m_progress.total = total;
    this->report(true);
}

std::string ByteMeter::setStage(std::string stage)
{
    std::string before = std::exchange(m_progress.stage, std::move(stage));
    report(true);
    return before;
}

void ByteMeter::at(std::int64_t done, std::int64_t received)
{
    m_progress.done = m_base + done;
    m_received += received;
    report(false);
}

void ByteMeter::nextFile(std::int64_t bytes)
{
    m_base += bytes;
    m_progress.done = m_base;
    report(true);
}

void ByteMeter::report(bool now)
{
    const auto time = Clock::now();
    if (!m_report || (!now && time - m_last < reportInterval))
        return;
    m_last = time;
    m_samples.emplace_back(time, m_received);
    while (m_samples.size() > 2 && time - m_samples.front().first > window)
        m_samples.pop_front();
    const double seconds = std::chrono::duration<double>(time - m_samples.front().first).count();
    m_progress.rate = 0;
    m_progress.secondsLeft = -1;
    if (seconds > 0.2)
        m_progress.rate = static_cast<double>(m_received - m_samples.front().second) / seconds;
    if (m_progress.total > 0 && m_progress.rate > 0)
        m_progress.secondsLeft =
            static_cast<double>(std::max<std::int64_t>(0, m_progress.total - m_progress.done)) / m_progress.rate;
    m_report(m_progress);
}

} // namespace apiary::hub
