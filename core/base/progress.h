#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace apiary {

/// Where long work stands. `rate` is units a second, `secondsLeft` negative while unknown.
struct Progress {
    std::string stage; ///< what is going on, in the user's words ("encoding items")
    std::string unit;  ///< what done and total count ("items", "steps")
    std::int64_t done = 0;
    std::int64_t total = 0; ///< 0 where the end is not known
    double rate = 0;
    double secondsLeft = -1;
};

using ProgressFn = std::function<void(const Progress &)>;

/// Turns counts into Progress with rate and time left, at most about thirty times a second.
class ProgressMeter {
public:
    ProgressMeter(std::string stage, std::string unit, std::int64_t total, ProgressFn report);
    void advance(std::int64_t by = 1);

private:
    Progress m_progress;
    ProgressFn m_report;
    std::chrono::steady_clock::time_point m_began;
    std::chrono::steady_clock::time_point m_last;
};

} // namespace apiary
