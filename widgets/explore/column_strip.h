#pragma once

#include "widgets/explore/neighbour_column.h"

#include <QScrollArea>

#include <vector>

class QHBoxLayout;

namespace apiary::widgets {

class JoinGutter;

/// The columns of Explore side by side, all of one width, joined by lines. Where they do not fit, the interactions at
/// the end stay in view and whole columns scroll beside them. A header dragged to another place asks for that order.
class ColumnStrip : public QScrollArea {
    Q_OBJECT
public:
    explicit ColumnStrip(QWidget *parent = nullptr);

    /// Shows these columns in this order. Columns of the same key stay what they are.
    void arrange(const ExploreColumns &columns);
    int count() const { return static_cast<int>(m_columns.size()); }
    NeighbourColumn *at(int place) const { return m_columns[static_cast<std::size_t>(place)]; }
    NeighbourColumn *find(const std::string &key) const; ///< null where there is none
    JoinGutter *gutter(int place) const { return m_gutters[static_cast<std::size_t>(place)]; }
    void setPointed(std::int32_t item);
    void bringIntoView(const NeighbourColumn *column);
    /// The column that stays in view while the others scroll; null where all scroll, or none has to.
    NeighbourColumn *pinned() const { return m_pinned; }

    /// Where a column dropped at this place would stand, counted without itself.
    int dropPlace(const NeighbourColumn *dragged, const QPoint &globalPlace) const;

protected:
    void resizeEvent(QResizeEvent *event) override;

Q_SIGNALS:
    void columnMade(apiary::widgets::NeighbourColumn *column); ///< connect it
    void orderAsked(const QString &key, int place);

private:
    NeighbourColumn *make(const ExploreColumn &column);
    void fit();         ///< widths, and what is pinned, for the room there is
    void layOut();      ///< columns and gutters into the body, or beside it
    void placePinned(); ///< at the right edge, joined with the column that it stands beside
    /// The bar moves by whole columns.
    void takeStep(int action);
    int snapped(int value) const;
    int gap() const;
    /// Places of a column in coordinates of the body, wherever it stands.
    int leftOf(const NeighbourColumn *column) const;
    void showDrop(const NeighbourColumn *dragged, const QPoint &globalPlace);

    QWidget *m_body;
    QHBoxLayout *m_layout;
    QWidget *m_mark; ///< where a dragged column would go
    std::vector<NeighbourColumn *> m_columns;
    std::vector<JoinGutter *> m_gutters;
    NeighbourColumn *m_pinned = nullptr;
    int m_columnWidth = NeighbourColumn::narrowest; ///< where they scroll
};

} // namespace apiary::widgets
