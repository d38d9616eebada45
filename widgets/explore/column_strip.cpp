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
    , m_mark(new DropMark(this))
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
    connect(horizontalScrollBar(), &QScrollBar::valueChanged, this, &ColumnStrip::placePinned);
    connect(horizontalScrollBar(), &QScrollBar::rangeChanged, this, &ColumnStrip::placePinned);
    connect(horizontalScrollBar(), &QScrollBar::actionTriggered, this, &ColumnStrip::takeStep);
    connect(horizontalScrollBar(), &QScrollBar::sliderReleased, this,
            [this] { horizontalScrollBar()->setValue(snapped(horizontalScrollBar()->value())); });
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
    QWidget *focus = window()->focusWidget();
    const bool focused = focus && focus->hasFocus() && isAncestorOf(focus);
    for (auto *gutter : m_gutters)
        delete gutter;
    m_gutters.clear();
    for (auto *column : m_columns)
        if (std::find(wanted.begin(), wanted.end(), column) == wanted.end()) {
            if (focus && column->isAncestorOf(focus))
                focus = nullptr;
            column->hide();
            column->deleteLater();
        }
    m_columns = std::move(wanted);
    for (std::size_t i = 1; i < m_columns.size(); ++i) {
        m_gutters.push_back(new JoinGutter(m_columns[i - 1]->view(), m_columns[i]->view(), m_body));
        m_gutters.back()->setNarrow(m_columns.size() > 3);
        QWidget::setTabOrder(m_columns[i - 1]->view(), m_columns[i]->view());
    }
    m_pinned = nullptr;
    layOut();
    fit();
    if (focused && focus)
        focus->setFocus(Qt::OtherFocusReason);
}

int ColumnStrip::gap() const
{
    return m_gutters.empty() ? 0 : m_gutters.front()->sizeHint().width();
}

void ColumnStrip::layOut()
{
    while (auto *item = m_layout->takeAt(0))
        delete item;
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        const bool beside = m_columns[i] == m_pinned;
        QWidget *gutter = i > 0 ? m_gutters[i - 1] : nullptr;
        for (QWidget *part : {gutter, static_cast<QWidget *>(m_columns[i])}) {
            if (!part)
                continue;
            QWidget *parent = beside ? static_cast<QWidget *>(this) : m_body;
            if (part->parentWidget() != parent)
                part->setParent(parent);
            if (!beside)
                m_layout->addWidget(part, part == gutter ? 0 : 1);
            part->show();
        }
        if (i > 0)
            m_gutters[i - 1]->setLeft(m_columns[i - 1]->view());
    }
}

void ColumnStrip::fit()
{
    const int all = static_cast<int>(m_columns.size());
    const int room = width() - m_layout->contentsMargins().left();
    const int step = NeighbourColumn::narrowest + gap();
    const bool fits = all * step - gap() <= room;
    const int seen = std::clamp((room + gap()) / step, 1, std::max(1, all)); // whole columns
    const bool pins = !fits && seen >= 2 && m_columns.back()->column().kind == ColumnKind::Interactions;
    m_columnWidth =
        fits ? NeighbourColumn::narrowest : std::max(NeighbourColumn::narrowest, (room - (seen - 1) * gap()) / seen);
    for (auto *column : m_columns)
        column->setMinimumWidth(m_columnWidth);
    if (auto *wanted = pins ? m_columns.back() : nullptr; wanted != m_pinned) {
        QWidget *focus = window()->focusWidget(); // a new parent takes it away
        const bool focused = focus && focus->hasFocus() && isAncestorOf(focus);
        m_pinned = wanted;
        layOut();
        if (focused)
            focus->setFocus(Qt::OtherFocusReason);
    }
    setViewportMargins(0, 0, m_pinned ? m_columnWidth + gap() : 0, 0);
    horizontalScrollBar()->setSingleStep(std::max(1, (m_columnWidth + gap()) / 3)); // a notch of the wheel: a column
    placePinned();
}

void ColumnStrip::placePinned()
{
    if (!m_pinned)
        return;
    auto *gutter = m_gutters.back();
    const int height = viewport()->height();
    m_layout->activate(); // columns that have just changed places stand there now
    m_pinned->setGeometry(width() - m_columnWidth, 0, m_columnWidth, height);
    gutter->setGeometry(width() - m_columnWidth - gap(), 0, gap(), height);
    const int edge = horizontalScrollBar()->value() + viewport()->width();
    NeighbourColumn *beside = m_columns.front();
    for (auto *column : m_columns)
        if (column != m_pinned && column->x() + column->width() / 2 < edge)
            beside = column;
    gutter->setLeft(beside->view());
}

int ColumnStrip::snapped(int value) const
{
    const int step = m_columnWidth + gap();
    return (std::max(0, value) + step / 2) / step * step;
}

void ColumnStrip::takeStep(int action)
{
    auto *bar = horizontalScrollBar();
    const int step = m_columnWidth + gap();
    if (action == QAbstractSlider::SliderSingleStepAdd)
        bar->setSliderPosition(snapped(bar->value() + step));
    else if (action == QAbstractSlider::SliderSingleStepSub)
        bar->setSliderPosition(snapped(bar->value() - step));
    else if (action == QAbstractSlider::SliderPageStepAdd || action == QAbstractSlider::SliderPageStepSub)
        bar->setSliderPosition(snapped(bar->sliderPosition()));
}

void ColumnStrip::resizeEvent(QResizeEvent *event)
{
    QScrollArea::resizeEvent(event);
    fit();
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
    if (column == m_pinned)
        return;
    const int left = column->x();
    const int right = left + column->width();
    auto *bar = horizontalScrollBar();
    if (left < bar->value())
        bar->setValue(left - space::group);
    else if (right > bar->value() + viewport()->width())
        bar->setValue(right - viewport()->width());
}

int ColumnStrip::leftOf(const NeighbourColumn *column) const
{
    return m_body->mapFromGlobal(column->mapToGlobal(QPoint(0, 0))).x();
}

int ColumnStrip::dropPlace(const NeighbourColumn *dragged, const QPoint &globalPlace) const
{
    const int x = m_body->mapFromGlobal(globalPlace).x();
    // Over the pinned one, columns that are scrolled out of sight lie below: they count as left of it.
    const bool overPinned = m_pinned && x >= leftOf(m_pinned) - gap();
    int place = 0;
    for (const auto *column : m_columns)
        if (column != dragged)
            place += (overPinned && column != m_pinned) || x > leftOf(column) + column->width() / 2;
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
        place < others.size() ? leftOf(others[place]) - 6 : leftOf(others.back()) + others.back()->width() + 3;
    const int at = mapFromGlobal(m_body->mapToGlobal(QPoint(line, 0))).x();
    m_mark->setGeometry(std::clamp(at, 0, width() - 2), 0, 2, viewport()->height());
    m_mark->raise();
    m_mark->show();
}

} // namespace apiary::widgets
