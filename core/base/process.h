#pragma once

namespace apiary {

/// To be called first in main. Starts the program once more with OMP_WAIT_POLICY=passive where the variable is not set:
/// OpenMP reads it before main runs, and its default, threads that spin while they wait, takes the processor from the
/// window and from other programs. Also tuneAllocator(), and numbers too small for a normalised float count as zero from
/// here on, in this thread and those it starts: arithmetic on them is a hundred times slower. Returns without a restart where that is not possible.
void prepareProcess(char **argv);

} // namespace apiary
