#pragma once

#include <qcustomplot.h>

#include <QList>
#include <QPair>
#include <QString>

namespace apiary::widgets {

/// What plots of one or more panels share: the theme, wheel zoom and drag, double-click or Home to fit, + and − to zoom along
/// x, a read-out under the mouse.
class PanelPlot : public QCustomPlot {
    Q_OBJECT
public:
    explicit PanelPlot(const QString &accessibleName, QWidget *parent = nullptr);

    void fit();     ///< everything in view again
    void drawNow(); ///< for export and tests: lays out and draws at once
    /// What stands under a point, in words; empty where nothing does.
    virtual QString readOut(const QPointF &point) const = 0;

protected:
    virtual void drawPanels() = 0; ///< into the emptied plot
    void redraw();
    void keyPressEvent(QKeyEvent *event) override;
    void paintEvent(QPaintEvent *event) override; ///< and that it has the focus
    void changeEvent(QEvent *event) override;

private:
    void zoom(double factor);

    QList<QPair<QCPAxis *, QCPRange>> m_home; ///< ranges that fit() restores
    bool m_redrawing = false;
};

} // namespace apiary::widgets
