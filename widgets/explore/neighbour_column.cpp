#include "widgets/explore/neighbour_column.h"

#include "widgets/theme/theme.h"

#include <QApplication>
#include <QLabel>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QProgressBar>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace apiary::widgets {

ColumnHeader::ColumnHeader(QWidget *parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setCursor(Qt::OpenHandCursor);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void ColumnHeader::setTexts(const QString &name, const QString &note)
{
    m_name = name;
    m_note = note;
    setAccessibleName(name);
    setToolTip((note.isEmpty() ? name : QStringLiteral("%1 · %2").arg(name, note)) + u'\n' +
               tr("Drag to move the column (Ctrl+Shift+Left, Right in the list)"));
    update();
}

QSize ColumnHeader::sizeHint() const
{
    const Theme &theme = Theme::instance();
    return {120, QFontMetrics(theme.strongFont()).height() + QFontMetrics(theme.smallFont()).height()};
}

void ColumnHeader::paintEvent(QPaintEvent *)
{
    const Theme &theme = Theme::instance();
    QPainter painter(this);
    const QFontMetrics strong(theme.strongFont());
    const QFontMetrics small(theme.smallFont());
    painter.setFont(theme.strongFont());
    painter.setPen(theme.text());
    painter.drawText(QRect(0, 0, width(), strong.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     strong.elidedText(m_name, Qt::ElideMiddle, width()));
    painter.setFont(theme.smallFont());
    painter.setPen(theme.mutedText());
    painter.drawText(QRect(0, strong.height(), width(), small.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     small.elidedText(m_note, Qt::ElideMiddle, width()));
}

void ColumnHeader::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return QWidget::mousePressEvent(event);
    m_pressed = event->position().toPoint();
    m_dragging = false;
}

void ColumnHeader::mouseMoveEvent(QMouseEvent *event)
{
    if (!(event->buttons() & Qt::LeftButton))
        return;
    if (!m_dragging && (event->position().toPoint() - m_pressed).manhattanLength() < QApplication::startDragDistance())
        return;
    m_dragging = true;
    setCursor(Qt::ClosedHandCursor);
    Q_EMIT dragged(event->globalPosition().toPoint());
}

void ColumnHeader::mouseReleaseEvent(QMouseEvent *event)
{
    setCursor(Qt::OpenHandCursor);
    if (!m_dragging || event->button() != Qt::LeftButton)
        return QWidget::mouseReleaseEvent(event);
    m_dragging = false;
    Q_EMIT dropped(event->globalPosition().toPoint());
}

NeighbourColumn::NeighbourColumn(const ExploreColumn &column, QWidget *parent)
    : QFrame(parent)
    , m_model(new NeighbourModel(column, this))
    , m_view(new NeighbourView(m_model))
    , m_header(new ColumnHeader)
    , m_stack(new QStackedWidget)
    , m_hint(new QLabel)
    , m_bar(new QProgressBar)
    , m_giveUp(new QPushButton(tr("Cancel")))
    , m_retry(new QPushButton(tr("Try again")))
{
    setFrameShape(QFrame::StyledPanel);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    setMinimumWidth(narrowest);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));

    auto *more = new QToolButton;
    more->setIcon(Theme::instance().icon(QStringLiteral("more")));
    more->setAutoRaise(true);
    more->setToolTip(tr("Move or remove this column"));
    more->setAccessibleName(more->toolTip());
    more->setFixedSize(24, 24);
    connect(more, &QToolButton::clicked, this,
            [this, more] { openMenu(more->mapToGlobal(QPoint(0, more->height()))); });
    m_header->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_header, &QWidget::customContextMenuRequested, this,
            [this](const QPoint &at) { openMenu(m_header->mapToGlobal(at)); });
    connect(m_view, &NeighbourView::moveAsked, this, &NeighbourColumn::moveAsked);

    m_stack->addWidget(m_view);
    m_stack->addWidget(makeWaiting());
    auto *head = new QHBoxLayout;
    head->setContentsMargins(space::group, space::group, space::tight, space::tight);
    head->setSpacing(space::tight);
    head->addWidget(m_header, 1);
    head->addWidget(more, 0, Qt::AlignTop);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(1, 1, 1, 1);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(m_stack, 1);
    setColumn(column, {});
}

