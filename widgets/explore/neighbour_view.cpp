#include "widgets/explore/neighbour_view.h"

#include "widgets/explore/role_glyph.h"
#include "widgets/theme/theme.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QStyledItemDelegate>

#include <algorithm>

namespace apiary::widgets {

namespace {

/// Paints a cell: quiet numbers beside a plain title, on a ground that shows what is pointed at.
class NeighbourDelegate : public QStyledItemDelegate {
public:
    explicit NeighbourDelegate(NeighbourView *view) : QStyledItemDelegate(view), m_view(view) {}

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const Theme &theme = Theme::instance();
        painter->save();
        const bool pointed = index.data(NeighbourModel::ItemRole).toInt() == m_view->pointed();
        const bool cursor = m_view->hasFocus() && index.row() == m_view->currentIndex().row();
        if (pointed || cursor) {
            QColor ground = m_view->colour();
            ground.setAlphaF(theme.dark() ? 0.30F : 0.20F);
            painter->fillRect(option.rect, ground);
        }
        if (cursor && index.column() == NeighbourModel::RankColumn)
            painter->fillRect(QRect(option.rect.topLeft(), QSize(3, option.rect.height())), m_view->colour());

        const QRect cell = option.rect.adjusted(space::tight, 0, -space::tight, 0);
        const QString text = index.data().toString();
        switch (index.column()) {
        case NeighbourModel::RoleColumn:
            paintRoleGlyph(*painter, option.rect,
                           static_cast<data::ItemRole>(index.data(NeighbourModel::SplitRole).toInt()),
                           theme.mutedText());
            break;
        case NeighbourModel::TitleColumn:
            painter->setFont(theme.bodyFont());
            painter->setPen(theme.text());
            painter->drawText(cell, Qt::AlignLeft | Qt::AlignVCenter,
                              QFontMetrics(theme.bodyFont()).elidedText(text, Qt::ElideRight, cell.width()));
            break;
        case NeighbourModel::MoveColumn:
            painter->setFont(theme.smallFont());
            painter->setPen(index.data(NeighbourModel::MoveRole).toInt() > 0 ? theme.text() : theme.mutedText());
            painter->drawText(cell, Qt::AlignRight | Qt::AlignVCenter, text);
            break;
        default:
            painter->setFont(theme.numberFont());
            painter->setPen(index.column() == NeighbourModel::RankColumn ? theme.mutedText() : theme.text());
            painter->drawText(cell, Qt::AlignRight | Qt::AlignVCenter, text);
        }
        painter->restore();
    }

private:
    NeighbourView *m_view;
};

} // namespace

NeighbourView::NeighbourView(NeighbourModel *model, QWidget *parent) : QTableView(parent), m_model(model)
{
    setModel(model);
    setItemDelegate(new NeighbourDelegate(this));
    setFrameShape(QFrame::NoFrame);
    setShowGrid(false);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setTabKeyNavigation(false);
    setWordWrap(false);
    setMouseTracking(true);
    verticalHeader()->setMinimumSectionSize(8);
    verticalHeader()->hide();
    horizontalHeader()->hide();
    horizontalHeader()->setMinimumSectionSize(8);
    setAccessibleDescription(tr("Up and Down move in the list, Left and Right between lists, Enter goes to the item. "
                                "Control, Shift and Left or Right move the column."));
    refresh();
    connect(&Theme::instance(), &Theme::changed, this, [this] { measure(); });
    measure();
}

void NeighbourView::measure()
{
    const QFontMetrics body(Theme::instance().numberFont());
    const QFontMetrics small(Theme::instance().smallFont());
    auto *header = horizontalHeader();
    header->setSectionResizeMode(QHeaderView::Fixed);
    header->setSectionResizeMode(NeighbourModel::TitleColumn, QHeaderView::Stretch);
    const int margins = 2 * space::tight;
    header->resizeSection(NeighbourModel::RankColumn, body.horizontalAdvance(QStringLiteral("00")) + margins + 4);
    header->resizeSection(NeighbourModel::RoleColumn, 16);
    header->resizeSection(NeighbourModel::MoveColumn, small.horizontalAdvance(QStringLiteral("▲000")) + margins);
    header->resizeSection(NeighbourModel::SimilarityColumn, body.horizontalAdvance(QStringLiteral("−.00")) + margins);
    chooseColumns();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    fitRows();
    viewport()->update();
}

void NeighbourView::fitRows()
{
    const int line = QFontMetrics(Theme::instance().numberFont()).height();
    const int airy = std::max(24, line + space::group);
    const int dense = std::min(airy, std::max(20, line + 2));
    const int rows = m_model->rowCount();
    const int fitting = rows > 0 ? viewport()->height() / rows : airy;
    const int height = fitting < dense ? airy : std::min(fitting, airy);
    if (height != verticalHeader()->defaultSectionSize())
        verticalHeader()->setDefaultSectionSize(height);
}

