#pragma once

#include <QWidget>

#include <cstdint>

class QPainter;

namespace apiary::widgets {

class NeighbourView;

/// Stands between two lists and joins the rows of the same item by a line; the pointed item's line stands out.
class JoinGutter : public QWidget {
    Q_OBJECT
public:
    JoinGutter(NeighbourView *left, NeighbourView *right, QWidget *parent = nullptr);
    void setPointed(std::int32_t item);
    /// Another list stands on the left now.
    void setLeft(NeighbourView *left);
    NeighbourView *left() const { return m_left; }
    /// Items that both lists hold.
    int joined() const;

    void setNarrow(bool narrow); ///< where many columns share the width
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void follow(NeighbourView *view);
    void paintJoin(QPainter &painter, std::int32_t item) const;

    NeighbourView *m_left;
    NeighbourView *m_right;
    std::int32_t m_pointed = -1;
    bool m_narrow = false;
};

} // namespace apiary::widgets
