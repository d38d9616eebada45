#include "widgets/data/fact_plot.h"

#include "widgets/plot/plot_style.h"
#include "widgets/theme/theme.h"

#include <QKeyEvent>
#include <QToolTip>

namespace apiary::widgets {

FactPlot::FactPlot(const QString &accessibleName, QWidget *parent) : QCustomPlot(parent)
{
    setAccessibleName(accessibleName);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    setNoAntialiasingOnDrag(false);
    connect(this, &QCustomPlot::mouseMove, this, [this](QMouseEvent *event) {
        const QString text = readOut(event->position());
        if (text.isEmpty())
            QToolTip::hideText();
        else
            QToolTip::showText(event->globalPosition().toPoint(), text, this);
    });
    connect(this, &QCustomPlot::mouseDoubleClick, this, [this] { fit(); });
    connect(&Theme::instance(), &Theme::changed, this, [this] { redraw(); });
}

QCPAxisRect *FactPlot::addPanel(int column)
{
    auto *rect = new QCPAxisRect(this, false);
    rect->addAxes(QCPAxis::atLeft | QCPAxis::atBottom);
    plotLayout()->addElement(0, column, rect);
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
    note->setFont(Theme::instance().smallFont());
    note->setColor(Theme::instance().mutedText());
    note->setText(text);
    return note;
}

void FactPlot::redraw()
{
    if (m_redrawing)
        return;
    m_redrawing = true;
    setBackground(QBrush(Theme::instance().surface()));
    clearPlottables();
    clearItems();
    plotLayout()->clear();
    m_home.clear();
    draw();
    for (auto *rect : axisRects())
        for (auto *axis : rect->axes())
            m_home.append({axis, axis->range()});
    replot(QCustomPlot::rpQueuedReplot);
    m_redrawing = false;
}

void FactPlot::drawNow()
{
    redraw();
    replot(QCustomPlot::rpImmediateRefresh);
}

void FactPlot::fit()
{
    for (const auto &[axis, range] : std::as_const(m_home))
        axis->setRange(range);
    replot(QCustomPlot::rpQueuedReplot);
}

void FactPlot::zoom(double factor)
{
    for (auto *rect : axisRects()) {
        auto *axis = rect->axis(QCPAxis::atBottom);
        const QCPRange range = axis->range();
        const double centre =
            axis->scaleType() == QCPAxis::stLogarithmic ? std::sqrt(range.lower * range.upper) : range.center();
        axis->scaleRange(factor, centre);
    }
    replot(QCustomPlot::rpQueuedReplot);
}

void FactPlot::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return zoom(0.8);
    case Qt::Key_Minus:
        return zoom(1.25);
    case Qt::Key_0:
    case Qt::Key_Home:
        return fit();
    default:
        QCustomPlot::keyPressEvent(event);
    }
}

void FactPlot::changeEvent(QEvent *event)
{
    QCustomPlot::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        redraw();
}

} // namespace apiary::widgets
