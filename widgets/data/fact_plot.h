#pragma once

#include <qcustomplot.h>

#include <QList>
#include <QPair>
#include <QString>

namespace apiary::widgets {

/// What the plots of the Data page share: the theme, wheel zoom, drag, double-click or Home to fit, keys, a read-out
/// under the mouse.
class FactPlot : public QCustomPlot {
    Q_OBJECT
public:
    explicit FactPlot(const QString &accessibleName, QWidget *parent = nullptr);

    void fit();
    void drawNow(); ///< for export and tests: lays out and draws at once
    virtual QString csv() const = 0;
    /// What stands under a point, in words; empty where nothing does.
    virtual QString readOut(const QPointF &point) const = 0;

protected:
    virtual void draw() = 0; ///< into the emptied plot
    void redraw();
    /// A left and a bottom axis, drag and zoom along x.
    QCPAxisRect *addPanel(int column);
    /// A text at a corner of a panel, above what is drawn.
    QCPItemText *addNote(QCPAxisRect *rect, const QString &text, Qt::Alignment corner);
    void keyPressEvent(QKeyEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void zoom(double factor);

    QList<QPair<QCPAxis *, QCPRange>> m_home; ///< ranges that fit() restores
    bool m_redrawing = false;
};

} // namespace apiary::widgets
