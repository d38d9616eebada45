#pragma once

#include "widgets/explore/neighbour_model.h"

#include <QTableView>

namespace apiary::widgets {

/// A list of neighbours: arrows move in it, Left and Right leave it, Enter or a click goes to an item. The item under
/// the mouse or the keyboard is pointed at; the pointed item of all lists is highlighted.
class NeighbourView : public QTableView {
    Q_OBJECT
public:
    explicit NeighbourView(NeighbourModel *model, QWidget *parent = nullptr);

    NeighbourModel *neighbours() const { return m_model; }
    /// The item to highlight, wherever it was pointed at; -1 for none.
    void setPointed(std::int32_t item);
    std::int32_t pointed() const { return m_pointed; }
    /// Colour of the list, for highlights.
    QColor colour() const;
    /// The model shows something else: columns are chosen and named anew.
    void refresh();
    /// The row's rectangle in coordinates of `widget`; empty where the list does not hold the item.
    QRect rowRect(std::int32_t item, const QWidget *widget) const;
    /// Takes the focus, the cursor on the row nearest to `row`.
    void enter(int row);

Q_SIGNALS:
    void chosen(int item);    ///< go there
    void pointedAt(int item); ///< -1: at nothing any more
    void left(int columns);   ///< -1 or +1: the neighbouring column is asked for
    void moveAsked(int by);   ///< -1 or +1: the column wants to stand further left or right
    void entered();           ///< has the focus
    void scrolled();

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void currentChanged(const QModelIndex &current, const QModelIndex &previous) override;
    void scrollContentsBy(int dx, int dy) override;
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void measure();
    void fitRows(); ///< a little lower where that makes all of them visible
    void chooseColumns();

    NeighbourModel *m_model;
    std::int32_t m_pointed = -1;
};

} // namespace apiary::widgets
