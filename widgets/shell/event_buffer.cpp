#include "widgets/shell/event_buffer.h"

#include <algorithm>
#include <iterator>

namespace apiary::widgets {

EventBuffer::EventBuffer(std::size_t capacity) : m_capacity(std::max<std::size_t>(capacity, 16)) {}

void EventBuffer::onEvent(const run::RunEvent &event)
{
    const std::lock_guard lock(m_mutex);
    if (std::holds_alternative<Progress>(event) && !m_events.empty() &&
        std::holds_alternative<Progress>(m_events.back())) {
        m_events.back() = event;
        return;
    }
    if (m_events.size() >= m_capacity)
        makeRoom();
    m_events.push_back(event);
}

void EventBuffer::makeRoom()
{
    const std::size_t before = m_events.size();
    std::deque<run::RunEvent> kept;
    bool keepSample = false;
    for (run::RunEvent &event : m_events) {
        if (std::holds_alternative<Progress>(event))
            continue;
        if (std::holds_alternative<run::MemoryEvent>(event)) {
            keepSample = !keepSample;
            if (!keepSample)
                continue;
        }
        kept.push_back(std::move(event));
    }
    while (kept.size() >= m_capacity) {
        const auto step = std::find_if(kept.begin(), kept.end(), [](const run::RunEvent &event) {
            return std::holds_alternative<run::StepEvent>(event) || std::holds_alternative<run::MemoryEvent>(event);
        });
        kept.erase(step == kept.end() ? kept.begin() : step);
    }
    m_events = std::move(kept);
    m_dropped += before - m_events.size();
}

std::vector<run::RunEvent> EventBuffer::drain()
{
    std::deque<run::RunEvent> events;
    {
        const std::lock_guard lock(m_mutex);
        events.swap(m_events);
    }
    return {std::make_move_iterator(events.begin()), std::make_move_iterator(events.end())};
}

std::size_t EventBuffer::dropped() const
{
    const std::lock_guard lock(m_mutex);
    return m_dropped;
}

} // namespace apiary::widgets
