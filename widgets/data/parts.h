#pragma once

#include "base/progress.h"

#include <QString>

class QFrame;
class QLabel;
class QTableView;

namespace apiary::widgets {

class RowsModel;

// Small parts that the Data page is put together from.

QLabel *strongLabel(const QString &text);
/// Wrapped second-rank text.
QLabel *mutedLabel(const QString &text = {});
QFrame *hairline();
/// A table of rows: no grid, no numbers at the left; Tab leaves it.
QTableView *rowsView(RowsModel *model, const QString &accessibleName);
/// Columns as wide as given, in characters; the one at `stretch` takes the rest.
void setColumnWidths(QTableView *view, const std::vector<int> &characters, int stretch);

/// "3.1 MiB of 5.0 MiB · 1.2 MiB/s · 2 s left", in the progress's own unit.
QString progressText(const Progress &progress);
/// A delimiter in words: "comma", "tab".
QString delimiterText(const std::string &delimiter);

} // namespace apiary::widgets
