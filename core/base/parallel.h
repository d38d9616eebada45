#pragma once

#include <cstdint>
#include <functional>

namespace apiary {

/// Threads to use where `asked` is what a caller wants (0: all of the machine) and there are `tasks` pieces of work.
int threadCount(int asked, std::int64_t tasks);

/// Calls work(task) for each task in [0, tasks), on `threads` threads of which the caller is one; tasks are handed out
/// in ascending order. Calls finished(n) in the calling thread with the number of tasks done since it was last called.
/// When a task throws, no further ones start, and the exception of the lowest task that threw is thrown again here.
void parallelTasks(std::int64_t tasks, int threads, const std::function<void(std::int64_t)> &work,
                   const std::function<void(std::int64_t)> &finished = {});

} // namespace apiary
