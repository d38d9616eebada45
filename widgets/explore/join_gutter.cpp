#include "widgets/explore/join_gutter.h"

#include "widgets/explore/neighbour_view.h"
#include "widgets/theme/theme.h"

#include <QPainter>
#include <QPainterPath>

namespace apiary::widgets {

JoinGutter::JoinGutter(NeighbourView *left, NeighbourView *right, QWidget *parent)
    : QWidget(parent)
    , m_left(left)
    , m_right(right)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
    setAttribute(Qt::WA_TransparentForMouseEvents);
    follow(left);
    follow(right);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void JoinGutter::follow(NeighbourView *view)
{
    connect(view, &NeighbourView::scrolled, this, qOverload<>(&QWidget::update));
    connect(view->neighbours(), &QAbstractItemModel::modelReset, this, qOverload<>(&QWidget::update));
}

void JoinGutter::setLeft(NeighbourView *left)
{
    if (m_left == left)
        return;
    disconnect(m_left, nullptr, this, nullptr);
    disconnect(m_left->neighbours(), nullptr, this, nullptr);
    m_left = left;
    follow(left);
    update();
}

QSize JoinGutter::sizeHint() const
{
    return {m_narrow ? 24 : 36, 40};
}

void JoinGutter::setNarrow(bool narrow)
{
    m_narrow = narrow;
    updateGeometry();
}

void JoinGutter::setPointed(std::int32_t item)
{
    if (m_pointed == item)
        return;
    m_pointed = item;
    update();
}

int JoinGutter::joined() const
{
    const auto *model = m_left->neighbours();
    int count = 0;
    for (int row = 0; row < model->rowCount(); ++row)
        count += m_right->neighbours()->rowOf(model->itemAt(row)) >= 0;
    return count;
}

void JoinGutter::paintJoin(QPainter &painter, std::int32_t item) const
{
    const QRect from = m_left->rowRect(item, this);
    const QRect to = m_right->rowRect(item, this);
    if (from.isEmpty() || to.isEmpty())
        return;
    const QPointF start(0, from.center().y() + 0.5);
    const QPointF end(width(), to.center().y() + 0.5);
    QPainterPath path(start);
    path.cubicTo(QPointF(width() * 0.5, start.y()), QPointF(width() * 0.5, end.y()), end);
    painter.drawPath(path);
}

void JoinGutter::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    // Lines of rows that are scrolled out end at the edge of the lists, not over their headers.
    const int top = mapFromGlobal(m_left->viewport()->mapToGlobal(QPoint(0, 0))).y();
    painter.setClipRect(0, top, width(), m_left->viewport()->height());
    QColor quiet = Theme::instance().mutedText();
    quiet.setAlphaF(0.55F);
    painter.setPen(QPen(quiet, 1));
    const auto *model = m_left->neighbours();
    for (int row = 0; row < model->rowCount(); ++row)
        if (model->itemAt(row) != m_pointed)
            paintJoin(painter, model->itemAt(row));
    if (m_pointed < 0)
        return;
    painter.setPen(QPen(Theme::instance().text(), 2));
    paintJoin(painter, m_pointed);
}

} // namespace apiary::widgets
