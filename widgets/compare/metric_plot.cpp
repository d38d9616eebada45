#include "widgets/compare/metric_plot.h"

#include "widgets/compare/comparison_text.h"
#include "widgets/plot/plot_style.h"
#include "widgets/theme/theme.h"

#include <algorithm>

namespace apiary::widgets {

MetricPlot::MetricPlot(const QString &accessibleName, StyleOf style, QWidget *parent)
    : PanelPlot(accessibleName, parent)
    , m_style(std::move(style))
{
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
    styleAxes(rect, PlotColours::current());
    for (auto *axis : rect->axes()) {
        axis->setBasePen(Qt::NoPen);
        axis->setTickPen(Qt::NoPen);
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLength(0);
        axis->setSubTickLength(0);
        axis->setLabelPadding(2);
    }
    rect->axis(QCPAxis::atLeft)->grid()->setVisible(false);
    rect->axis(QCPAxis::atLeft)->setTickLabelColor(theme.text());
    rect->axis(QCPAxis::atBottom)->grid()->setVisible(true);
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

void MetricPlot::drawPanels()
{
    if (m_compared && m_compared->baseline < m_compared->models.size())
        draw(*m_compared);
}

void MetricPlot::resizeEvent(QResizeEvent *event)
{
    QCustomPlot::resizeEvent(event);
    if (event->size().width() != event->oldSize().width())
        redraw(); // labels are shortened to the width
}

QString MetricPlot::readOut(const QPointF &point) const
{
    const auto cell = m_compared ? cellAt(point) : std::nullopt;
    return cell ? cellSentence(*m_compared, cell->first, cell->second) : QString();
}

} // namespace apiary::widgets
