#pragma once

#include "widgets/data/dataset_facts.h"
#include "widgets/data/fact_plot.h"

namespace apiary::widgets {

/// Popularity of items and activity of users over their ranks, both axes logarithmic.
class RankPlot : public FactPlot {
    Q_OBJECT
public:
    explicit RankPlot(QWidget *parent = nullptr);

    void present(FactsPtr facts); ///< null: nothing
    QString csv() const override;
    QString readOut(const QPointF &point) const override;

protected:
    void drawPanels() override;

private:
    void drawCurve(QCPAxisRect *rect, const data::Curve &curve, const QString &across, const QString &up);
    FactsPtr m_facts;
};

} // namespace apiary::widgets
