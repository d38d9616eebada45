#include "widgets/shell/nav_rail.h"

#include "widgets/theme/theme.h"

#include <QPainter>
#include <QStyle>
#include <QStyleOptionFocusRect>
#include <QVBoxLayout>

namespace apiary::widgets {

namespace {

constexpr int buttonWidth = 72;
constexpr int buttonHeight = 56;
constexpr int iconSide = 22;

} // namespace

NavButton::NavButton(const QString &iconName, const QString &text, QWidget *parent)
    : QAbstractButton(parent)
    , m_iconName(iconName)
{
    setText(text);
    setCheckable(true);
    setAutoExclusive(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(text);
}

QSize NavButton::sizeHint() const
{
    return {buttonWidth, buttonHeight};
}

void NavButton::setMarked(bool marked)
{
    if (marked == m_marked)
        return;
    m_marked = marked;
    setAccessibleDescription(marked ? tr("a run is going on") : QString());
    update();
}

void NavButton::enterEvent(QEnterEvent *)
{
    update();
}
void NavButton::leaveEvent(QEvent *)
{
    update();
}

void NavButton::paintEvent(QPaintEvent *)
{
    const Theme &theme = Theme::instance();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF area = QRectF(rect()).adjusted(6, 3, -6, -3);
    if (isChecked() || underMouse()) {
        QColor ground = theme.text();
        ground.setAlphaF(isChecked() ? 0.11f : 0.05f);
        painter.setPen(Qt::NoPen);
        painter.setBrush(ground);
        painter.drawRoundedRect(area, 6, 6);
    }
    const QColor ink = isChecked() ? theme.text() : theme.mutedText();
    const QRect icon(static_cast<int>(area.center().x()) - iconSide / 2, static_cast<int>(area.top()) + 6, iconSide,
                     iconSide);
    theme.icon(m_iconName, ink).paint(&painter, icon);
    QFont font = theme.smallFont();
    font.setWeight(isChecked() ? QFont::DemiBold : QFont::Normal);
    painter.setFont(font);
    painter.setPen(ink);
    painter.drawText(area.adjusted(0, iconSide + 8, 0, -3), Qt::AlignHCenter | Qt::AlignVCenter, text());
    if (m_marked) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.accent());
        painter.drawEllipse(QPointF(icon.right() + 6, icon.top() + 3), 3.5, 3.5);
    }
    if (hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme.text(), 1, Qt::DotLine));
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    }
}

NavRail::NavRail(QWidget *parent) : QWidget(parent), m_layout(new QVBoxLayout(this))
{
    m_layout->setContentsMargins(0, space::group, 1, space::group);
    m_layout->setSpacing(2);
    m_layout->addStretch(1);
    setFixedWidth(buttonWidth + 1);
    setAccessibleName(tr("Pages"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

NavButton *NavRail::add(const QString &iconName, const QString &text, const QString &toolTip, bool atEnd)
{
    auto *button = new NavButton(iconName, text);
    button->setToolTip(toolTip);
    const int index = static_cast<int>(m_buttons.size());
    m_buttons.push_back(button);
    if (atEnd)
        m_layout->addWidget(button);
    else
        m_layout->insertWidget(m_atTop++, button);
    connect(button, &QAbstractButton::clicked, this, [this, index] { Q_EMIT chosen(index); });
    return button;
}

void NavRail::setCurrent(int index)
{
    m_current = index;
    m_buttons[static_cast<std::size_t>(index)]->setChecked(true);
}

void NavRail::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setPen(Theme::instance().border());
    painter.drawLine(width() - 1, 0, width() - 1, height());
}

} // namespace apiary::widgets
