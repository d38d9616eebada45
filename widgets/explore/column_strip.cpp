#include "widgets/explore/column_strip.h"

#include "widgets/explore/join_gutter.h"
#include "widgets/theme/theme.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>

namespace apiary::widgets {

namespace {

/// The line that shows where a dragged column would stand.
class DropMark : public QWidget {
public:
    explicit DropMark(QWidget *parent) : QWidget(parent)
    {
        setAttribute(Qt::WA_TransparentForMouseEvents);
        hide();
    }

protected:
    void paintEvent(QPaintEvent *) override { QPainter(this).fillRect(rect(), Theme::instance().text()); }
};

} // namespace

ColumnStrip::ColumnStrip(QWidget *parent)
    : QScrollArea(parent)
    , m_body(new QWidget)
    , m_layout(new QHBoxLayout(m_body))
    , m_mark(new DropMark(m_body))
{
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
    m_layout->setContentsMargins(space::group, 0, 0, 0);
    m_layout->setSpacing(0);
    viewport()->setAutoFillBackground(false);
    m_body->setAutoFillBackground(false);
    setWidget(m_body);
}

NeighbourColumn *ColumnStrip::find(const std::string &key) const
{
    const auto found =
        std::find_if(m_columns.begin(), m_columns.end(), [&](const auto *one) { return one->column().key == key; });
    return found == m_columns.end() ? nullptr : *found;
}

NeighbourColumn *ColumnStrip::make(const ExploreColumn &column)
{
    auto *made = new NeighbourColumn(column, m_body);
    connect(made->view(), &NeighbourView::entered, this, [this, made] { bringIntoView(made); });
    connect(made->header(), &ColumnHeader::dragged, this, [this, made](const QPoint &at) { showDrop(made, at); });
    connect(made->header(), &ColumnHeader::dropped, this, [this, made](const QPoint &at) {
        m_mark->hide();
        Q_EMIT orderAsked(QString::fromStdString(made->column().key), dropPlace(made, at));
    });
    Q_EMIT columnMade(made);
    return made;
}

void ColumnStrip::arrange(const ExploreColumns &columns)
{
    std::vector<NeighbourColumn *> wanted;
    for (const auto &column : columns) {
        auto *known = find(column.key);
        wanted.push_back(known ? known : make(column));
    }
    if (wanted == m_columns)
        return;
    QWidget *focus = m_body->focusWidget();
    const bool focused = focus && focus->hasFocus();
    for (auto *gutter : m_gutters)
        delete gutter;
    m_gutters.clear();
    while (auto *item = m_layout->takeAt(0))
        delete item;
    for (auto *column : m_columns)
        if (std::find(wanted.begin(), wanted.end(), column) == wanted.end()) {
            if (focus && column->isAncestorOf(focus))
                focus = nullptr;
            column->hide();
            column->deleteLater();
        }
    m_columns = std::move(wanted);
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        if (i > 0) {
            m_gutters.push_back(new JoinGutter(m_columns[i - 1]->view(), m_columns[i]->view(), m_body));
            m_gutters.back()->setNarrow(m_columns.size() > 3);
            m_layout->addWidget(m_gutters.back());
            m_gutters.back()->show();
            QWidget::setTabOrder(m_columns[i - 1]->view(), m_columns[i]->view());
        }
        m_layout->addWidget(m_columns[i], 1);
        m_columns[i]->show();
    }
    if (focused && focus)
        focus->setFocus(Qt::OtherFocusReason);
}

void ColumnStrip::setPointed(std::int32_t item)
{
    for (auto *column : m_columns)
        column->view()->setPointed(item);
    for (auto *gutter : m_gutters)
        gutter->setPointed(item);
}

void ColumnStrip::bringIntoView(const NeighbourColumn *column)
{
    const int left = column->x();
    const int right = left + column->width();
    auto *bar = horizontalScrollBar();
    if (left < bar->value())
        bar->setValue(left - space::group);
    else if (right > bar->value() + viewport()->width())
        bar->setValue(right - viewport()->width());
}

int ColumnStrip::dropPlace(const NeighbourColumn *dragged, const QPoint &globalPlace) const
{
    const int x = m_body->mapFromGlobal(globalPlace).x();
    int place = 0;
    for (const auto *column : m_columns)
        if (column != dragged && x > column->geometry().center().x())
            ++place;
    return place;
}

void ColumnStrip::showDrop(const NeighbourColumn *dragged, const QPoint &globalPlace)
{
    constexpr int edge = 32;
    const int x = viewport()->mapFromGlobal(globalPlace).x();
    auto *bar = horizontalScrollBar();
    if (x < edge)
        bar->setValue(bar->value() - edge / 2);
    else if (x > viewport()->width() - edge)
        bar->setValue(bar->value() + edge / 2);
    std::vector<const NeighbourColumn *> others;
    for (const auto *column : m_columns)
        if (column != dragged)
            others.push_back(column);
    const auto place = static_cast<std::size_t>(dropPlace(dragged, globalPlace));
    if (others.empty())
        return;
    const int line =
        place < others.size() ? others[place]->geometry().left() - 6 : others.back()->geometry().right() + 4;
    m_mark->setGeometry(std::clamp(line, 0, m_body->width() - 2), 0, 2, m_body->height());
    m_mark->raise();
    m_mark->show();
}

} // namespace apiary::widgets
