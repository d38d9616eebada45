#pragma once

#include "widgets/encoders/encoder_list_model.h"

#include <QFrame>
#include <vector>

class QGridLayout;
class QLabel;
class QPushButton;
class QToolButton;

namespace apiary::widgets {

class MessageBar;

/// What is known of one encoder, and what can be done with it.
class EncoderCardView : public QFrame {
    Q_OBJECT
public:
    explicit EncoderCardView(QWidget *parent = nullptr);
    /// Null: a hint in place of the card.
    void present(const ListedEncoder *encoder);
    /// The value beside a label ("Dimension"), as shown.
    QString fact(const QString &label) const;
    QString problem() const; ///< what is broken, empty where nothing is shown

Q_SIGNALS:
    void useRequested();
    void openRequested();
    void removeRequested();

private:
    void setFact(const QString &label, const QString &value, const QString &toolTip = {});

    struct Fact {
        QLabel *label;
        QLabel *value;
    };
    QWidget *m_body;
    QLabel *m_hint;
    QLabel *m_name;
    QLabel *m_where;
    MessageBar *m_problem;
    QGridLayout *m_grid;
    std::vector<Fact> m_facts;
    QPushButton *m_use;
    QToolButton *m_open;
    QToolButton *m_remove;
};

} // namespace apiary::widgets
