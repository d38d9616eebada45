#include "widgets/compare/forest_plot.h"

#include "widgets/compare/comparison_text.h"
#include "widgets/theme/theme.h"

#include <algorithm>
#include <cmath>

namespace apiary::widgets {

ForestPlot::ForestPlot(StyleOf style, QWidget *parent)
    : MetricPlot(tr("Differences to the baseline with intervals"), std::move(style), parent)
{
    setMinimumSize(260, 140);
}

int ForestPlot::labelWidth() const
{
    return std::max(90, width() * 2 / 5);
}

QCPRange ForestPlot::extentOf(const ComparedModels &compared)
{
    double low = 0;
    double high = 0;
    const auto widen = [&](bool floorToo) {
        for (std::size_t i = 0; i < compared.models.size(); ++i)
            for (const auto &cell : compared.models[i].cells)
                if (i != compared.baseline && cell.users > 0 &&
                    (floorToo || compared.models[i].kind != ModelKind::Random)) {
                    low = std::min(low, cell.difference.low);
                    high = std::max(high, cell.difference.high);
                }
    };
    widen(false);
    if (low == 0 && high == 0)
        widen(true);
    const double room = std::max(high - low, 1e-6) * 0.12;
    return {low - room, high + room};
}

QCPItemText *ForestPlot::edgeNote(QCPAxisRect *rect, bool left, double y, const QString &text, const QColor &colour)
{
    auto *note = new QCPItemText(this);
    note->position->setTypeX(QCPItemPosition::ptAxisRectRatio);
    note->position->setTypeY(QCPItemPosition::ptPlotCoords);
    note->position->setAxisRect(rect);
    note->position->setAxes(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
    note->position->setCoords(left ? 0 : 1, y);
    note->setPositionAlignment((left ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    note->setPadding(QMargins());
    note->setText(text);
    note->setFont(Theme::instance().smallFont());
    note->setColor(colour);
    return note;
}

void ForestPlot::drawBeyond(QCPAxisRect *rect, const ComparedModel &model, const ComparedCell &cell, double y)
{
    const bool below = cell.difference.mean < 0;
    const QCPRange range = rect->axis(QCPAxis::atBottom)->range();
    const double zero = -range.lower / range.size(); // of the width
    const bool near = below ? zero < 0.5 : zero > 0.5;
    const QString value = differenceText(cell.difference.mean);
    QCPItemText *note =
        edgeNote(rect, below, y, below ? QStringLiteral("◂ ") + value : value + QStringLiteral(" ▸"),
                 model.kind == ModelKind::Random ? Theme::instance().mutedText() : styleOf(model).colour);
    if (!near)
        return;
    note->position->setTypeX(QCPItemPosition::ptPlotCoords);
    note->position->setCoords(0, y);
    note->setPadding(QMargins(6, 0, 6, 0));
}

void ForestPlot::drawCutEnds(QCPAxisRect *rect, const eval::Interval &difference, const QColor &colour, double y)
{
    const QCPRange range = rect->axis(QCPAxis::atBottom)->range();
    for (const bool low : {true, false}) {
        if (low ? difference.low >= range.lower : difference.high <= range.upper)
            continue;
        edgeNote(rect, low, y, low ? QStringLiteral("◂") : QStringLiteral("▸"), colour);
    }
}

void ForestPlot::drawRow(QCPAxisRect *rect, const ComparedModels &compared, const Row &row)
{
    auto *x = rect->axis(QCPAxis::atBottom);
    auto *y = rect->axis(QCPAxis::atLeft);
    const auto &model = compared.models[row.model];
    const auto &cell = model.cells[row.metric];
    const auto &difference = cell.difference;
    if (difference.high < x->range().lower || difference.low > x->range().upper) {
        drawBeyond(rect, model, model.cells[row.metric], row.y);
        return;
    }
    const ModelStyle style = styleOf(model);
    const QColor colour = cell.toldApart(compared.level) ? style.colour : pale(style.colour);
    auto *interval = new QCPItemLine(this);
    for (auto *end : {interval->start, interval->end}) {
        end->setAxes(x, y);
        end->setAxisRect(rect);
        end->setType(QCPItemPosition::ptPlotCoords);
    }
    interval->start->setCoords(difference.low, row.y);
    interval->end->setCoords(difference.high, row.y);
    interval->setClipAxisRect(rect);
    interval->setPen(QPen(colour, 2, style.dash, Qt::FlatCap));
    drawCutEnds(rect, difference, colour, row.y);
    auto *point = addGraph(x, y);
    point->setLineStyle(QCPGraph::lsNone);
    point->setScatterStyle(QCPScatterStyle(markerPath(style.marker), QPen(colour, 0), colour, 8));
    point->addData(difference.mean, row.y);
}

void ForestPlot::draw(const ComparedModels &compared)
{
    const Theme &theme = Theme::instance();
    auto *rect = new QCPAxisRect(this);
    plotLayout()->addElement(0, 0, rect);
    dress(rect);
    auto *x = rect->axis(QCPAxis::atBottom);
    auto *y = rect->axis(QCPAxis::atLeft);

    m_rows.clear();
    QSharedPointer<QCPAxisTickerText> labels(new QCPAxisTickerText);
    double place = 0;
    const QCPRange extent = extentOf(compared);
    for (std::size_t metric = 0; metric < compared.metrics.size(); ++metric) {
        auto *heading = new QCPItemText(this);
        heading->position->setTypeX(QCPItemPosition::ptAxisRectRatio);
        heading->position->setTypeY(QCPItemPosition::ptPlotCoords);
        heading->position->setAxisRect(rect);
        heading->position->setAxes(x, y);
        heading->position->setCoords(-0.03, place); // in the column of the labels, clear of the zero line
        heading->setPositionAlignment(Qt::AlignRight | Qt::AlignVCenter);
        heading->setClipToAxisRect(false);
        heading->setText(metricName(compared.metrics[metric]));
        heading->setFont(theme.smallFont());
        heading->setColor(theme.mutedText());
        place += 1;
        for (std::size_t model = 0; model < compared.models.size(); ++model) {
            const auto &cell = compared.models[model].cells[metric];
            if (model == compared.baseline || cell.users == 0)
                continue;
            labels->addTick(place, shortened(labelOf(compared.models[model]), labelWidth()));
            m_rows.push_back({place, model, metric});
            place += 1;
        }
        place += 0.4;
    }
    y->setTicker(labels);
    y->setRange(-0.7, std::max(1.0, place - 0.7));
    y->setRangeReversed(true);
    x->setRange(extent);
    x->ticker()->setTickCount(tickCount(width() - labelWidth() - 40, QStringLiteral("\u22120.025")));
    x->setLabel(tr("difference, %1 interval").arg(levelText(compared.level)));
    x->grid()->setZeroLinePen(QPen(theme.text(), 1.5));
    for (const Row &row : m_rows)
        drawRow(rect, compared, row);
}

std::optional<std::pair<std::size_t, std::size_t>> ForestPlot::cellAt(const QPointF &point) const
{
    if (m_rows.empty() || axisRectCount() == 0)
        return std::nullopt;
    const double y = axisRect(0)->axis(QCPAxis::atLeft)->pixelToCoord(point.y());
    for (const Row &row : m_rows)
        if (std::abs(row.y - y) <= 0.5)
            return std::pair{row.model, row.metric};
    return std::nullopt;
}

} // namespace apiary::widgets
