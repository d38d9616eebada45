#pragma once

#include "widgets/compare/metric_plot.h"

namespace apiary::widgets {

/// A panel a metric, a bar a model, with the value written at its end and its interval as a thin line; totals, which have
/// no interval, behind the metrics.
class MetricBars : public MetricPlot {
    Q_OBJECT
public:
    explicit MetricBars(StyleOf style, QWidget *parent = nullptr);
    std::optional<std::pair<std::size_t, std::size_t>> cellAt(const QPointF &point) const override;

protected:
    void draw(const ComparedModels &compared) override;

private:
    int labelWidth() const;
    double panelWidth() const; ///< about, from end to end of its axis
    void drawPanel(QCPAxisRect *rect, const ComparedModels &compared, std::size_t column);
    void drawBar(QCPAxisRect *rect, const ComparedModel &model, const eval::Interval &value, double place);
};

} // namespace apiary::widgets
