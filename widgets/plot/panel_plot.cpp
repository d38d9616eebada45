#include "widgets/plot/panel_plot.h"

#include "widgets/theme/legible_style.h"
#include "widgets/theme/theme.h"

#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>
#include <cmath>

namespace apiary::widgets {

PanelPlot::PanelPlot(const QString &accessibleName, QWidget *parent) : QCustomPlot(parent)
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

void PanelPlot::paintEvent(QPaintEvent *event)
{
    QCustomPlot::paintEvent(event);
    if (!hasFocus())
        return;
    QPainter painter(this);
    drawFocusRing(painter, rect());
}

void PanelPlot::redraw()
{
    if (m_redrawing)
        return;
    m_redrawing = true;
    setBackground(QBrush(Theme::instance().surface()));
    clearPlottables();
    clearItems();
    plotLayout()->clear();
    m_home.clear();
    drawPanels();
    for (auto *rect : axisRects())
        for (auto *axis : rect->axes())
            m_home.append({axis, axis->range()});
    replot(QCustomPlot::rpQueuedReplot);
    m_redrawing = false;
}

void PanelPlot::drawNow()
{
    redraw();
    replot(QCustomPlot::rpImmediateRefresh);
}

void PanelPlot::fit()
{
    for (const auto &[axis, range] : std::as_const(m_home))
        axis->setRange(range);
    replot(QCustomPlot::rpQueuedReplot);
}

void PanelPlot::zoom(double factor)
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

void PanelPlot::keyPressEvent(QKeyEvent *event)
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

void PanelPlot::changeEvent(QEvent *event)
{
    QCustomPlot::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        redraw();
}

} // namespace apiary::widgets
