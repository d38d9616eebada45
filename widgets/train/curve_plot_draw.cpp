// How CurvePlot draws its three panels.
#include "widgets/theme/theme.h"
#include "widgets/train/curve_plot.h"

#include <QTimer>
#include <algorithm>
#include <cmath>
#include <limits>

namespace apiary::widgets {

namespace {

QVector<double> finite(const QVector<double> &values)
{
    QVector<double> out = values;
    for (double &value : out)
        if (!std::isfinite(value))
            value = std::numeric_limits<double>::quiet_NaN(); // a gap; infinity would spoil the scale
    return out;
}

QString shownMetric(const QString &name)
{
    return name.startsWith(QLatin1String("ndcg")) ? name.toUpper() : name.left(1).toUpper() + name.mid(1);
}

} // namespace

QCPGraph *CurvePlot::graph(Panel panel, const QVector<double> &x, const QVector<double> &y, const QPen &pen)
{
    QCPAxisRect *rect = parts(panel).rect;
    QCPGraph *graph = m_plot->addGraph(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
    graph->setPen(pen);
    graph->setSelectable(QCP::stNone);
    graph->setAdaptiveSampling(true);
    graph->setData(x, finite(y), true);
    return graph;
}

void CurvePlot::draw()
{
    m_soon->stop();
    m_legend->clearItems();
    m_plot->clearGraphs();
    for (QCPAbstractItem *mark : m_marks)
        m_plot->removeItem(mark);
    m_marks.clear();
    constexpr std::size_t mostNamed = 4;
    std::vector<QCPGraph *> lines(m_runs.size());
    for (std::size_t i = m_runs.size(); i-- > 0;) { // the run in focus last, on top
        lines[i] = drawLoss(m_runs[i]);
        drawMetric(m_runs[i], i == 0);
        drawMemory(m_runs[i], i == 0);
    }
    for (std::size_t i = 0; i < std::min(lines.size(), mostNamed); ++i)
        lines[i]->addToLegend(m_legend);
    const bool noStep = m_runs.empty() || m_runs.front().curves->step.isEmpty();
    m_hint->setVisible(noStep && !m_hint->text().isEmpty());
    setTitles();
    if (m_following)
        rescale();
    m_plot->setAccessibleName(tr("Curves of loss, validation metric and memory"));
    m_plot->setAccessibleDescription(summary());
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

QCPGraph *CurvePlot::drawLoss(const ShownRun &shown)
{
    const RunCurves &c = *shown.curves;
    QCPGraph *line = graph(Panel::Loss, xOf(c, c.step), c.loss, curvePen(colourOf(shown), c.loss.size()));
    if (c.loss.size() <= 60)
        line->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, colourOf(shown), 4));
    constexpr int longestName = 28;
    line->setName(QStringLiteral("#%1 %2").arg(c.run).arg(
        c.name.size() > longestName ? c.name.left(longestName - 1) + QChar(0x2026) : c.name));
    return line;
}

void CurvePlot::drawMetric(const ShownRun &shown, bool focus)
{
    const RunCurves &c = *shown.curves;
    const RunCurves::Metric *metric = c.metric(this->metric());
    if (!metric)
        return;
    const QVector<double> x = xOf(c, metric->step);
    QCPGraph *line = graph(Panel::Metric, x, metric->value, curvePen(colourOf(shown), metric->value.size()));
    if (metric->value.size() <= 60)
        line->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, colourOf(shown), 5));
    if (!focus)
        return;
    QCPAxisRect *rect = parts(Panel::Metric).rect;
    if (metric->step.front() == 0 && std::isfinite(metric->value.front())) {
        const QColor grey = Theme::instance().baseline(0);
        auto *level = new QCPItemStraightLine(m_plot);
        level->setClipAxisRect(rect);
        for (QCPItemPosition *point : {level->point1, level->point2})
            point->setAxes(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
        level->point1->setCoords(1, metric->value.front());
        level->point2->setCoords(2, metric->value.front());
        level->setPen(QPen(grey, 1, Qt::DashLine));
        m_marks.push_back(level);
        auto *label = new QCPItemText(m_plot);
        label->setClipAxisRect(rect);
        label->position->setAxes(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
        label->position->setTypeX(QCPItemPosition::ptAxisRectRatio);
        label->position->setAxisRect(rect);
        label->position->setCoords(1, metric->value.front());
        label->setPositionAlignment(Qt::AlignRight | Qt::AlignTop);
        label->setPadding(QMargins(4, 1, 4, 1));
        label->setText(tr("untrained %1").arg(format::metric(metric->value.front())));
        label->setFont(Theme::instance().smallFont());
        label->setColor(grey);
        label->setObjectName(QStringLiteral("untrained"));
        m_marks.push_back(label);
    }
    const auto best = std::find(metric->step.begin(), metric->step.end(), c.bestStep) - metric->step.begin();
    if (c.bestStep > 0 && best < metric->step.size())
        addMark(x[best], metric->value[best], colourOf(shown),
                tr("best: %1 at step %2").arg(format::metric(metric->value[best])).arg(c.bestStep));
}

void CurvePlot::addMark(double x, double y, const QColor &colour, const QString &text)
{
    QCPAxisRect *rect = parts(Panel::Metric).rect;
    QCPGraph *mark = graph(Panel::Metric, {x}, {y}, QPen(colour, 1));
    mark->setLineStyle(QCPGraph::lsNone);
    mark->setScatterStyle(
        QCPScatterStyle(QCPScatterStyle::ssDiamond, QPen(Theme::instance().text(), 1), QBrush(colour), 11));
    auto *label = new QCPItemText(m_plot);
    label->setClipAxisRect(rect);
    label->position->setAxes(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
    label->position->setCoords(x, y);
    label->setPadding(QMargins(10, 2, 10, 7));
    label->setText(text);
    label->setFont(Theme::instance().smallFont());
    label->setColor(Theme::instance().text());
    label->setObjectName(QStringLiteral("best"));
    m_marks.push_back(label);
}

void CurvePlot::drawMemory(const ShownRun &shown, bool focus)
{
    const RunCurves &c = *shown.curves;
    QVector<double> x;
    qsizetype first = 0;
    if (m_abscissa == Abscissa::Time) {
        x = c.memoryTime;
    } else {
        // Once a step has ended, what came before the first one has no place on an axis of steps: the axis of time
        // shows it. Until then memory is all there is to see, and takes the place of step 1.
        const auto begin = std::lower_bound(c.memoryTime.begin(), c.memoryTime.end(), c.memoryTimeAt(0));
        first = begin - c.memoryTime.begin();
        x.reserve(c.memoryTime.size() - first);
        for (qsizetype i = first; i < c.memoryTime.size(); ++i)
            x.push_back(c.memoryStepAt(c.memoryTime[i]));
    }
    const QColor colour = colourOf(shown);
    graph(Panel::Memory, x, c.resident.mid(first), curvePen(colour, x.size()));
    if (!focus)
        return;
    graph(Panel::Memory, x, c.allocated.mid(first), curvePen(colour, x.size(), Qt::DashLine));
    if (!c.gpuAllocated.isEmpty())
        graph(Panel::Memory, x, c.gpuAllocated.mid(first), curvePen(colour, x.size(), Qt::DotLine));
}

void CurvePlot::setTitles()
{
    const bool gpu = !m_runs.empty() && !m_runs.front().curves->gpuAllocated.isEmpty();
    parts(Panel::Loss).title->setText(tr("Loss (NMSE), lower is better"));
    parts(Panel::Metric)
        .title->setText(metric().isEmpty() ? tr("Metric on validation items, higher is better")
                                           : tr("%1 on validation items, higher is better").arg(shownMetric(metric())));
    double largest = 1024.0 * 1024.0;
    for (const ShownRun &run : m_runs)
        for (const QVector<double> *values : {&run.curves->resident, &run.curves->gpuAllocated})
            if (!values->isEmpty())
                largest = std::max(largest, *std::max_element(values->begin(), values->end()));
    const MemoryUnit unit = memoryUnit(largest);
    m_memoryTicker->setUnit(unit.bytes);
    parts(Panel::Memory)
        .title->setText((gpu ? tr("Memory in %1:  ─── resident set   ╌╌╌ allocator   ∙∙∙∙ GPU")
                             : tr("Memory in %1:  ─── resident set   ╌╌╌ allocator"))
                            .arg(unit.name));
}

void CurvePlot::rescale()
{
    bool found = false;
    QCPRange range(0, 1);
    const auto domain = m_logX ? QCP::sdPositive : QCP::sdBoth;
    for (int i = 0; i < m_plot->graphCount(); ++i) {
        bool here = false;
        const QCPRange keys = m_plot->graph(i)->getKeyRange(here, domain);
        if (!here)
            continue;
        range = found ? QCPRange(std::min(range.lower, keys.lower), std::max(range.upper, keys.upper)) : keys;
        found = true;
    }
    if (m_logX) {
        range.lower = found ? range.lower : 1;
        range.upper = std::max(range.upper, range.lower * 2) * 1.05;
    } else {
        range.lower = std::min(range.lower, 0.0);
        range.upper = std::max(range.upper, range.lower + 1) + 0.02 * range.size();
    }
    parts(Panel::Memory).rect->axis(QCPAxis::atBottom)->setRange(range);
    for (const Panel panel : {Panel::Loss, Panel::Metric, Panel::Memory})
        fitY(panel);
}

void CurvePlot::fitY(Panel panel)
{
    const bool logarithmic = this->logarithmic(panel);
    QCPAxisRect *rect = parts(panel).rect;
    QCPRange range(0, 1);
    bool found = false;
    for (QCPGraph *graph : rect->graphs()) {
        bool here = false;
        const QCPRange values = graph->getValueRange(here, logarithmic ? QCP::sdPositive : QCP::sdBoth);
        if (!here)
            continue;
        range = found ? QCPRange(std::min(range.lower, values.lower), std::max(range.upper, values.upper)) : values;
        found = true;
    }
    if (!found)
        range = logarithmic              ? QCPRange(0.1, 1)
                : panel == Panel::Memory ? QCPRange(0, 1024.0 * 1024.0 * 1024.0)
                                         : QCPRange(0, 1);
    else if (logarithmic)
        range = QCPRange(range.lower / 1.1, range.upper * 1.1);
    else if (panel == Panel::Memory)
        range = QCPRange(0, range.upper * 1.08);
    else {
        const double slack = std::max(range.size(), std::abs(range.upper) * 0.01 + 1e-9);
        range = QCPRange(range.lower - 0.12 * slack, range.upper + (panel == Panel::Metric ? 0.32 : 0.12) * slack);
    }
    rect->axis(QCPAxis::atLeft)->setRange(range);
    // Labels go to the side that has room.
    if (panel != Panel::Metric)
        return;
    const QCPRange y = rect->axis(QCPAxis::atLeft)->range();
    for (QCPAbstractItem *mark : m_marks)
        if (mark->objectName() == QLatin1String("untrained")) {
            auto *label = static_cast<QCPItemText *>(mark);
            const bool low = label->position->value() < y.center();
            label->setPositionAlignment(Qt::AlignRight | (low ? Qt::AlignBottom : Qt::AlignTop));
        } else if (mark->objectName() == QLatin1String("best")) {
            auto *label = static_cast<QCPItemText *>(mark);
            const QCPRange x = rect->axis(QCPAxis::atBottom)->range();
            const double share = (label->position->key() - x.lower) / std::max(x.size(), 1e-9);
            label->setPositionAlignment(Qt::AlignBottom | (share < 0.2   ? Qt::AlignLeft
                                                           : share > 0.8 ? Qt::AlignRight
                                                                         : Qt::AlignHCenter));
        }
}

} // namespace apiary::widgets
