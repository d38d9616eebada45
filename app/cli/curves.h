#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace apiary::cli {

struct Curves {
    std::filesystem::path file; ///< empty where none was made
    std::string note;           ///< why not
};

/// A PNG of a run's loss and memory in the run's folder, drawn by the window's program, which lies beside this one where
/// it was built.
Curves exportCurves(const std::filesystem::path &project, std::int64_t run);

} // namespace apiary::cli
