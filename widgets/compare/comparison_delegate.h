#pragma once

#include "widgets/compare/metric_plot.h"

#include <QStyledItemDelegate>

namespace apiary::widgets {

/// Paints the matrix: the model's colour and name; its value with the difference beside and the interval below, pale
/// where that holds 0.
class ComparisonDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    ComparisonDelegate(ModelColour colour, QObject *parent);

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    void paintName(QPainter *painter, const QRect &cell, const QModelIndex &index) const;
    static void paintCell(QPainter *painter, const QRect &cell, const QModelIndex &index);

    ModelColour m_colour;
};

} // namespace apiary::widgets
