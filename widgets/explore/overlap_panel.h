#pragma once

#include "widgets/explore/neighbourhood.h"

#include <QWidget>

#include <array>
#include <vector>

class QGridLayout;
class QLabel;

namespace apiary::widgets {

/// How many of an item's first 10 neighbours each encoder shares with the interactions: for the item in view, and on
/// average over the items of each role. A row an encoder, in the order of the columns; scrolls beyond ten.
class OverlapPanel : public QWidget {
    Q_OBJECT
public:
    explicit OverlapPanel(QWidget *parent = nullptr);
    void present(const ExploreColumns &columns, const Neighbourhood *neighbourhood);
    /// As shown: a row an encoder; column 0 this item, then trained on, validation, held out.
    QString text(int row, int column) const;
    int rowCount() const { return static_cast<int>(m_rows.size()); }

private:
    static constexpr int columns = 4;
    struct Row {
        QLabel *name;
        QWidget *swatch;
        std::array<QLabel *, columns> cells;
    };
    QLabel *label(const QString &text, bool muted, Qt::Alignment alignment) const;
    void addRow();
    void removeRow();
    void fill(Row &row, const ExploreColumn &column, const Neighbourhood *neighbourhood);

    QWidget *m_body;
    QGridLayout *m_grid;
    std::vector<Row> m_rows;
    int m_cellWidth = 0;
};

} // namespace apiary::widgets
