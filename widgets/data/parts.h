#pragma once

#include "base/progress.h"
#include "widgets/theme/parts.h"

#include <QString>

class QTableView;

namespace apiary::widgets {

// Small parts of the Data page alone.

/// Columns as wide as given, in characters; the one at `stretch` takes the rest.
void setColumnWidths(QTableView *view, const std::vector<int> &characters, int stretch);

/// "3.1 MiB of 5.0 MiB · 1.2 MiB/s · 2 s left", in the progress's own unit.
QString progressText(const Progress &progress);
/// A delimiter in words: "comma", "tab".
QString delimiterText(const std::string &delimiter);

} // namespace apiary::widgets
