#pragma once

#include "base/memory.h"
#include "base/progress.h"

#include <cstdint>
#include <map>
#include <string>
#include <variant>

namespace apiary::run {

/// One optimizer step.
struct StepEvent {
    int step = 0; ///< 1-based
    int epoch = 0;
    double loss = 0;
    double learningRate = 0;
    double gradientNorm = 0;
    double seconds = 0;
    std::int64_t tokens = 0; ///< tokens encoded once (not counted again for the second pass)
    std::int64_t items = 0;
    int passes = 2;
    MemoryUse memory;
};

/// Metrics on validation items; step 0 is the untrained encoder.
struct ValidationEvent {
    int step = 0;
    std::map<std::string, double> metrics; ///< "recall@20", "recall@50", "ndcg@100"
    bool best = false;
};

/// Memory between steps, about ten times a second while work goes on.
struct MemoryEvent {
    double seconds = 0; ///< since the run began
    MemoryUse memory;
};

enum class Level { Info, Warning, Error };
struct LogEvent {
    Level level = Level::Info;
    std::string text;
};

enum class RunStatus { Running, Finished, Stopped, Failed };
const char *name(RunStatus status); ///< "running", "finished", "stopped", "failed"

/// The run's state changed; the first event carries Running and the run's id, the last one how it ended.
struct StatusEvent {
    std::int64_t run = 0;
    RunStatus status = RunStatus::Running;
    std::string message;
    int totalSteps = 0; ///< planned, known once the data is read (0 before)
    bool paused = false;
};

using RunEvent = std::variant<StatusEvent, Progress, StepEvent, ValidationEvent, MemoryEvent, LogEvent>;

/// Takes what a run reports, in the run's thread (MemoryEvent: in a thread of the runner's own). Must not block.
class RunObserver {
public:
    virtual ~RunObserver() = default;
    virtual void onEvent(const RunEvent &event) = 0;
};

} // namespace apiary::run
