#include "widgets/train/curve_plot.h"

#include "widgets/theme/theme.h"

#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>

namespace apiary::widgets {

namespace {

constexpr int redrawEveryMs = 66;

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

CurvePlot::CurvePlot(QWidget *parent)
    : QWidget(parent)
    , m_plot(new QCustomPlot(this))
    , m_soon(new QTimer(this))
    , m_memoryTicker(new MemoryTicker)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);
    setMinimumSize(320, 280);
    m_soon->setSingleShot(true);
    m_soon->setInterval(redrawEveryMs);
    connect(m_soon, &QTimer::timeout, this, &CurvePlot::draw);
    build();
    restyle();
    connect(&Theme::instance(), &Theme::changed, this, &CurvePlot::restyle);
}

void CurvePlot::build()
{
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_plot->setNoAntialiasingOnDrag(true);
    m_plot->setAutoAddPlottableToLegend(false);
    m_plot->setFocusPolicy(Qt::StrongFocus);
    m_plot->setMouseTracking(true);
    m_plot->installEventFilter(this);
    m_plot->plotLayout()->clear();
    m_plot->plotLayout()->setRowSpacing(2);
    auto *margins = new QCPMarginGroup(m_plot);
    for (int i = 0; i < 3; ++i) {
        PanelParts &panel = m_panels[static_cast<std::size_t>(i)];
        panel.title = new QCPTextElement(m_plot);
        panel.title->setTextFlags(Qt::AlignLeft | Qt::AlignVCenter);
        panel.title->setMargins(QMargins(4, 4, 4, 0));
        panel.rect = new QCPAxisRect(m_plot);
        panel.rect->setMarginGroup(QCP::msLeft | QCP::msRight, margins);
        panel.rect->setMinimumMargins(QMargins(12, 6, 12, 2));
        panel.rect->setMinimumSize(60, 50);
        panel.rect->setRangeZoom(Qt::Horizontal);
        panel.rect->setRangeDrag(Qt::Horizontal | Qt::Vertical);
        if (i == 0) { // the runs are named beside the first title, where no data is
            auto *head = new QCPLayoutGrid;
            m_plot->plotLayout()->addElement(0, 0, head);
            m_legend = new QCPLegend;
            head->addElement(0, 0, panel.title);
            head->addElement(0, 1, m_legend);
            head->setColumnStretchFactor(1, 0.0001);
            m_legend->setLayer(QStringLiteral("legend"));
            m_legend->setFillOrder(QCPLayoutGrid::foColumnsFirst);
            m_legend->setMargins(QMargins(4, 2, 12, 0));
            m_legend->setIconSize(16, 10);
            m_legend->setColumnSpacing(12);
            m_legend->setSelectableParts(QCPLegend::spNone);
        } else {
            m_plot->plotLayout()->addElement(2 * i, 0, panel.title);
        }
        m_plot->plotLayout()->addElement(2 * i + 1, 0, panel.rect);
        m_plot->plotLayout()->setRowStretchFactor(2 * i, 0.0001);
        QCPAxis *x = panel.rect->axis(QCPAxis::atBottom);
        x->setTickLabels(i == 2);
        connect(x, qOverload<const QCPRange &>(&QCPAxis::rangeChanged), this, [this, x](const QCPRange &range) {
            if (m_linking)
                return;
            m_linking = true;
            for (PanelParts &other : m_panels)
                if (other.rect->axis(QCPAxis::atBottom) != x)
                    other.rect->axis(QCPAxis::atBottom)->setRange(range);
            m_linking = false;
        });
        panel.cursor = new QCPItemStraightLine(m_plot);
        panel.cursor->setLayer(QStringLiteral("overlay"));
        panel.cursor->setClipAxisRect(panel.rect);
        for (QCPItemPosition *point : {panel.cursor->point1, panel.cursor->point2})
            point->setAxes(x, panel.rect->axis(QCPAxis::atLeft));
        panel.cursor->point2->setTypeY(QCPItemPosition::ptAxisRectRatio);
        panel.cursor->point1->setTypeY(QCPItemPosition::ptAxisRectRatio);
        panel.cursor->point1->setAxisRect(panel.rect);
        panel.cursor->point2->setAxisRect(panel.rect);
        panel.cursor->setVisible(false);
        panel.readout = new QCPItemText(m_plot);
        panel.readout->setLayer(QStringLiteral("overlay"));
        panel.readout->setClipAxisRect(panel.rect);
        panel.readout->position->setAxisRect(panel.rect);
        panel.readout->position->setType(QCPItemPosition::ptAxisRectRatio);
        panel.readout->setPadding(QMargins(6, 3, 6, 3));
        panel.readout->setVisible(false);
    }
    m_hint = new QCPItemText(m_plot);
    m_hint->setClipAxisRect(parts(Panel::Loss).rect);
    m_hint->position->setAxisRect(parts(Panel::Loss).rect);
    m_hint->position->setType(QCPItemPosition::ptAxisRectRatio);
    m_hint->position->setCoords(0.5, 0.5);
    m_hint->setVisible(false);
    m_plot->plotLayout()->setRowStretchFactor(1, 1.2);
    parts(Panel::Memory).rect->axis(QCPAxis::atLeft)->setTicker(m_memoryTicker);
    for (const Panel panel : {Panel::Loss, Panel::Metric, Panel::Memory})
        applyScale(parts(panel).rect->axis(QCPAxis::atLeft), false);
    setAbscissa(Abscissa::Step);
}

