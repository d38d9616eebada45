// What CurvePlot answers: hovering, keys, the summary in words, the table as CSV.
#include "widgets/theme/theme.h"
#include "widgets/train/curve_plot.h"

#include <QEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace apiary::widgets {

namespace {

/// Index of the value nearest to x; −1 for none. `xs` ascends.
qsizetype nearest(const QVector<double> &xs, double x)
{
    if (xs.isEmpty())
        return -1;
    const auto after = std::lower_bound(xs.begin(), xs.end(), x) - xs.begin();
    if (after == 0)
        return 0;
    if (after == xs.size() || x - xs[after - 1] <= xs[after] - x)
        return after - 1;
    return after;
}

QString quoted(QString text)
{
    return QLatin1Char('"') + text.replace(QLatin1String("\""), QLatin1String("\"\"")) + QLatin1Char('"');
}

QString exact(double value)
{
    return QString::number(value, 'g', 17);
}

} // namespace

bool CurvePlot::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_plot)
        return QWidget::eventFilter(watched, event);
    switch (event->type()) {
    case QEvent::MouseMove: {
        auto *mouse = static_cast<QMouseEvent *>(event);
        if (mouse->buttons() & Qt::LeftButton)
            setFollowing(false);
        else
            hover(mouse->position());
        break;
    }
    case QEvent::Wheel: {
        const bool vertical = static_cast<QWheelEvent *>(event)->modifiers() & Qt::ControlModifier;
        for (PanelParts &panel : m_panels)
            panel.rect->setRangeZoom(vertical ? Qt::Vertical : Qt::Horizontal);
        setFollowing(false);
        break;
    }
    case QEvent::MouseButtonDblClick:
        fit();
        return true;
    case QEvent::Leave:
    case QEvent::FocusOut:
        leave();
        break;
    case QEvent::KeyPress:
        if (key(static_cast<QKeyEvent *>(event)))
            return true;
        break;
    default:
        break;
    }
    return QWidget::eventFilter(watched, event);
}

bool CurvePlot::key(QKeyEvent *event)
{
    QCPAxis *x = parts(Panel::Memory).rect->axis(QCPAxis::atBottom);
    const QCPRange range = x->range();
    const bool shift = event->modifiers() & Qt::ShiftModifier;
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right: {
        const int way = event->key() == Qt::Key_Left ? -1 : 1;
        if (shift) {
            setFollowing(false);
            x->moveRange(way * range.size() / 10);
            m_plot->replot(QCustomPlot::rpQueuedReplot);
        } else {
            const double step = m_abscissa == Abscissa::Step ? 1 : range.size() / 100;
            hoverAt(qBound(range.lower, m_cursor + way * step, range.upper));
        }
        return true;
    }
    case Qt::Key_Plus:
    case Qt::Key_Equal:
    case Qt::Key_Minus:
        setFollowing(false);
        x->scaleRange(event->key() == Qt::Key_Minus ? 1.25 : 0.8, range.center());
        m_plot->replot(QCustomPlot::rpQueuedReplot);
        return true;
    case Qt::Key_Home:
    case Qt::Key_0:
        fit();
        return true;
    case Qt::Key_Escape:
        leave();
        return false;
    default:
        return false;
    }
}

void CurvePlot::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::FontChange)
        restyle();
    QWidget::changeEvent(event);
}

void CurvePlot::hover(const QPointF &at)
{
    const QCPAxisRect *under = nullptr;
    for (const PanelParts &panel : m_panels)
        if (panel.rect->rect().contains(at.toPoint()))
            under = panel.rect;
    if (!under)
        return leave();
    hoverAt(under->axis(QCPAxis::atBottom)->pixelToCoord(at.x()));
}

void CurvePlot::hoverAt(double x)
{
    if (m_runs.empty())
        return;
    m_cursor = x;
    const QCPRange range = parts(Panel::Loss).rect->axis(QCPAxis::atBottom)->range();
    const bool right = x > range.center();
    for (const Panel panel : {Panel::Loss, Panel::Metric, Panel::Memory}) {
        PanelParts &p = parts(panel);
        p.cursor->point1->setCoords(x, 0);
        p.cursor->point2->setCoords(x, 1);
        p.cursor->setVisible(true);
        const QString text = readout(panel, x);
        p.readout->setText(text);
        p.readout->setTextAlignment(Qt::AlignLeft);
        p.readout->setPositionAlignment(Qt::AlignTop | (right ? Qt::AlignLeft : Qt::AlignRight));
        p.readout->position->setCoords(right ? 0.0 : 1.0, 0.0);
        p.readout->setVisible(!text.isEmpty());
    }
    m_plot->layer(QStringLiteral("overlay"))->replot();
}

void CurvePlot::leave()
{
    bool shown = false;
    for (PanelParts &panel : m_panels) {
        shown = shown || panel.cursor->visible();
        panel.cursor->setVisible(false);
        panel.readout->setVisible(false);
    }
    if (shown)
        m_plot->layer(QStringLiteral("overlay"))->replot();
}

