#pragma once

#include "cli/console.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <stop_token>
#include <string>

namespace apiary::cli {

enum ExitCode { success = 0, failure = 1, usage = 2 };

/// What every command shares: the global flags, the stop of Ctrl-C, and the work that the parsed command chose.
struct Context {
    bool json = false;
    int threads = 0;    ///< 0: as the spec says, or all cores
    std::string device; ///< empty: as the spec says, or auto
    std::stop_token stop;
    std::function<int(Context &)> action;

    int threadCount() const; ///< at least 1
    std::string deviceName() const { return device.empty() ? "auto" : device; }
};

void addInfo(CLI::App &app, Context &context);
void addSpec(CLI::App &app, Context &context);
void addTrain(CLI::App &app, Context &context);
void addEvaluate(CLI::App &app, Context &context);
void addRecommenders(CLI::App &app, Context &context);
void addImport(CLI::App &app, Context &context);
void addEncode(CLI::App &app, Context &context);
void addEncoders(CLI::App &app, Context &context);
void addTokenize(CLI::App &app, Context &context);
void addNeighbors(CLI::App &app, Context &context);
void addRuns(CLI::App &app, Context &context);
void addExport(CLI::App &app, Context &context);
void addBench(CLI::App &app, Context &context);

} // namespace apiary::cli
