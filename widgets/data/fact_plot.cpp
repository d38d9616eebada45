#include "widgets/data/fact_plot.h"

#include "widgets/plot/plot_style.h"
#include "widgets/theme/theme.h"

namespace apiary::widgets {

QCPAxisRect *FactPlot::addPanel(int column, int row)
{
    auto *rect = new QCPAxisRect(this, false);
    rect->addAxes(QCPAxis::atLeft | QCPAxis::atBottom);
    plotLayout()->addElement(row, column, rect);
    styleAxes(rect, PlotColours::current());
    rect->setRangeDrag(Qt::Horizontal);
    rect->setRangeZoom(Qt::Horizontal);
    rect->setRangeDragAxes(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
    rect->setRangeZoomAxes(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
    return rect;
}

QCPItemText *FactPlot::addNote(QCPAxisRect *rect, const QString &text, Qt::Alignment corner)
{
    auto *note = new QCPItemText(this);
    note->position->setType(QCPItemPosition::ptAxisRectRatio);
    note->position->setAxisRect(rect);
    note->setClipAxisRect(rect);
    note->position->setCoords(corner & Qt::AlignRight ? 1 : 0, corner & Qt::AlignBottom ? 1 : 0);
    note->setPositionAlignment(corner);
    note->setTextAlignment(corner & Qt::AlignRight ? Qt::AlignRight : Qt::AlignLeft);
    note->setPadding(QMargins(6, 4, 6, 4));
    styleNote(note);
    note->setText(text);
    return note;
}

void FactPlot::styleNote(QCPItemText *note)
{
    note->setFont(Theme::instance().smallFont());
    note->setColor(Theme::instance().mutedText());
}

} // namespace apiary::widgets
