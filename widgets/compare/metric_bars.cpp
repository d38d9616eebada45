#include "widgets/compare/metric_bars.h"

#include "widgets/compare/comparison_text.h"
#include "widgets/theme/theme.h"

#include <algorithm>
#include <cmath>

namespace apiary::widgets {

MetricBars::MetricBars(StyleOf style, QWidget *parent)
    : MetricPlot(tr("Metrics of each model"), std::move(style), parent)
{
    setMinimumSize(360, 120);
}

void MetricBars::drawBar(QCPAxisRect *rect, const ComparedModel &model, const eval::Interval &value, double place)
{
    const Theme &theme = Theme::instance();
    auto *x = rect->axis(QCPAxis::atBottom);
    auto *y = rect->axis(QCPAxis::atLeft);
    const auto pin = [&](QCPItemPosition *position, double at) {
        position->setAxes(x, y);
        position->setAxisRect(rect);
        position->setType(QCPItemPosition::ptPlotCoords);
        position->setCoords(at, place);
    };
    auto *bar = new QCPBars(y, x);
    bar->setWidth(0.62);
    bar->setPen(Qt::NoPen);
    bar->setBrush(styleOf(model).colour);
    bar->addData(place, value.mean);
    // Seen on every bar: a dark bar in the light theme, a light one in the dark.
    for (const QPen &pen : {QPen(theme.surface(), 4, Qt::SolidLine, Qt::FlatCap), QPen(theme.text(), 1.5)}) {
        auto *interval = new QCPItemLine(this);
        pin(interval->start, value.low);
        pin(interval->end, value.high);
        interval->setClipAxisRect(rect);
        interval->setPen(pen);
    }
    auto *written = new QCPItemText(this);
    pin(written->position, value.high);
    written->setClipAxisRect(rect);
    written->setPositionAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    written->setPadding(QMargins(6, 0, 0, 0));
    written->setText(metricText(value.mean));
    written->setFont(theme.smallFont());
    written->setColor(theme.text());
}

int MetricBars::labelWidth() const
{
    return std::max(110, width() / 6);
}

double MetricBars::panelWidth() const
{
    const auto panels = static_cast<double>(std::max<std::size_t>(1, compared() ? columnCount(*compared()) : 1));
    return (width() - labelWidth()) / panels - 40;
}

void MetricBars::drawPanel(QCPAxisRect *rect, const ComparedModels &compared, std::size_t column)
{
    auto *x = rect->axis(QCPAxis::atBottom);
    auto *y = rect->axis(QCPAxis::atLeft);
    QSharedPointer<QCPAxisTickerText> labels(new QCPAxisTickerText);
    double high = 0;
    for (std::size_t i = 0; i < compared.models.size(); ++i) {
        const auto &model = compared.models[i];
        const auto place = static_cast<double>(i);
        labels->addTick(place, column == 0 ? shortened(labelOf(model), labelWidth()) : QString());
        const auto value = valueIn(compared, i, column);
        if (!value)
            continue;
        high = std::max(high, value->high);
        drawBar(rect, model, *value, place);
    }
    y->setTicker(labels);
    y->setRange(-0.6, static_cast<double>(compared.models.size()) - 0.4);
    y->setRangeReversed(true);
    const double inner = std::max(120.0, panelWidth());
    const double written =
        QFontMetrics(Theme::instance().smallFont()).horizontalAdvance(QStringLiteral("0.000000")) + 12;
    x->setRange(0, high > 0 ? high / (1 - std::min(0.5, written / inner)) : 1); // room for the written values
    x->setLabel(columnName(compared, column));
    x->ticker()->setTickCount(tickCount(panelWidth(), QStringLiteral("0.025")));
}

void MetricBars::draw(const ComparedModels &compared)
{
    for (std::size_t column = 0; column < columnCount(compared); ++column) {
        auto *rect = new QCPAxisRect(this);
        plotLayout()->addElement(0, static_cast<int>(column), rect);
        dress(rect);
        drawPanel(rect, compared, column);
    }
    plotLayout()->setColumnSpacing(space::group);
    if (axisRectCount() > 1) // panels of one width, the labels beside the first
        plotLayout()->setColumnStretchFactor(0, 1 + labelWidth() / std::max(120.0, panelWidth() + 40));
}

std::optional<std::pair<std::size_t, std::size_t>> MetricBars::cellAt(const QPointF &point) const
{
    const auto *data = compared();
    for (int metric = 0; data && metric < axisRectCount(); ++metric) {
        const auto *rect = axisRect(metric);
        if (!rect->outerRect().contains(point.toPoint()))
            continue;
        const auto row = std::lround(rect->axis(QCPAxis::atLeft)->pixelToCoord(point.y()));
        if (row >= 0 && row < static_cast<long>(data->models.size()))
            return std::pair{static_cast<std::size_t>(row), static_cast<std::size_t>(metric)};
    }
    return std::nullopt;
}

} // namespace apiary::widgets
