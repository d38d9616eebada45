#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace apiary {

int threadCount(int asked, std::int64_t tasks)
{
    const std::int64_t available = asked > 0 ? asked : std::max(1U, std::thread::hardware_concurrency());
    return static_cast<int>(std::clamp<std::int64_t>(tasks, 1, available));
}

void parallelTasks(std::int64_t tasks, int threads, const std::function<void(std::int64_t)> &work,
                   const std::function<void(std::int64_t)> &finished)
{
    std::atomic<std::int64_t> next{0};
    std::atomic<std::int64_t> done{0};
    std::mutex mutex;
    std::exception_ptr failure;
    std::int64_t failedTask = tasks;
    // A task below the failed one has been handed out before it, so the lowest that throws is always seen.
    const auto runOne = [&] {
        const std::int64_t task = next.fetch_add(1);
        if (task >= tasks)
            return false;
        try {
            work(task);
            done.fetch_add(1);
        } catch (...) {
            next.store(tasks);
            const std::lock_guard lock(mutex);
            if (task < failedTask) {
                failedTask = task;
                failure = std::current_exception();
            }
        }
        return true;
    };
    std::int64_t reported = 0;
    const auto report = [&] {
        const std::int64_t now = done.load();
        if (finished && now > reported)
            finished(now - reported);
        reported = now;
    };

    {
        std::vector<std::jthread> others;
        // Runs before the threads are joined, also when finished() throws below.
        struct Drain {
            std::atomic<std::int64_t> &next;
            std::int64_t tasks;
            ~Drain() { next.store(tasks); }
        } const drain{next, tasks};
        for (int i = 1; i < threads; ++i)
            others.emplace_back([&runOne] {
                while (runOne()) {}
            });
        while (runOne())
            report();
    }
    if (failure)
        std::rethrow_exception(failure);
    report();
}

} // namespace apiary
