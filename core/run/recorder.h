#pragma once

#include "run/run_event.h"

#include <chrono>
#include <memory>
#include <string>
#include <thread>

namespace apiary::store {
class Project;
}

namespace apiary::run {

/// Passes a run's events to its observer and keeps them in the project. Samples memory ten times a second in a thread of
/// its own, with a connection of its own.
class Recorder {
public:
    Recorder(store::Project &project, RunObserver &observer, std::int64_t run, std::string device);
    ~Recorder();

    double seconds() const; ///< since the run began
    void status(const StatusEvent &event);
    void progress(const Progress &progress);
    void step(const StepEvent &event);
    void validation(const ValidationEvent &event);
    void log(Level level, const std::string &text);
    /// Memory now, the device's included.
    MemoryUse memory() const;
    /// Ends the sampling; what it holds is in the project on return.
    void stopSampling();

private:
    void sample(const std::stop_token &stop, store::Project &project);

    store::Project &m_project;
    RunObserver &m_observer;
    std::int64_t m_run;
    std::string m_device;
    std::chrono::steady_clock::time_point m_began = std::chrono::steady_clock::now();
    std::jthread m_sampler;
};

} // namespace apiary::run
