#pragma once

#include "data/import.h"

#include <QWidget>
#include <memory>
#include <string>
#include <vector>

class QCheckBox;
class QLabel;
class QLineEdit;
class QMenu;
class QPlainTextEdit;
class QPushButton;
class QSpinBox;
class QTableView;

namespace apiary::widgets {

class Debounce;
class MessageBar;
class RowsModel;
class TaskRunner;

/// How an item's text is made: a template over columns, cleaning, and what comes out of it for real rows. Texts that
/// come out empty, and refusals of a language model, are listed for review.
class TextStep : public QWidget {
    Q_OBJECT
public:
    explicit TextStep(QWidget *parent = nullptr);

    /// Where the items come from; reads their beginning in a task. `suggested` is the template that is shown until one is
    /// written by hand; the title is that of source.title until another is.
    void setSource(const data::ItemsSource &source, const QString &suggested);
    /// Takes over what a recipe or another import says.
    void setChoices(const data::ItemsSource &source);
    /// Writes title, text template, cleaning and which columns stay.
    void apply(data::ItemsSource &source) const;
    std::string textTemplate() const;
    data::Cleaning cleaning() const;
    /// Why no text can be made; empty where one can.
    QString problem() const;

    QLineEdit *templateEdit() const { return m_template; }
    QLineEdit *titleEdit() const { return m_title; }
    QCheckBox *allColumns() const { return m_allColumns; }
    QPlainTextEdit *preview() const { return m_text; }
    QSpinBox *rowChoice() const { return m_row; }
    RowsModel *review() const { return m_reviewModel; }
    QTableView *reviewView() const { return m_reviewView; }
    QCheckBox *cleaningBox(int rule) const { return m_rules[rule]; } ///< tags, entities, quotes, refusals
    MessageBar *messages() const { return m_messages; }

Q_SIGNALS:
    void changed();

private:
    struct Review {
        data::ReviewText::Kind kind;
        std::size_t row;
        QString text; ///< without cleaning
    };
    struct Reviewed {
        std::string problem;
        std::vector<Review> texts;
        int looked = 0;
    };
    QWidget *makeTemplate();
    QWidget *makeBelow();
    void arrived(std::shared_ptr<const data::ItemsPreview> rows);
    void edited();
    void showRow();
    void lookThrough();
    void showReview(const Reviewed &reviewed);
    QString cell(std::size_t row, const std::string &column) const;
    QString titleOf(std::size_t row) const; ///< empty where it has none
    void checkTemplates();
    static Reviewed reviewed(const data::ItemsPreview &rows, const std::string &pattern, const data::Cleaning &cleaning,
                             const std::stop_token &stop);

    TaskRunner *m_reading;
    TaskRunner *m_looking;
    Debounce *m_typed;
    data::ItemsSource m_source;
    std::shared_ptr<const data::ItemsPreview> m_rows;
    QString m_suggested;
    QString m_suggestedTitle;
    QString m_failure;
    QString m_problem;
    MessageBar *m_messages;
    QLineEdit *m_title = nullptr;
    QLineEdit *m_template = nullptr;
    QLineEdit *m_into = nullptr; ///< where a column is inserted
    QPushButton *m_insert = nullptr;
    QMenu *m_columns = nullptr;
    QCheckBox *m_rules[4] = {};
    QCheckBox *m_allColumns = nullptr;
    QSpinBox *m_row = nullptr;
    QLabel *m_item = nullptr;
    QPlainTextEdit *m_text = nullptr;
    QLabel *m_reviewHead = nullptr;
    RowsModel *m_reviewModel;
    QTableView *m_reviewView = nullptr;
    std::vector<Review> m_review;
};

} // namespace apiary::widgets
