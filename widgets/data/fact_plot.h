#pragma once

#include "widgets/plot/panel_plot.h"

namespace apiary::widgets {

/// What the plots of the Data page share.
class FactPlot : public PanelPlot {
    Q_OBJECT
public:
    using PanelPlot::PanelPlot;
    virtual QString csv() const = 0;

protected:
    /// A left and a bottom axis, drag and zoom along x.
    QCPAxisRect *addPanel(int column, int row = 0);
    /// A text at a corner of a panel, above what is drawn.
    QCPItemText *addNote(QCPAxisRect *rect, const QString &text, Qt::Alignment corner);
    /// The style of what is written into a plot.
    void styleNote(QCPItemText *note);
};

} // namespace apiary::widgets
