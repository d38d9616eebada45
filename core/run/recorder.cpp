#include "run/recorder.h"

#include "base/error.h"
#include "encoder/device.h"
#include "store/project.h"

#include <condition_variable>
#include <mutex>

namespace apiary::run {

namespace {

constexpr std::chrono::milliseconds sampleInterval{100};
constexpr std::size_t samplesACommit = 10;

const char *name(Level level)
{
    switch (level) {
    case Level::Info:
        return "info";
    case Level::Warning:
        return "warning";
    case Level::Error:
        break;
    }
    return "error";
}

} // namespace

const char *name(RunStatus status)
{
    switch (status) {
    case RunStatus::Running:
        return "running";
    case RunStatus::Finished:
        return "finished";
    case RunStatus::Stopped:
        return "stopped";
    case RunStatus::Failed:
        break;
    }
    return "failed";
}

Recorder::Recorder(store::Project &project, RunObserver &observer, std::int64_t run, std::string device)
    : m_project(project)
    , m_observer(observer)
    , m_run(run)
    , m_device(std::move(device))
{
    m_sampler = std::jthread(
        [this, own = std::shared_ptr(project.reopen())](const std::stop_token &stop) { sample(stop, *own); });
}

Recorder::~Recorder() = default;

void Recorder::stopSampling()
{
    m_sampler = {};
}

double Recorder::seconds() const
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - m_began).count();
}

MemoryUse Recorder::memory() const
{
    MemoryUse use = processMemory();
    encoder::addDeviceMemory(use, m_device);
    return use;
}

void Recorder::sample(const std::stop_token &stop, store::Project &project)
{
    std::mutex mutex;
    std::condition_variable_any wake;
    std::vector<store::MemoryRecord> waiting;
    bool keeping = true;
    const auto keep = [&] {
        try {
            if (keeping && !waiting.empty())
                project.addMemory(m_run, waiting);
        } catch (const Error &) {
            keeping = false; // the run's own thread meets the same trouble and reports it
        }
        waiting.clear();
    };
    while (!stop.stop_requested()) {
        const MemoryEvent event{seconds(), memory()};
        m_observer.onEvent(event);
        waiting.push_back({event.seconds, event.memory.resident, event.memory.allocated, event.memory.gpuAllocated,
                           event.memory.gpuReserved});
        if (waiting.size() >= samplesACommit)
            keep();
        std::unique_lock lock(mutex);
        wake.wait_for(lock, stop, sampleInterval, [] { return false; });
    }
    keep();
}

void Recorder::status(const StatusEvent &event)
{
    m_observer.onEvent(event);
}

void Recorder::progress(const Progress &progress)
{
    m_observer.onEvent(progress);
}

void Recorder::step(const StepEvent &event)
{
    m_project.addStep(m_run, {event.step, event.epoch, seconds(), event.loss, event.learningRate, event.gradientNorm,
                              event.seconds, event.tokens, event.items, event.passes, event.memory.resident,
                              event.memory.allocated, event.memory.gpuAllocated, event.memory.gpuReserved});
    m_observer.onEvent(event);
}

void Recorder::validation(const ValidationEvent &event)
{
    std::vector<store::ValidationRecord> records;
    for (const auto &[metric, value] : event.metrics)
        records.push_back({event.step, metric, value});
    m_project.addValidation(m_run, records);
    m_observer.onEvent(event);
}

void Recorder::log(Level level, const std::string &text)
{
    m_project.addLog(m_run, {seconds(), name(level), text});
    m_observer.onEvent(LogEvent{level, text});
}

} // namespace apiary::run
