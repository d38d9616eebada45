#include "cli/signals.h"

#include <csignal>
#include <pthread.h>
#include <thread>
#include <unistd.h>

namespace apiary::cli {

void stopOnSignals(std::stop_source source)
{
    // Blocked everywhere and awaited in one thread, where a stop may take locks, which a signal handler must not.
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::thread([set, source]() mutable {
        int signal = 0;
        sigwait(&set, &signal);
        static constexpr char text[] = "\nstopping; once more ends at once\n";
        if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
            _exit(128 + signal);
        source.request_stop();
        sigwait(&set, &signal);
        _exit(128 + signal);
    }).detach();
}

} // namespace apiary::cli
