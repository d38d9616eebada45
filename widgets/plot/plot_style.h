#pragma once

#include <QColor>
#include <QPen>
#include <qcustomplot.h>

namespace apiary::widgets {

/// The colours that a plot is drawn with: the theme's of the moment, or a fixed light or dark set for export.
struct PlotColours {
    QColor ground, text, muted, axis, grid;
    static PlotColours current();
};

/// A pen that QCustomPlot draws fast at any scale: one wide, or one device pixel for long curves.
QPen curvePen(const QColor &colour, qsizetype points, Qt::PenStyle style = Qt::SolidLine);

/// Colours, fonts, ticks and grid of an axis rectangle's left and bottom axes; top and right stay hidden.
void styleAxes(QCPAxisRect *rect, const PlotColours &colours);

/// Ticks of a linear axis in binary memory units: values are bytes, labels are numbers of the unit given.
class MemoryTicker : public QCPAxisTicker {
public:
    void setUnit(double bytes) { m_unit = bytes; }

protected:
    double getTickStep(const QCPRange &range) override;
    QString getTickLabel(double tick, const QLocale &locale, QChar formatChar, int precision) override;

private:
    double m_unit = 1;
};

/// The unit that fits a largest value: its size in bytes and its name ("MiB").
struct MemoryUnit {
    double bytes = 1;
    QString name;
};
MemoryUnit memoryUnit(double largest);

/// Plain numbers with as many decimals as their distance needs, the same on every tick.
class ValueTicker : public QCPAxisTicker {
protected:
    double getTickStep(const QCPRange &range) override;
    QString getTickLabel(double tick, const QLocale &locale, QChar formatChar, int precision) override;

private:
    double m_step = 1;
};

/// Whole numbers only, in the locale's groups.
class WholeTicker : public QCPAxisTicker {
protected:
    double getTickStep(const QCPRange &range) override;
    QString getTickLabel(double tick, const QLocale &locale, QChar formatChar, int precision) override;
};

/// Seconds as "40 s", "2:05", "1:02:00".
class ClockTicker : public QCPAxisTicker {
protected:
    double getTickStep(const QCPRange &range) override;
    QString getTickLabel(double tick, const QLocale &locale, QChar formatChar, int precision) override;
};

} // namespace apiary::widgets
