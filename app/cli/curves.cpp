#include "cli/curves.h"

#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <iostream>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace apiary::cli {

namespace {

constexpr std::chrono::seconds patience{60};
constexpr std::chrono::milliseconds poll{20};

/// What a program printed into a file in memory, on standard error.
void replay(int file)
{
    char buffer[4096];
    off_t at = 0;
    for (ssize_t count = 0; (count = pread(file, buffer, sizeof buffer, at)) > 0; at += count)
        std::cerr.write(buffer, count);
    std::cerr.flush();
}

/// Runs a program without a screen, both its outputs into a file (-1: nowhere); its exit status, or -1.
int spawnOffscreen(const std::vector<std::string> &words, int output)
{
    std::vector<char *> arguments, environment;
    for (const std::string &word : words)
        arguments.push_back(const_cast<char *>(word.c_str()));
    arguments.push_back(nullptr);
    std::string platform = "QT_QPA_PLATFORM=offscreen";
    for (char **variable = environ; *variable; ++variable)
        if (std::strncmp(*variable, "QT_QPA_PLATFORM=", 16) != 0)
            environment.push_back(*variable);
    environment.push_back(platform.data());
    environment.push_back(nullptr);

    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    if (output >= 0)
        posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    else
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    pid_t child = 0;
    const int code = posix_spawn(&child, arguments[0], &files, &attributes, arguments.data(), environment.data());
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (code != 0)
        return -1;

    const auto began = std::chrono::steady_clock::now();
    int status = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() - began > patience) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return -1;
        }
        std::this_thread::sleep_for(poll);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// The same, with the output held back: it is shown on standard error only where the program fails.
int runOffscreen(const std::vector<std::string> &words)
{
    const int output = memfd_create("output", MFD_CLOEXEC);
    const int status = spawnOffscreen(words, output);
    if (output < 0)
        return status;
    if (status != 0)
        replay(output);
    close(output);
    return status;
}

} // namespace

Curves exportCurves(const std::filesystem::path &project, std::int64_t run)
{
    std::error_code ignored;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored);
    const auto window = self.parent_path() / "apiary";
    if (self.empty() || !std::filesystem::is_regular_file(window, ignored))
        return {{}, "no picture of the curves: the window's program was not built (`export scalars` has the numbers)"};
    const auto folder = std::filesystem::absolute(project).lexically_normal();
    const auto file = folder / "models" / std::to_string(run) / "curves.png";
    const int code = runOffscreen({window.string(), "--export-curves", "--project", folder.string(), "--run",
                                   std::to_string(run), "--out", file.string()});
    if (code != 0 || !std::filesystem::exists(file, ignored))
        return {{}, "no picture of the curves: " + window.string() + " could not draw it"};
    return {file, {}};
}

} // namespace apiary::cli
