#pragma once

#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;

namespace apiary::widgets {

class RunController;

/// The line at the foot of the window: what runs, how far it is, its pace, the time left, memory, pause and stop. Every
/// figure has its reserved width.
class RunBar : public QWidget {
    Q_OBJECT
public:
    explicit RunBar(RunController *controller, QWidget *parent = nullptr);
    QString text() const; ///< what it says, for tests and screen readers

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void refresh();
    void elideName(); ///< the name with … where it is cut
    QLabel *figure(const QString &widest, const QString &tip);

    RunController *m_controller;
    QLabel *m_icon;
    QLabel *m_name;
    QLabel *m_stage;
    QProgressBar *m_progress;
    QLabel *m_pace;
    QLabel *m_left;
    QLabel *m_memory;
    QPushButton *m_pause;
    QPushButton *m_stop;
    QString m_iconName;
    QString m_fullName;
};

} // namespace apiary::widgets
