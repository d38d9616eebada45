#include "run/runner.h"

#include "base/error.h"
#include "encoder/device.h"
#include "run/dataset_place.h"
#include "run/job.h"
#include "run/recorder.h"
#include "run/run_files.h"
#include "store/project.h"

#include <new>

namespace apiary::run {

void PauseGate::pause()
{
    const std::lock_guard lock(m_mutex);
    m_paused = true;
}

void PauseGate::resume()
{
    {
        const std::lock_guard lock(m_mutex);
        m_paused = false;
    }
    m_changed.notify_all();
}

bool PauseGate::paused() const
{
    const std::lock_guard lock(m_mutex);
    return m_paused;
}

void PauseGate::wait(std::stop_token stop)
{
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, stop, [this] { return !m_paused; });
}

RunResult execute(const RunSpec &given, store::Project &project, RunObserver &observer, PauseGate &gate,
                  std::stop_token stop)
{
    const RunSpec kept = withDatasetName(given, project), spec = withDatasetFolder(kept, &project);
    checkInputs(spec);
    const std::string device = encoder::resolveDevice(spec.device);

    store::RunRecord record;
    record.name = spec.name.empty() ? spec.dataset.name : spec.name;
    record.specJson = toText(kept);
    record.specHash = specHash(kept);
    record.environment = environmentJson(device, threadCount(spec));
    record.id = project.beginRun(record);
    record.status = name(RunStatus::Running);

    Recorder recorder(project, observer, record.id, device);
    recorder.status({record.id, RunStatus::Running, {}, 0, false});
    Job job(spec, project, recorder, gate, stop, record);
    try {
        RunResult result = job.run();
        recorder.status({result.run, result.status, {}, job.totalSteps(), false});
        return result;
    } catch (const Error &error) {
        job.fail(error.what());
        throw;
    } catch (const std::bad_alloc &) {
        const Error error("the memory of this machine is too small", "training",
                          "lower training.tokenBudget or training.itemsPerStep");
        job.fail(error.what());
        throw error;
    } catch (const std::exception &fault) {
        const std::string text = fault.what();
        const Error error(text.substr(0, text.find('\n')), "run", {});
        job.fail(error.what());
        throw error;
    }
}

} // namespace apiary::run
