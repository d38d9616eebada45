#pragma once

#include "base/error.h"

#include <stop_token>

namespace apiary {

/// Throws Cancelled where a stop was asked for. Long work calls it at least a few times a second.
inline void throwIfStopped(const std::stop_token &stop)
{
    if (stop.stop_requested())
        throw Cancelled();
}

} // namespace apiary
