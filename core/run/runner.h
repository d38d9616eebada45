#pragma once

#include "eval/comparison.h"
#include "run/run_event.h"
#include "run/run_spec.h"

#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace apiary::store {
class Project;
}

namespace apiary::run {

/// Pauses a run between micro-batches, from any thread. A stop wakes a paused run.
class PauseGate {
public:
    void pause();
    void resume();
    bool paused() const;
    void wait(std::stop_token stop); ///< returns at once unless paused

private:
    mutable std::mutex m_mutex;
    std::condition_variable_any m_changed;
    bool m_paused = false;
};

struct RunResult {
    std::int64_t run = 0;
    RunStatus status = RunStatus::Finished;
    int steps = 0;
    int bestStep = 0;
    std::filesystem::path encoderFolder; ///< of the tuned encoder; empty where none was kept
    eval::Comparison comparison;         ///< on test items: untrained (baseline), tuned, random
};

/// Does what a RunSpec says, in the calling thread: reads data, splits, encodes, trains, evaluates once on test items,
/// saves. A dataset of the project may be named by its name, see withDatasetFolder(). Everything goes into the project as it comes; files and rows of the result appear together.
/// Stop: a stopped run keeps its events and its best weights so far (status Stopped); no test evaluation is made.
/// Throws Error on failure, after the run is marked Failed with the message.
RunResult execute(const RunSpec &spec, store::Project &project, RunObserver &observer, PauseGate &gate,
                  std::stop_token stop);

/// What a step of this spec will cost, before it runs. Reads the dataset and tokenizes (about a second for ml-100k).
struct StepEstimate {
    std::int64_t users = 0;         ///< that can be sampled
    std::int64_t items = 0;         ///< training items
    std::int64_t itemsPerStep = 0;  ///< expected
    std::int64_t tokensPerStep = 0; ///< expected, without padding
    std::int64_t longest = 0;       ///< tokens of the longest text
    int steps = 0;                  ///< of the whole run
    std::int64_t bytesOnePass = 0;
    std::int64_t bytesTwoPass = 0;
    int passes = 2; ///< what Auto would choose
};
StepEstimate estimate(const RunSpec &spec, std::stop_token stop = {});

} // namespace apiary::run
