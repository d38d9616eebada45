#include "widgets/plot/plot_style.h"

#include "widgets/theme/theme.h"

#include <array>
#include <cmath>

namespace apiary::widgets {

PlotColours PlotColours::current()
{
    const Theme &theme = Theme::instance();
    return {theme.surface(), theme.text(), theme.mutedText(), theme.border(), theme.grid()};
}

QPen curvePen(const QColor &colour, qsizetype points, Qt::PenStyle style)
{
    constexpr qsizetype longCurve = 5000;
    QPen pen(colour, points > longCurve ? 0.0 : 1.0, style, Qt::FlatCap, Qt::RoundJoin);
    pen.setCosmetic(points > longCurve);
    return pen;
}

void styleAxes(QCPAxisRect *rect, const PlotColours &colours)
{
    const QFont font = Theme::instance().smallFont();
    for (QCPAxis *axis : {rect->axis(QCPAxis::atLeft), rect->axis(QCPAxis::atBottom)}) {
        axis->setBasePen(QPen(colours.axis, 1));
        axis->setTickPen(QPen(colours.axis, 1));
        axis->setSubTickPen(QPen(colours.axis, 1));
        axis->setTickLength(0, 4);
        axis->setSubTickLength(0, 2);
        axis->setTickLabelFont(font);
        axis->setTickLabelColor(colours.muted);
        axis->setLabelFont(font);
        axis->setLabelColor(colours.muted);
        axis->setLabelPadding(3);
        axis->grid()->setPen(QPen(colours.grid, 1));
        axis->grid()->setZeroLinePen(QPen(colours.grid, 1));
        axis->grid()->setSubGridVisible(false);
        axis->setSelectableParts(QCPAxis::spNone);
    }
    rect->axis(QCPAxis::atBottom)->grid()->setVisible(false);
    rect->axis(QCPAxis::atBottom)->setSubTicks(false);
    rect->setBackground(Qt::NoBrush);
}

MemoryUnit memoryUnit(double largest)
{
    static constexpr std::array names{"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    double bytes = 1;
    while (largest / bytes >= 1024 && unit + 1 < names.size()) {
        bytes *= 1024;
        ++unit;
    }
    return {bytes, QString::fromLatin1(names[unit])};
}

double MemoryTicker::getTickStep(const QCPRange &range)
{
    // Below a unit in decimal parts of it (0.5 GiB), above in 1, 2, 5, 10 … units.
    const double wanted = range.size() / m_unit / 4;
    const double scale = std::pow(10.0, std::floor(std::log10(std::max(wanted, 1e-12))));
    const double mantissa = wanted / scale;
    return m_unit * scale * (mantissa <= 1 ? 1 : mantissa <= 2 ? 2 : mantissa <= 5 ? 5 : 10);
}

QString MemoryTicker::getTickLabel(double tick, const QLocale &, QChar, int)
{
    return QString::number(tick / m_unit, 'g', 4);
}

double ValueTicker::getTickStep(const QCPRange &range)
{
    m_step = QCPAxisTicker::getTickStep(range);
    return m_step;
}

QString ValueTicker::getTickLabel(double tick, const QLocale &, QChar, int)
{
    const double decimals = -std::floor(std::log10(m_step) + 1e-9);
    if (!std::isfinite(decimals) || decimals > 6 || std::abs(tick) >= 1e7)
        return QString::number(tick, 'g', 4);
    // A step of 2.5 needs one decimal more than one of 2.
    const double scaled = m_step * std::pow(10.0, decimals);
    const bool half = std::abs(scaled - std::round(scaled)) > 1e-6;
    return QString::number(tick, 'f', std::max(0, static_cast<int>(decimals) + (half ? 1 : 0)));
}

double WholeTicker::getTickStep(const QCPRange &range)
{
    return std::max(1.0, std::ceil(QCPAxisTicker::getTickStep(range)));
}

QString WholeTicker::getTickLabel(double tick, const QLocale &, QChar, int)
{
    return format::count(std::llround(tick));
}

double ClockTicker::getTickStep(const QCPRange &range)
{
    static constexpr std::array steps{1,   2,   5,    10,   15,   30,    60,    120,  300,
                                      600, 900, 1800, 3600, 7200, 14400, 28800, 86400};
    const double wanted = range.size() / tickCount();
    for (const int step : steps)
        if (step >= wanted)
            return step;
    return QCPAxisTicker::getTickStep(range);
}

QString ClockTicker::getTickLabel(double tick, const QLocale &, QChar, int)
{
    const auto seconds = static_cast<qint64>(std::llround(tick));
    if (seconds < 0)
        return {};
    if (seconds < 60)
        return QStringLiteral("%1 s").arg(seconds);
    const QChar zero = QLatin1Char('0');
    if (seconds < 3600)
        return QStringLiteral("%1:%2").arg(seconds / 60).arg(seconds % 60, 2, 10, zero);
    return QStringLiteral("%1:%2:%3")
        .arg(seconds / 3600)
        .arg(seconds % 3600 / 60, 2, 10, zero)
        .arg(seconds % 60, 2, 10, zero);
}

} // namespace apiary::widgets
