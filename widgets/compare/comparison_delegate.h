#pragma once

#include "widgets/compare/metric_plot.h"

#include <QStyledItemDelegate>

namespace apiary::widgets {

/// Paints the matrix: the model's colour and name; its value with the difference beside and the interval below, pale
/// where that holds 0; where there is room, the p-value before the interval. Totals stand alone, means over seeds with
/// their deviation.
class ComparisonDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    ComparisonDelegate(ModelColour colour, QObject *parent);

    /// Whether p-values are written; the columns' widths follow.
    void setShowsP(bool shows) { m_showsP = shows; }
    bool showsP() const { return m_showsP; }

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    void paintName(QPainter *painter, const QRect &cell, const QModelIndex &index) const;
    void paintCell(QPainter *painter, const QRect &cell, const QModelIndex &index) const;
    /// The second line of a cell.
    QString lowerText(const QModelIndex &index) const;

    ModelColour m_colour;
    bool m_showsP = false;
};

} // namespace apiary::widgets
