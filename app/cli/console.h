#pragma once

#include "base/progress.h"

#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

namespace apiary::cli {

/// Standard error: messages and progress. In a terminal progress is one line that is drawn over; elsewhere a line when a
/// stage begins and ends, and every ten seconds between.
class Console {
public:
    Console();
    ~Console();

    void message(const std::string &text);
    void progress(const Progress &progress);
    ProgressFn progressFn();
    /// Removes the line that is drawn over, so that other output can follow.
    void clear();

private:
    void draw(const Progress &progress);

    std::mutex m_mutex;
    bool m_terminal;
    bool m_drawn = false;
    std::string m_stage;
    bool m_ended = false;
    std::chrono::steady_clock::time_point m_last;
};

/// "12/30 steps, 0.4 a second, 1:20 left".
std::string progressText(const Progress &progress);

/// One JSON object on a line of standard output.
void printJson(const nlohmann::ordered_json &json);

} // namespace apiary::cli
