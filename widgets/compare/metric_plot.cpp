#include "widgets/compare/metric_plot.h"

#include "widgets/compare/comparison_text.h"
#include "widgets/theme/theme.h"

#include <QKeyEvent>
#include <QToolTip>

#include <algorithm>

namespace apiary::widgets {

MetricPlot::MetricPlot(const QString &accessibleName, ModelColour colour, QWidget *parent)
    : QCustomPlot(parent)
    , m_colour(std::move(colour))
{
    setAccessibleName(accessibleName);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    setNoAntialiasingOnDrag(false);
    connect(this, &QCustomPlot::mouseMove, this, &MetricPlot::readOut);
    connect(this, &QCustomPlot::mouseDoubleClick, this, [this] { fit(); });
    connect(&Theme::instance(), &Theme::changed, this, [this] { redraw(); });
    redraw();
}

QColor MetricPlot::pale(const QColor &colour)
{
    const QColor ground = Theme::instance().surface();
    const auto mix = [](float a, float b) { return a + (b - a) * 0.6F; };
    return QColor::fromRgbF(mix(colour.redF(), ground.redF()), mix(colour.greenF(), ground.greenF()),
                            mix(colour.blueF(), ground.blueF()));
}

void MetricPlot::dress(QCPAxisRect *rect)
{
    const Theme &theme = Theme::instance();
    rect->setupFullAxesBox(false);
    rect->setRangeDrag(Qt::Horizontal);
    rect->setRangeZoom(Qt::Horizontal);
    for (auto *axis : rect->axes()) {
        axis->setBasePen(Qt::NoPen);
        axis->setTickPen(Qt::NoPen);
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLabelFont(theme.smallFont());
        axis->setTickLabelColor(theme.mutedText());
        axis->setLabelFont(theme.smallFont());
        axis->setLabelColor(theme.mutedText());
        axis->setLabelPadding(2);
        axis->grid()->setPen(QPen(theme.grid(), 1));
        axis->grid()->setZeroLinePen(QPen(theme.grid(), 1));
        axis->grid()->setSubGridVisible(false);
    }
    rect->axis(QCPAxis::atLeft)->grid()->setVisible(false);
    rect->axis(QCPAxis::atLeft)->setTickLabelColor(theme.text());
    rect->axis(QCPAxis::atBottom)->setBasePen(QPen(theme.border(), 1));
    rect->axis(QCPAxis::atBottom)->ticker()->setTickCount(4);
}

QString MetricPlot::shortened(const QString &label, int width) const
{
    return QFontMetrics(Theme::instance().smallFont()).elidedText(label, Qt::ElideMiddle, width);
}

int MetricPlot::tickCount(double pixels, const QString &longest)
{
    // A step that reads well may be a third under the one asked for: half as many ticks again.
    const int each = QFontMetrics(Theme::instance().smallFont()).horizontalAdvance(longest) + space::group;
    return std::clamp(static_cast<int>(pixels / each / 1.5), 2, 4);
}

void MetricPlot::present(std::shared_ptr<const ComparedModels> compared)
{
    m_compared = std::move(compared);
    setAccessibleDescription(m_compared ? comparisonSummary(*m_compared) : QString());
    redraw();
}

void MetricPlot::redraw()
{
    if (m_redrawing)
        return;
    m_redrawing = true;
    setBackground(QBrush(Theme::instance().surface()));
    clearPlottables();
    clearItems();
    plotLayout()->clear();
    m_home.clear();
    if (m_compared && m_compared->baseline < m_compared->models.size()) {
        draw(*m_compared);
        for (auto *rect : axisRects())
            for (auto *axis : rect->axes())
                m_home.append({axis, axis->range()});
    }
    replot(QCustomPlot::rpQueuedReplot);
    m_redrawing = false;
}

void MetricPlot::fit()
{
    for (const auto &[axis, range] : std::as_const(m_home))
        axis->setRange(range);
    replot(QCustomPlot::rpQueuedReplot);
}

void MetricPlot::zoom(double factor)
{
    for (auto *rect : axisRects()) {
        auto *axis = rect->axis(QCPAxis::atBottom);
        axis->scaleRange(factor, axis->range().center());
    }
    replot(QCustomPlot::rpQueuedReplot);
}

void MetricPlot::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return zoom(1 / 1.25);
    case Qt::Key_Minus:
        return zoom(1.25);
    case Qt::Key_0:
    case Qt::Key_Home:
        return fit();
    default:
        QCustomPlot::keyPressEvent(event);
    }
}

void MetricPlot::changeEvent(QEvent *event)
{
    QCustomPlot::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        redraw();
}

void MetricPlot::resizeEvent(QResizeEvent *event)
{
    QCustomPlot::resizeEvent(event);
    if (event->size().width() != event->oldSize().width())
        redraw(); // labels are shortened to the width
}

void MetricPlot::readOut(QMouseEvent *event)
{
    const auto cell = m_compared ? cellAt(event->position()) : std::nullopt;
    if (!cell) {
        QToolTip::hideText();
        return;
    }
    QToolTip::showText(event->globalPosition().toPoint(), cellSentence(*m_compared, cell->first, cell->second), this);
}

} // namespace apiary::widgets
