#pragma once

#include "base/progress.h"

#include <QString>

namespace apiary::widgets {

// Progress in words, in its own unit; bytes as memory.

/// "200 of 1,682 items", "3.1 MiB of 5.0 MiB"; without the end where that is not known.
QString amountText(const Progress &progress);
/// " · 4 s left"; empty where that is not known.
QString leftText(const Progress &progress);
/// "3.1 MiB of 5.0 MiB · 1.2 MiB/s · 2 s left"
QString progressText(const Progress &progress);

} // namespace apiary::widgets
