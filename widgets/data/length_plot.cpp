#include "widgets/data/length_plot.h"

#include "widgets/plot/plot_style.h"
#include "widgets/theme/theme.h"

#include <algorithm>
#include <cmath>

namespace apiary::widgets {

LengthPlot::LengthPlot(QWidget *parent) : FactPlot(tr("Lengths of the texts in tokens"), parent)
{
    setMinimumSize(320, 140);
}

void LengthPlot::present(std::optional<data::LengthHistogram> histogram, qint64 limit)
{
    m_histogram = std::move(histogram);
    m_limit = limit;
    setAccessibleDescription(
        m_histogram ? tr("%1 to %2 tokens, median %3, 95 % at most %4; %5.")
                          .arg(format::count(m_histogram->shortest), format::count(m_histogram->longest),
                               format::count(m_histogram->median), format::count(m_histogram->p95),
                               format::plural(m_histogram->truncated, tr("1 text is cut"), tr("%1 texts are cut")))
                    : QString());
    redraw();
}

bool LengthPlot::openEnded(std::size_t bin) const
{
    const auto bins = static_cast<qint64>(m_histogram->bins.size());
    return static_cast<qint64>(bin) + 1 == bins && m_histogram->longest >= bins * m_histogram->binWidth;
}

QString LengthPlot::binText(std::size_t bin) const
{
    const auto low = static_cast<qint64>(bin) * m_histogram->binWidth;
    if (openEnded(bin))
        return tr("≥ %1").arg(format::count(low));
    return m_histogram->binWidth == 1
               ? format::count(low)
               : tr("%1–%2").arg(format::count(low), format::count(low + m_histogram->binWidth - 1));
}

QString LengthPlot::note() const
{
    if (!m_histogram)
        return {};
    QString text = tr("median %1 · 95 % ≤ %2 · longest %3")
                       .arg(format::count(m_histogram->median), format::count(m_histogram->p95),
                            format::count(m_histogram->longest));
    if (m_limit > 0)
        text += m_histogram->truncated > 0
                    ? tr("\nlimit %1: ").arg(format::count(m_limit)) +
                          format::plural(m_histogram->truncated, tr("1 text is cut"), tr("%1 texts are cut"))
                    : tr("\nlimit %1: no text is cut").arg(format::count(m_limit));
    return text;
}

void LengthPlot::drawPanels()
{
    if (!m_histogram)
        return;
    const Theme &theme = Theme::instance();
    // The note stands above the panel, so that neither bars nor the line of the limit cross it.
    auto *head = new QCPTextElement(this, note(), theme.smallFont());
    head->setTextColor(theme.mutedText());
    head->setTextFlags(Qt::AlignRight | Qt::AlignVCenter);
    head->setMargins(QMargins(6, 4, 6, 0));
    plotLayout()->addElement(0, 0, head);
    QCPAxisRect *rect = addPanel(0, 1);
    auto *x = rect->axis(QCPAxis::atBottom);
    auto *y = rect->axis(QCPAxis::atLeft);
    x->setTicker(QSharedPointer<WholeTicker>::create());
    y->setTicker(QSharedPointer<WholeTicker>::create());
    y->setNumberFormat(QStringLiteral("f"));
    y->setNumberPrecision(0);
    y->setSubTicks(false);
    x->setLabel(tr("tokens of the text"));
    y->setLabel(tr("items"));
    const auto width = static_cast<double>(m_histogram->binWidth);
    auto *bars = new QCPBars(x, y);
    bars->setWidthType(QCPBars::wtPlotCoords);
    bars->setWidth(width * 0.9);
    bars->setPen(Qt::NoPen);
    bars->setBrush(theme.baseline(1));
    double most = 1;
    std::size_t last = 0;
    for (std::size_t i = 0; i < m_histogram->bins.size(); ++i) {
        const auto count = static_cast<double>(m_histogram->bins[i]);
        bars->addData((static_cast<double>(i) + 0.5) * width, count);
        most = std::max(most, count);
        last = count > 0 ? i : last;
    }
    if (openEnded(last)) {
        auto *label = new QCPItemText(this);
        label->position->setAxes(x, y);
        label->position->setAxisRect(rect);
        label->position->setCoords((static_cast<double>(last) + 0.5) * width,
                                   static_cast<double>(m_histogram->bins[last]));
        label->setPositionAlignment(Qt::AlignHCenter | Qt::AlignBottom);
        label->setClipToAxisRect(false);
        styleNote(label);
        label->setText(binText(last));
    }
    double right = static_cast<double>(last + 1) * width;
    const auto limit = static_cast<double>(m_limit);
    if (m_limit > 0 && limit <= right * 1.5) {
        right = std::max(right, limit);
        auto *line = new QCPItemStraightLine(this);
        for (auto *end : {line->point1, line->point2}) {
            end->setAxes(x, y);
            end->setAxisRect(rect);
        }
        line->point1->setCoords(limit, 0);
        line->point2->setCoords(limit, 1);
        line->setClipAxisRect(rect);
        line->setPen(QPen(theme.text(), 1, Qt::DashLine));
    }
    x->setRange(0, right * 1.04);
    y->setRange(0, most * 1.1);
}

QString LengthPlot::readOut(const QPointF &point) const
{
    if (!m_histogram || axisRectCount() == 0 || !axisRect(0)->rect().contains(point.toPoint()))
        return {};
    const double tokens = axisRect(0)->axis(QCPAxis::atBottom)->pixelToCoord(point.x());
    const double bin = std::floor(tokens / static_cast<double>(m_histogram->binWidth));
    if (bin < 0 || bin >= static_cast<double>(m_histogram->bins.size()))
        return {};
    const auto i = static_cast<std::size_t>(bin);
    return tr("%1 tokens: %2 items").arg(binText(i), format::count(m_histogram->bins[i]));
}

QString LengthPlot::csv() const
{
    QString text = QStringLiteral("tokens,tokens_from,items\n");
    for (std::size_t i = 0; m_histogram && i < m_histogram->bins.size(); ++i)
        text += QStringLiteral("\"%1\",%2,%3\n")
                    .arg(binText(i))
                    .arg(static_cast<qint64>(i) * m_histogram->binWidth)
                    .arg(m_histogram->bins[i]);
    return text;
}

} // namespace apiary::widgets