void NeighbourView::refresh()
{
    setAccessibleName(tr("Neighbours: %1").arg(columnName(m_model->column())));
    chooseColumns();
    fitRows();
    viewport()->update();
}

void NeighbourView::chooseColumns()
{
    // Moves belong to encoders; among the interactions they give way to the titles where it is narrow.
    constexpr int wide = 300;
    const bool hidden = !m_model->hasMoves() || (m_model->column().kind == ColumnKind::Interactions && width() < wide);
    if (hidden != isColumnHidden(NeighbourModel::MoveColumn))
        setColumnHidden(NeighbourModel::MoveColumn, hidden);
}

void NeighbourView::resizeEvent(QResizeEvent *event)
{
    QTableView::resizeEvent(event);
    chooseColumns();
    fitRows();
}

QColor NeighbourView::colour() const
{
    return columnColour(m_model->column());
}

void NeighbourView::setPointed(std::int32_t item)
{
    if (m_pointed == item)
        return;
    m_pointed = item;
    viewport()->update();
}

QRect NeighbourView::rowRect(std::int32_t item, const QWidget *widget) const
{
    const int row = m_model->rowOf(item);
    if (row < 0)
        return {};
    const QPoint origin = widget->mapFromGlobal(viewport()->mapToGlobal(QPoint(0, rowViewportPosition(row))));
    return {origin, QSize(viewport()->width(), rowHeight(row))};
}

void NeighbourView::enter(int row)
{
    setFocus(Qt::TabFocusReason);
    if (m_model->rowCount() > 0)
        setCurrentIndex(m_model->index(std::clamp(row, 0, m_model->rowCount() - 1), NeighbourModel::TitleColumn));
}

void NeighbourView::keyPressEvent(QKeyEvent *event)
{
    const auto plain = event->modifiers() & ~Qt::KeypadModifier;
    if (plain == (Qt::ControlModifier | Qt::ShiftModifier) &&
        (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right)) {
        Q_EMIT moveAsked(event->key() == Qt::Key_Left ? -1 : +1);
        return;
    }
    if (plain == Qt::NoModifier) {
        switch (event->key()) {
        case Qt::Key_Left:
            Q_EMIT left(-1);
            return;
        case Qt::Key_Right:
            Q_EMIT left(+1);
            return;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (currentIndex().isValid())
                Q_EMIT chosen(m_model->itemAt(currentIndex().row()));
            return;
        default:
            break;
        }
    } else if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right || event->matches(QKeySequence::Copy)) {
        event->ignore(); // history and copying belong to the page
        return;
    }
    QTableView::keyPressEvent(event);
}

void NeighbourView::mouseMoveEvent(QMouseEvent *event)
{
    QTableView::mouseMoveEvent(event);
    const QModelIndex index = indexAt(event->position().toPoint());
    viewport()->setCursor(index.isValid() ? Qt::PointingHandCursor : Qt::ArrowCursor);
    Q_EMIT pointedAt(m_model->itemAt(index.isValid() ? index.row() : -1));
}

void NeighbourView::mouseReleaseEvent(QMouseEvent *event)
{
    QTableView::mouseReleaseEvent(event);
    const QModelIndex index = indexAt(event->position().toPoint());
    if (event->button() == Qt::LeftButton && index.isValid() && index.row() == currentIndex().row())
        Q_EMIT chosen(m_model->itemAt(index.row()));
}

void NeighbourView::leaveEvent(QEvent *event)
{
    QTableView::leaveEvent(event);
    Q_EMIT pointedAt(hasFocus() && currentIndex().isValid() ? m_model->itemAt(currentIndex().row()) : -1);
}

void NeighbourView::focusInEvent(QFocusEvent *event)
{
    QTableView::focusInEvent(event);
    Q_EMIT entered();
    if (!currentIndex().isValid() && m_model->rowCount() > 0 && event->reason() != Qt::MouseFocusReason)
        setCurrentIndex(m_model->index(0, NeighbourModel::TitleColumn));
    if (currentIndex().isValid())
        Q_EMIT pointedAt(m_model->itemAt(currentIndex().row()));
    viewport()->update();
}

void NeighbourView::focusOutEvent(QFocusEvent *event)
{
    QTableView::focusOutEvent(event);
    viewport()->update();
}

void NeighbourView::currentChanged(const QModelIndex &current, const QModelIndex &previous)
{
    QTableView::currentChanged(current, previous);
    if (hasFocus() && current.isValid())
        Q_EMIT pointedAt(m_model->itemAt(current.row()));
    viewport()->update();
}

void NeighbourView::scrollContentsBy(int dx, int dy)
{
    QTableView::scrollContentsBy(dx, dy);
    Q_EMIT scrolled();
}

void NeighbourView::changeEvent(QEvent *event)
{
    QTableView::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        measure();
}

} // namespace apiary::widgets
