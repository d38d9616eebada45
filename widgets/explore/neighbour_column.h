#pragma once

#include "widgets/explore/neighbour_view.h"

#include <QFrame>

class QLabel;
class QProgressBar;
class QPushButton;
class QStackedWidget;

namespace apiary::widgets {

/// The name over a column, and a line below that says more of it. Dragging it moves the column.
class ColumnHeader : public QWidget {
    Q_OBJECT
public:
    explicit ColumnHeader(QWidget *parent = nullptr);
    void setTexts(const QString &name, const QString &note);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {60, sizeHint().height()}; }

Q_SIGNALS:
    void dragged(const QPoint &globalPlace);
    void dropped(const QPoint &globalPlace);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;

private:
    QString m_name;
    QString m_note;
    QPoint m_pressed;
    bool m_dragging = false;
};

/// A column of Explore: its header, its list, and in place of the list what is known while there is none.
class NeighbourColumn : public QFrame {
    Q_OBJECT
public:
    static constexpr int narrowest = 252; ///< px: some twenty letters of a title

    explicit NeighbourColumn(const ExploreColumn &column, QWidget *parent = nullptr);

    const ExploreColumn &column() const { return m_model->column(); }
    void setColumn(const ExploreColumn &column, const QString &note);
    NeighbourModel *model() const { return m_model; }
    NeighbourView *view() const { return m_view; }
    ColumnHeader *header() const { return m_header; }

    void showList();
    void showHint(const QString &text);
    /// Work in progress with a way to give it up; `share` of it in 0 … 1, negative while unknown.
    void showWork(const QString &text, double share);
    void showFailure(const QString &text);
    bool listShown() const;
    QString hint() const; ///< what stands in place of the list; empty where it is shown

Q_SIGNALS:
    void removeAsked();
    void retryAsked();
    void moveAsked(int by);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void openMenu(const QPoint &globalPlace);
    QWidget *makeWaiting();

    NeighbourModel *m_model;
    NeighbourView *m_view;
    ColumnHeader *m_header;
    QStackedWidget *m_stack;
    QLabel *m_hint;
    QProgressBar *m_bar;
    QPushButton *m_giveUp;
    QPushButton *m_retry;
};

} // namespace apiary::widgets