void CurvePlot::restyle()
{
    const PlotColours colours = PlotColours::current();
    m_plot->setBackground(QBrush(colours.ground));
    for (PanelParts &panel : m_panels) {
        styleAxes(panel.rect, colours);
        panel.title->setFont(Theme::instance().smallFont());
        panel.title->setTextColor(colours.text);
        panel.cursor->setPen(QPen(colours.muted, 1, Qt::DashLine));
        panel.readout->setFont(Theme::instance().smallFont());
        panel.readout->setColor(colours.text);
        panel.readout->setPen(QPen(colours.axis, 1));
        panel.readout->setBrush(colours.ground);
    }
    m_legend->setFont(Theme::instance().smallFont());
    m_legend->setTextColor(colours.text);
    m_legend->setBorderPen(Qt::NoPen);
    m_legend->setBrush(Qt::NoBrush);
    m_hint->setFont(Theme::instance().bodyFont());
    m_hint->setColor(colours.muted);
    draw();
}

void CurvePlot::setRuns(std::vector<ShownRun> runs)
{
    m_runs = std::move(runs);
    refresh();
}

void CurvePlot::refresh()
{
    if (!m_soon->isActive())
        m_soon->start();
}

void CurvePlot::drawNow()
{
    m_soon->stop();
    draw();
}

void CurvePlot::setAbscissa(Abscissa abscissa)
{
    m_abscissa = abscissa;
    const bool steps = abscissa == Abscissa::Step;
    for (PanelParts &panel : m_panels)
        applyScale(panel.rect->axis(QCPAxis::atBottom), m_logX);
    parts(Panel::Memory).rect->axis(QCPAxis::atBottom)->setLabel(steps ? tr("step") : tr("time since the run began"));
    leave();
    setFollowing(true);
    refresh();
}

void CurvePlot::setMetric(const QString &name)
{
    m_metric = name;
    refresh();
}

QString CurvePlot::metric() const
{
    if (!m_metric.isEmpty() || m_runs.empty())
        return m_metric;
    return m_runs.front().curves->monitor;
}

