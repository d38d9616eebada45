#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>

namespace apiary::fuzz {

/// A folder of this process's own, in memory where the machine has such a place; removed at exit.
inline const std::filesystem::path &place()
{
    static const std::filesystem::path made = [] {
        const std::filesystem::path shared = "/dev/shm";
        const auto base = std::filesystem::exists(shared) ? shared : std::filesystem::temp_directory_path();
        const std::filesystem::path path = base / ("apiary_fuzz_" + std::to_string(getpid()));
        std::filesystem::create_directories(path);
        std::atexit([] { std::filesystem::remove_all(place()); });
        return path;
    }();
    return made;
}

} // namespace apiary::fuzz
