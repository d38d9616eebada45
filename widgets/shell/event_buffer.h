#pragma once

#include "run/run_event.h"

#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

namespace apiary::widgets {

/// What a run reports, on its way to the window: bounded, so that nothing grows while the window is busy, and never
/// waited for. Any thread may call.
class EventBuffer : public run::RunObserver {
public:
    explicit EventBuffer(std::size_t capacity = 8192);

    /// A Progress replaces the one before it. When full, memory samples go first (every second one), then the oldest
    /// steps: the store keeps them all.
    void onEvent(const run::RunEvent &event) override;
    /// Moves everything out, oldest first.
    std::vector<run::RunEvent> drain();
    std::size_t dropped() const; ///< events left out so far

private:
    void makeRoom();

    mutable std::mutex m_mutex;
    std::deque<run::RunEvent> m_events;
    std::size_t m_capacity;
    std::size_t m_dropped = 0;
};

} // namespace apiary::widgets
