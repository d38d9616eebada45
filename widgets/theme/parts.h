#pragma once

#include "widgets/theme/theme.h"

class QAbstractItemModel;
class QFrame;
class QLabel;
class QTableView;
class QToolButton;

namespace apiary::widgets {

// Small parts that pages are put together from.

/// A heading within a page.
QLabel *strongLabel(const QString &text);
/// Wrapped second-rank text.
QLabel *mutedLabel(const QString &text = {});
/// A line in the theme's border colour.
QFrame *hairline();
/// A flat button with an icon beside its text.
QToolButton *makeToolButton(const QString &icon, const QString &text, const QString &toolTip = {});
/// A list of rows of which one is selected: no grid, no numbers at the left; Tab leaves it. Rows are `air` higher than the
/// text.
QTableView *makeRowList(QAbstractItemModel *model, const QString &accessibleName, int air = 8);

} // namespace apiary::widgets
