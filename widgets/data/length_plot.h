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
    /// "40–49"; "≥ 390" for the last bin, which holds what is longer.
    QString binText(std::size_t bin) const;
    /// What the plot says of the texts, and of the limit where the encoder has one.
    QString note() const;
    QString csv() const override;
    QString readOut(const QPointF &point) const override;

protected:
    void drawPanels() override;

private:
    bool openEnded(std::size_t bin) const; ///< longer texts than the bin's own are in it
    std::optional<data::LengthHistogram> m_histogram;
    qint64 m_limit = 0;
};

} // namespace apiary::widgets
