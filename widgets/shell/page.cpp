#include "widgets/shell/page.h"

#include "widgets/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStackedLayout>
#include <QStackedWidget>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace apiary::widgets {

namespace {

constexpr int textWidth = 420;

/// As high as its text needs at its width; a label without one knows no height.
void fitText(QLabel *label)
{
    label->setMinimumHeight(std::max(0, label->heightForWidth(textWidth)));
}

} // namespace

EmptyState::EmptyState(const QString &iconName, const QString &title, const QString &text, const QString &action,
                       QWidget *parent)
    : QWidget(parent)
    , m_title(new QLabel(title))
    , m_text(new QLabel(text))
    , m_action(new QPushButton(action))
{
    const Theme &theme = Theme::instance();
    auto *picture = new QLabel;
    const auto draw = [picture, iconName, &theme] {
        picture->setPixmap(theme.icon(iconName, theme.mutedText()).pixmap(QSize(36, 36), picture->devicePixelRatioF()));
    };
    draw();
    connect(&theme, &Theme::changed, picture, draw);
    m_title->setFont(theme.titleFont());
    m_title->setAlignment(Qt::AlignCenter);
    m_title->setWordWrap(true);
    theme.makeMuted(m_text);
    m_text->setAlignment(Qt::AlignCenter);
    m_text->setWordWrap(true);
    m_text->setFixedWidth(textWidth);
    fitText(m_text);
    theme.makePrimary(m_action);
    m_action->setMinimumSize(140, 32);
    m_action->setVisible(!action.isEmpty());
    connect(m_action, &QPushButton::clicked, this, &EmptyState::actionTriggered);

    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(space::group);
    layout->addStretch(2);
    layout->addWidget(picture, 0, Qt::AlignHCenter);
    layout->addWidget(m_title);
    layout->addWidget(m_text, 0, Qt::AlignHCenter);
    layout->addSpacing(space::group);
    layout->addWidget(m_action, 0, Qt::AlignHCenter);
    layout->addStretch(3);
}

void EmptyState::setTitle(const QString &title)
{
    m_title->setText(title);
}

void EmptyState::setText(const QString &text)
{
    m_text->setText(text);
    fitText(m_text);
}

void EmptyState::setActionEnabled(bool enabled)
{
    m_action->setEnabled(enabled);
}

void EmptyState::setAction(const QString &text)
{
    m_action->setText(text);
    m_action->setVisible(!text.isEmpty());
}

MessageBar::MessageBar(QWidget *parent)
    : QFrame(parent)
    , m_icon(new QLabel)
    , m_text(new QLabel)
    , m_action(new QPushButton)
    , m_close(new QToolButton)
    , m_timer(new QTimer(this))
{
    setAutoFillBackground(true);
    setFrameShape(QFrame::StyledPanel);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_action->setAutoDefault(true); // Return presses it
    m_close->setAutoRaise(true);
    m_close->setIcon(Theme::instance().icon(QStringLiteral("close")));
    m_close->setToolTip(tr("Close this message"));
    m_close->setAccessibleName(m_close->toolTip());
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(space::group, space::tight, space::tight, space::tight);
    layout->setSpacing(space::group);
    layout->addWidget(m_icon, 0);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_action, 0);
    layout->addWidget(m_close, 0);
    m_timer->setSingleShot(true);
    connect(m_timer, &QTimer::timeout, this, &MessageBar::dismiss);
    connect(m_close, &QToolButton::clicked, this, &MessageBar::dismiss);
    connect(m_action, &QPushButton::clicked, this, [this] {
        m_shown = false; // an action taken is not a dismissal
        hide();
        Q_EMIT actionTriggered();
    });
    connect(&Theme::instance(), &Theme::changed, this, &MessageBar::restyle);
    hide();
}

void MessageBar::show(Tone tone, const QString &text, const QString &action, int hideAfterMs)
{
    if (m_shown)
        Q_EMIT dismissed();
    m_tone = tone;
    m_shown = true;
    m_text->setText(text);
    m_action->setText(action);
    m_action->setVisible(!action.isEmpty());
    setAccessibleName(text);
    m_timer->stop();
    if (hideAfterMs > 0)
        m_timer->start(hideAfterMs);
    restyle();
    setVisible(true);
}

void MessageBar::dismiss()
{
    m_timer->stop();
    hide();
    if (!m_shown)
        return;
    m_shown = false;
    Q_EMIT dismissed();
}

QString MessageBar::text() const
{
    return m_text->text();
}

void MessageBar::restyle()
{
    const Theme &theme = Theme::instance();
    const QColor tone = m_tone == Tone::Error     ? theme.error()
                        : m_tone == Tone::Warning ? theme.warning()
                                                  : theme.interactions();
    QPalette p;
    p.setColor(QPalette::Window, theme.messageGround(tone));
    setPalette(p);
    const QString name = m_tone == Tone::Info ? QStringLiteral("info") : QStringLiteral("alert");
    m_icon->setPixmap(theme.icon(name, tone).pixmap(QSize(18, 18), devicePixelRatioF()));
}

Page::Page(const QString &title, const QString &subtitle, QWidget *parent)
    : QWidget(parent)
    , m_title(new QLabel(title))
    , m_subtitle(new QLabel(subtitle))
    , m_actions(new QHBoxLayout)
    , m_messages(new MessageBar)
    , m_stack(new QStackedLayout)
{
    const Theme &theme = Theme::instance();
    setAccessibleName(title);
    m_title->setFont(theme.titleFont());
    m_subtitle->setTextFormat(Qt::PlainText);
    m_subtitle->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    theme.makeMuted(m_subtitle);
    auto *head = new QHBoxLayout;
    head->setSpacing(space::section);
    head->addWidget(m_title, 0, Qt::AlignBaseline);
    head->addWidget(m_subtitle, 1, Qt::AlignBaseline);
    m_actions->setSpacing(space::group);
    head->addLayout(m_actions);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::section, space::group, space::section, space::group);
    layout->setSpacing(space::group);
    layout->addLayout(head);
    layout->addWidget(m_messages);
    layout->addLayout(m_stack, 1);
}

QString Page::title() const
{
    return m_title->text();
}

void Page::setTitle(const QString &title)
{
    m_title->setText(title);
    setAccessibleName(title);
}

void Page::setSubtitle(const QString &subtitle)
{
    m_subtitle->setText(subtitle);
    m_subtitle->setToolTip(subtitle);
}

void Page::addActionWidget(QWidget *widget)
{
    m_actions->addWidget(widget);
}

void Page::setContent(QWidget *content)
{
    m_content = content;
    m_stack->addWidget(content);
}

void Page::setEmptyState(EmptyState *empty, QStackedWidget *within)
{
    m_empty = empty;
    m_within = within;
    if (within)
        within->addWidget(empty);
    else
        m_stack->addWidget(empty);
}

void Page::showEmpty(bool empty)
{
    if (m_within) {
        m_within->setCurrentWidget(empty ? static_cast<QWidget *>(m_empty) : m_within->widget(0));
        return;
    }
    QWidget *wanted = empty ? static_cast<QWidget *>(m_empty) : m_content;
    if (wanted)
        m_stack->setCurrentWidget(wanted);
}

bool Page::isEmpty() const
{
    return m_empty && (m_within ? m_within->currentWidget() : m_stack->currentWidget()) == m_empty;
}

} // namespace apiary::widgets
