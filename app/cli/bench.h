#pragma once

#include "cli/commands.h"

namespace apiary::cli {

/// `bench encode`, below the command `bench`.
void addBenchEncode(CLI::App &bench, Context &context);

} // namespace apiary::cli
