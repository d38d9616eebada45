#include "widgets/train/curve_plot.h"

#include "widgets/theme/theme.h"

#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

namespace apiary::widgets {

namespace {

constexpr int redrawEveryMs = 66;

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
    m_hint->setText({}); // not the library's own "text"
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

QColor CurvePlot::colourOf(const ShownRun &shown) const
{
    return Theme::instance().run(shown.colour);
}

QVector<double> CurvePlot::xOf(const RunCurves &curves, const QVector<double> &steps) const
{
    if (m_abscissa == Abscissa::Step)
        return steps;
    QVector<double> out(steps.size());
    std::transform(steps.begin(), steps.end(), out.begin(), [&](double step) { return curves.timeOfStep(step); });
    return out;
}

} // namespace apiary::widgets