QString CurvePlot::readout(Panel panel, double x) const
{
    QStringList lines;
    constexpr int mostLines = 6;
    for (const ShownRun &shown : m_runs) {
        if (lines.size() >= mostLines) {
            lines << QStringLiteral("…");
            break;
        }
        const RunCurves &c = *shown.curves;
        const QString who = m_runs.size() > 1 ? QStringLiteral("#%1  ").arg(c.run) : QString();
        if (panel == Panel::Memory) {
            const double time = m_abscissa == Abscissa::Time ? x : c.memoryTimeAt(x);
            const qsizetype at = nearest(c.memoryTime, time);
            if (at < 0)
                continue;
            QString line = who + tr("resident %1, allocator %2")
                                     .arg(format::memory(static_cast<qint64>(c.resident[at])),
                                          format::memory(static_cast<qint64>(c.allocated[at])));
            if (at < c.gpuAllocated.size())
                line += tr(", GPU %1").arg(format::memory(static_cast<qint64>(c.gpuAllocated[at])));
            lines << line;
            continue;
        }
        const RunCurves::Metric *metric = c.metric(this->metric());
        if (panel == Panel::Metric && !metric)
            continue;
        const QVector<double> &steps = panel == Panel::Loss ? c.step : metric->step;
        const QVector<double> &values = panel == Panel::Loss ? c.loss : metric->value;
        const qsizetype at = nearest(xOf(c, steps), x);
        if (at < 0)
            continue;
        QString line = who + tr("step %1   %2").arg(steps[at]).arg(format::metric(values[at]));
        if (panel == Panel::Loss)
            line += QStringLiteral("   %1/step").arg(format::duration(c.seconds[at]));
        lines << line;
    }
    return lines.join(QLatin1Char('\n'));
}

QString CurvePlot::summary() const
{
    if (m_runs.empty())
        return tr("No run is shown.");
    const RunCurves &c = *m_runs.front().curves;
    QString text =
        tr("Run %1, %2: %3.").arg(c.run).arg(c.name, format::plural(c.step.size(), tr("1 step"), tr("%1 steps")));
    if (!c.loss.isEmpty()) {
        const auto least = std::min_element(c.loss.begin(), c.loss.end()) - c.loss.begin();
        text += tr(" Loss from %1 to %2, least %3 at step %4.")
                    .arg(format::metric(c.loss.front()), format::metric(c.loss.back()), format::metric(c.loss[least]))
                    .arg(c.step[least]);
    }
    if (const RunCurves::Metric *metric = c.metric(c.monitor); metric && !metric->value.isEmpty() && c.bestStep >= 0)
        text += tr(" %1 on validation items: first %2, best %3 at step %4.")
                    .arg(c.monitor, format::metric(metric->value.front()), format::metric(c.bestValue()))
                    .arg(c.bestStep);
    if (!c.resident.isEmpty())
        text += tr(" Memory: last %1, at most %2.")
                    .arg(format::memory(static_cast<qint64>(c.resident.back())),
                         format::memory(static_cast<qint64>(*std::max_element(c.resident.begin(), c.resident.end()))));
    if (m_runs.size() > 1)
        text += tr(" %1 shown beside it.")
                    .arg(format::plural(static_cast<qint64>(m_runs.size()) - 1, tr("1 more run"), tr("%1 more runs")));
    return text;
}

QString CurvePlot::csv() const
{
    QString out = QStringLiteral("run,name,series,step,seconds,value\n");
    for (const ShownRun &shown : m_runs) {
        const RunCurves &c = *shown.curves;
        const QString head = QString::number(c.run) + QLatin1Char(',') + quoted(c.name) + QLatin1Char(',');
        const auto row = [&](const QString &series, double step, double seconds, double value) {
            out += head + series + QLatin1Char(',') + exact(step) + QLatin1Char(',') + exact(seconds) +
                   QLatin1Char(',') + exact(value) + QLatin1Char('\n');
        };
        for (qsizetype i = 0; i < c.step.size(); ++i) {
            row(QStringLiteral("loss"), c.step[i], c.stepTime[i], c.loss[i]);
            row(QStringLiteral("learning rate"), c.step[i], c.stepTime[i], c.learningRate[i]);
            row(QStringLiteral("gradient norm"), c.step[i], c.stepTime[i], c.gradientNorm[i]);
            row(QStringLiteral("seconds"), c.step[i], c.stepTime[i], c.seconds[i]);
            row(QStringLiteral("tokens"), c.step[i], c.stepTime[i], c.tokens[i]);
        }
        for (const auto &[name, metric] : c.validation)
            for (qsizetype i = 0; i < metric.step.size(); ++i)
                row(QStringLiteral("validation ") + name, metric.step[i], c.timeOfStep(metric.step[i]),
                    metric.value[i]);
        for (qsizetype i = 0; i < c.memoryTime.size(); ++i) {
            const double step = c.stepAt(c.memoryTime[i]);
            row(QStringLiteral("resident bytes"), step, c.memoryTime[i], c.resident[i]);
            row(QStringLiteral("allocator bytes"), step, c.memoryTime[i], c.allocated[i]);
            if (i < c.gpuAllocated.size())
                row(QStringLiteral("GPU bytes"), step, c.memoryTime[i], c.gpuAllocated[i]);
        }
    }
    return out;
}

} // namespace apiary::widgets
