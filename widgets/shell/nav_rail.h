#pragma once

#include <QAbstractButton>
#include <QWidget>
#include <vector>

class QVBoxLayout;

namespace apiary::widgets {

/// One place of the rail: an icon over a word, and a dot while something goes on there.
class NavButton : public QAbstractButton {
    Q_OBJECT
public:
    NavButton(const QString &iconName, const QString &text, QWidget *parent = nullptr);
    void setMarked(bool marked);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void enterEvent(QEnterEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    QString m_iconName;
    bool m_marked = false;
};

/// The rail at the left edge: one button a page.
class NavRail : public QWidget {
    Q_OBJECT
public:
    explicit NavRail(QWidget *parent = nullptr);
    NavButton *add(const QString &iconName, const QString &text, const QString &toolTip, bool atEnd = false);
    void setCurrent(int index);
    int current() const { return m_current; }

Q_SIGNALS:
    void chosen(int index);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QVBoxLayout *m_layout;
    std::vector<NavButton *> m_buttons;
    int m_atTop = 0;
    int m_current = -1;
};

} // namespace apiary::widgets
