#pragma once

#include "widgets/compare/metric_plot.h"

namespace apiary::widgets {

/// Differences to the baseline with their intervals, a group of rows a metric, one axis for all; the baseline is the
/// line at zero. What is not told apart from it is drawn pale.
class ForestPlot : public MetricPlot {
    Q_OBJECT
public:
    explicit ForestPlot(StyleOf style, QWidget *parent = nullptr);
    std::optional<std::pair<std::size_t, std::size_t>> cellAt(const QPointF &point) const override;

protected:
    void draw(const ComparedModels &compared) override;

private:
    struct Row {
        double y;
        std::size_t model;
        std::size_t metric;
    };
    /// Zero and every interval but the random floor's, which would squeeze the others.
    static QCPRange extentOf(const ComparedModels &compared);
    /// A value that the axis does not reach: an arrow with the number, at the axis' edge, or where the line at zero is
    /// near that, on the line's other side.
    void drawBeyond(QCPAxisRect *rect, const ComparedModel &model, const ComparedCell &cell, double y);
    /// A short text at the left or right edge of the axis.
    QCPItemText *edgeNote(QCPAxisRect *rect, bool left, double y, const QString &text, const QColor &colour);
    /// An arrow at the axis' edge for each end of an interval that lies beyond it.
    void drawCutEnds(QCPAxisRect *rect, const eval::Interval &difference, const QColor &colour, double y);
    int labelWidth() const; ///< px, at most
    void drawRow(QCPAxisRect *rect, const ComparedModels &compared, const Row &row);

    std::vector<Row> m_rows;
};

} // namespace apiary::widgets
