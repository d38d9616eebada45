#pragma once

#include <QFrame>
#include <QWidget>

class QHBoxLayout;
class QLabel;
class QPushButton;
class QStackedLayout;
class QStackedWidget;
class QTimer;
class QToolButton;

namespace apiary::widgets {

/// What a page shows while it has nothing: what belongs here, and the one next action.
class EmptyState : public QWidget {
    Q_OBJECT
public:
    /// Without an action's text there is no button.
    explicit EmptyState(const QString &iconName, const QString &title, const QString &text, const QString &action = {},
                        QWidget *parent = nullptr);
    void setTitle(const QString &title);
    void setText(const QString &text);
    void setAction(const QString &text); ///< empty hides the button
    void setActionEnabled(bool enabled);
    QPushButton *actionButton() const { return m_action; }

Q_SIGNALS:
    void actionTriggered();

private:
    QLabel *m_title;
    QLabel *m_text;
    QPushButton *m_action;
};

/// A message in its place: a failure beside its cause, or an offer to undo. It takes no focus and blocks nothing.
class MessageBar : public QFrame {
    Q_OBJECT
public:
    enum class Tone { Info, Warning, Error };

    explicit MessageBar(QWidget *parent = nullptr);
    /// Shows the text; `action` names an optional button, which emits actionTriggered() and hides the bar.
    /// `hideAfterMs` > 0 hides it by itself.
    void show(Tone tone, const QString &text, const QString &action = {}, int hideAfterMs = 0);
    void dismiss(); ///< hides it and emits dismissed() if it was shown
    QString text() const;

Q_SIGNALS:
    void actionTriggered();
    void dismissed();

private:
    void restyle();

    QLabel *m_icon;
    QLabel *m_text;
    QPushButton *m_action;
    QToolButton *m_close;
    QTimer *m_timer;
    Tone m_tone = Tone::Info;
    bool m_shown = false;
};

/// A page of the window: title, one line on what it is about, actions at the right, a message bar, and the content or an
/// empty state in its place.
class Page : public QWidget {
    Q_OBJECT
public:
    Page(const QString &title, const QString &subtitle, QWidget *parent = nullptr);

    QString title() const;
    void setTitle(const QString &title);
    void setSubtitle(const QString &subtitle);
    /// Adds to the actions at the right of the title, left to right. Takes ownership.
    void addActionWidget(QWidget *widget);
    /// Takes ownership.
    void setContent(QWidget *content);
    /// Takes ownership; showEmpty(true) shows it instead of the content, or of the first widget of `within`, a part of the
    /// content.
    void setEmptyState(EmptyState *empty, QStackedWidget *within = nullptr);
    EmptyState *emptyState() const { return m_empty; }
    void showEmpty(bool empty);
    bool isEmpty() const;
    MessageBar *messages() const { return m_messages; }
    /// Where Ctrl+F (or the page's number) puts the focus; the content's first widget if not overridden.
    virtual QWidget *firstFocus() const { return nullptr; }
    /// Ctrl+T: show or hide the table behind the page's plots. Nothing by default.
    virtual void toggleTable() {}

private:
    QLabel *m_title;
    QLabel *m_subtitle;
    QHBoxLayout *m_actions;
    MessageBar *m_messages;
    QStackedLayout *m_stack;
    EmptyState *m_empty = nullptr;
    QStackedWidget *m_within = nullptr; ///< where the empty state stands; null: in place of the content
    QWidget *m_content = nullptr;
};

} // namespace apiary::widgets