void CurvePlot::applyScale(QCPAxis *axis, bool logarithmic)
{
    const bool horizontal = axis->orientation() == Qt::Horizontal;
    axis->setScaleType(logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    axis->setNumberFormat(QStringLiteral("gb"));
    axis->setNumberPrecision(4);
    if (axis == parts(Panel::Memory).rect->axis(QCPAxis::atLeft))
        return;
    if (logarithmic)
        axis->setTicker(QSharedPointer<QCPAxisTicker>(new QCPAxisTickerLog));
    else if (horizontal && m_abscissa == Abscissa::Time)
        axis->setTicker(QSharedPointer<QCPAxisTicker>(new ClockTicker));
    else if (horizontal)
        axis->setTicker(QSharedPointer<QCPAxisTicker>(new WholeTicker));
    else
        axis->setTicker(QSharedPointer<QCPAxisTicker>(new ValueTicker));
    axis->ticker()->setTickCount(horizontal ? 8 : 4);
}

void CurvePlot::setLogarithmic(Panel panel, bool on)
{
    m_log[static_cast<std::size_t>(panel)] = on;
    applyScale(parts(panel).rect->axis(QCPAxis::atLeft), on);
    fitY(panel);
    refresh();
}

void CurvePlot::setLogarithmicX(bool on)
{
    m_logX = on;
    for (PanelParts &panel : m_panels)
        applyScale(panel.rect->axis(QCPAxis::atBottom), on);
    setFollowing(true);
    refresh();
}

void CurvePlot::setHint(const QString &text)
{
    if (text == m_hint->text())
        return;
    m_hint->setText(text);
    refresh();
}

void CurvePlot::fit()
{
    setFollowing(true);
    draw();
}

void CurvePlot::setFollowing(bool following)
{
    if (following == m_following)
        return;
    m_following = following;
    Q_EMIT followingChanged(following);
}

QColor CurvePlot::colourOf(const ShownRun &shown) const { return Theme::instance().run(shown.colour); }

QVector<double> CurvePlot::xOf(const RunCurves &curves, const QVector<double> &steps) const
{
    if (m_abscissa == Abscissa::Step)
        return steps;
    QVector<double> out(steps.size());
    std::transform(steps.begin(), steps.end(), out.begin(), [&](double step) { return curves.timeOfStep(step); });
    return out;
}

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
    line->setName(QStringLiteral("#%1 %2").arg(c.run).arg(c.name.size() > longestName ? c.name.left(longestName - 1) + QChar(0x2026) : c.name));
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
    mark->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDiamond, QPen(Theme::instance().text(), 1), QBrush(colour), 11));
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
        if (c.step.isEmpty())
            return;
        // What came before the first step has no place on an axis of steps: the axis of time shows it.
        const auto begin = std::lower_bound(c.memoryTime.begin(), c.memoryTime.end(), c.timeOfStep(0));
        first = begin - c.memoryTime.begin();
        x.reserve(c.memoryTime.size() - first);
        for (qsizetype i = first; i < c.memoryTime.size(); ++i)
            x.push_back(std::max(0.0, c.stepAt(c.memoryTime[i])));
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
    parts(Panel::Metric).title->setText(metric().isEmpty()
                                            ? tr("Metric on validation items, higher is better")
                                            : tr("%1 on validation items, higher is better").arg(shownMetric(metric())));
    double largest = 1024.0 * 1024.0;
    for (const ShownRun &run : m_runs)
        for (const QVector<double> *values : {&run.curves->resident, &run.curves->gpuAllocated})
            if (!values->isEmpty())
                largest = std::max(largest, *std::max_element(values->begin(), values->end()));
    const MemoryUnit unit = memoryUnit(largest);
    m_memoryTicker->setUnit(unit.bytes);
    parts(Panel::Memory).title->setText((gpu ? tr("Memory in %1:  ─── resident set   ╌╌╌ allocator   ∙∙∙∙ GPU")
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
        range = logarithmic ? QCPRange(0.1, 1) : panel == Panel::Memory ? QCPRange(0, 1024.0 * 1024.0 * 1024.0) : QCPRange(0, 1);
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
            label->setPositionAlignment(Qt::AlignBottom | (share < 0.2 ? Qt::AlignLeft : share > 0.8 ? Qt::AlignRight : Qt::AlignHCenter));
        }
}

} // namespace apiary::widgets
