#pragma once

#include <stop_token>

namespace apiary::cli {

/// Ctrl-C and SIGTERM ask for a stop; the second one ends the program at once. Call before any other thread is made.
void stopOnSignals(std::stop_source source);

} // namespace apiary::cli
