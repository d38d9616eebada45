#pragma once

namespace apiary {

/// To be called first in main. Starts the program once more with OMP_WAIT_POLICY=passive where the variable is not set:
/// OpenMP reads it before main runs, and its default, threads that spin while they wait, takes the processor from the
/// window and from other programs. Also tuneAllocator(). Returns without a restart where that is not possible.
void prepareProcess(char **argv);

} // namespace apiary
