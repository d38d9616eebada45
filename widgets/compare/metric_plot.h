#pragma once

#include "widgets/compare/model_style.h"
#include "widgets/plot/panel_plot.h"

#include <memory>

namespace apiary::widgets {

/// What the plots of a comparison share.
class MetricPlot : public PanelPlot {
    Q_OBJECT
public:
    MetricPlot(const QString &accessibleName, StyleOf style, QWidget *parent = nullptr);

    void present(std::shared_ptr<const ComparedModels> compared);
    QString readOut(const QPointF &point) const override;
    /// The cell under a point: {model, metric}; nothing where there is none.
    virtual std::optional<std::pair<std::size_t, std::size_t>> cellAt(const QPointF &point) const = 0;

protected:
    /// Draws `compared` into the emptied plot.
    virtual void draw(const ComparedModels &compared) = 0;
    void drawPanels() override;
    void resizeEvent(QResizeEvent *event) override;

    const ComparedModels *compared() const { return m_compared.get(); }
    ModelStyle styleOf(const ComparedModel &model) const { return m_style(model); }
    /// The colour of what its interval does not tell from zero.
    static QColor pale(const QColor &colour);
    /// Category labels on y, numbers on x, in the theme's colours.
    static void dress(QCPAxisRect *rect);
    QString shortened(const QString &label, int width) const;
    /// How many ticks to ask an axis of `pixels` for, so that numbers as long as `longest` keep apart.
    static int tickCount(double pixels, const QString &longest);

private:
    StyleOf m_style;
    std::shared_ptr<const ComparedModels> m_compared;
};

} // namespace apiary::widgets