QWidget *NeighbourColumn::makeWaiting()
{
    auto *page = new QWidget;
    m_hint->setWordWrap(true);
    m_hint->setAlignment(Qt::AlignCenter);
    m_hint->setForegroundRole(QPalette::WindowText);
    m_hint->setTextInteractionFlags(Qt::TextSelectableByMouse);
    Theme::instance().makeMuted(m_hint);
    m_bar->setTextVisible(false);
    m_bar->setMaximumWidth(240);
    m_bar->setAccessibleName(tr("Loading"));
    connect(m_giveUp, &QPushButton::clicked, this, &NeighbourColumn::removeAsked);
    connect(m_retry, &QPushButton::clicked, this, &NeighbourColumn::retryAsked);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(space::section, space::section, space::section, space::section);
    layout->setSpacing(space::group);
    layout->addStretch(2);
    layout->addWidget(m_hint);
    layout->addWidget(m_bar);
    layout->addWidget(m_giveUp, 0, Qt::AlignHCenter);
    layout->addWidget(m_retry, 0, Qt::AlignHCenter);
    layout->addStretch(3);
    return page;
}

void NeighbourColumn::setColumn(const ExploreColumn &column, const QString &note)
{
    m_model->setColumn(column);
    m_header->setTexts(columnName(column), note);
    setAccessibleName(columnName(column));
    m_view->refresh();
    update();
}

void NeighbourColumn::paintEvent(QPaintEvent *event)
{
    QFrame::paintEvent(event);
    QPainter(this).fillRect(QRect(1, 1, width() - 2, 3), m_view->colour());
}

void NeighbourColumn::showList()
{
    m_stack->setCurrentIndex(0);
}

bool NeighbourColumn::listShown() const
{
    return m_stack->currentIndex() == 0;
}

QString NeighbourColumn::hint() const
{
    return listShown() ? QString() : m_hint->text();
}

void NeighbourColumn::showHint(const QString &text)
{
    m_hint->setText(text);
    m_bar->hide();
    m_giveUp->hide();
    m_retry->hide();
    m_stack->setCurrentIndex(1);
}

void NeighbourColumn::showWork(const QString &text, double share)
{
    const bool wasShown = !listShown() && m_bar->isVisible();
    if (!wasShown)
        showHint(text);
    m_hint->setText(text);
    m_bar->setRange(0, share < 0 ? 0 : 1000);
    m_bar->setValue(static_cast<int>(std::max(0.0, share) * 1000));
    m_bar->show();
    m_giveUp->setText(tr("Cancel"));
    m_giveUp->show();
}

void NeighbourColumn::showFailure(const QString &text)
{
    showHint(text);
    m_giveUp->setText(tr("Remove"));
    m_giveUp->show();
    m_retry->show();
}

void NeighbourColumn::openMenu(const QPoint &globalPlace)
{
    QMenu menu(this);
    menu.addAction(Theme::instance().icon(QStringLiteral("back")), tr("Move left\tCtrl+Shift+Left"), this,
                   [this] { Q_EMIT moveAsked(-1); });
    menu.addAction(Theme::instance().icon(QStringLiteral("forward")), tr("Move right\tCtrl+Shift+Right"), this,
                   [this] { Q_EMIT moveAsked(+1); });
    menu.addSeparator();
    menu.addAction(Theme::instance().icon(QStringLiteral("close")), tr("Remove column"), this,
                   [this] { Q_EMIT removeAsked(); });
    menu.exec(globalPlace);
}

} // namespace apiary::widgets
