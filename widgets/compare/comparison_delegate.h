#pragma once

#include "widgets/compare/model_style.h"

#include <QStringList>
#include <QStyledItemDelegate>

namespace apiary::widgets {

/// Paints the matrix: the model's marker and name; its value with the difference beside, pale where the interval holds
/// 0; below the interval with the p-value before it, or, where columns are to be narrow, below it. Totals stand alone.
/// Means over seeds stand below a line, with a ring for a marker and with their deviation.
class ComparisonDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    ComparisonDelegate(StyleOf style, QObject *parent);

    /// Whether p-values have a line of their own; the columns' widths and the rows' heights follow.
    void setStacked(bool stacked) { m_stacked = stacked; }
    bool stacked() const { return m_stacked; }
    /// What stands below the value and the difference, a line each.
    QStringList lowerLines(const QModelIndex &index) const;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    void paintName(QPainter *painter, const QRect &cell, const QModelIndex &index) const;
    void paintCell(QPainter *painter, const QRect &cell, const QModelIndex &index) const;
    void paintMarker(QPainter *painter, const QPointF &centre, const QModelIndex &index) const;

    StyleOf m_style;
    bool m_stacked = false;
};

} // namespace apiary::widgets
