#pragma once

#include "widgets/explore/neighbourhood.h"

#include <QWidget>

class QLabel;

namespace apiary::widgets {

/// How many of an item's first 10 neighbours an encoder shares with the interactions: for the item in view, and on
/// average over the items of each role.
class OverlapPanel : public QWidget {
    Q_OBJECT
public:
    explicit OverlapPanel(QWidget *parent = nullptr);
    void present(const run::ExploreSession *session, const Neighbourhood *neighbourhood);
    /// As shown: row 0 base, 1 tuned; column 0 this item, then trained on, validation, held out.
    QString text(int row, int column) const;

private:
    static constexpr int rows = 2;
    static constexpr int columns = 4;
    QLabel *m_head[columns];
    QLabel *m_cells[rows][columns];
};

} // namespace apiary::widgets
