#pragma once

#include "data/statistics.h"
#include "widgets/data/fact_plot.h"

#include <optional>

namespace apiary::widgets {

/// How long the texts are in an encoder's tokens.
class LengthPlot : public FactPlot {
    Q_OBJECT
public:
    explicit LengthPlot(QWidget *parent = nullptr);

    /// `limit` 0: the encoder names none.
    void present(std::optional<data::LengthHistogram> histogram, qint64 limit = 0);
    const std::optional<data::LengthHistogram> &histogram() const { return m_histogram; }
    QString csv() const override;
    QString readOut(const QPointF &point) const override;

protected:
    void drawPanels() override;

private:
    QString binText(std::size_t bin) const; ///< "40–49"
    std::optional<data::LengthHistogram> m_histogram;
    qint64 m_limit = 0;
};

} // namespace apiary::widgets
