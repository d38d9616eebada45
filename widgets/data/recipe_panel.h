#pragma once

#include "data/recipes.h"

#include <QWidget>
#include <stop_token>
#include <vector>

class QLabel;
class QListWidget;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;

namespace apiary::widgets {

class MessageBar;
class TaskRunner;

/// Known public datasets: what each is, its terms, and getting it. What has arrived of a transfer that is cancelled or
/// breaks off is kept, and it goes on from there.
class RecipePanel : public QWidget {
    Q_OBJECT
public:
    explicit RecipePanel(QWidget *parent = nullptr);

    /// Another list than the built-in one; for mirrors and tests.
    void setRecipes(std::vector<data::Recipe> recipes);
    QListWidget *list() const { return m_list; }
    QPushButton *getButton() const { return m_get; }
    QPushButton *cancelButton() const { return m_cancel; }
    MessageBar *messages() const { return m_messages; }
    QString licence() const;
    QString amount() const; ///< of the transfer, in words
    bool fetching() const;
    void cancel();

Q_SIGNALS:
    void fetchingChanged();
    void fetched(const apiary::data::ImportSpec &spec); ///< with paths of the files here

private:
    QWidget *makeStrip();
    void present();
    void fetch();
    void busyChanged(bool busy);
    const data::Recipe *selected() const;

    TaskRunner *m_task;
    std::stop_source m_stop{std::nostopstate};
    bool m_cancelled = false;
    std::vector<data::Recipe> m_recipes;
    QListWidget *m_list;
    QLabel *m_title;
    QLabel *m_about;
    QPlainTextEdit *m_licence;
    QPushButton *m_get;
    QLabel *m_note;
    QWidget *m_strip = nullptr;
    QLabel *m_amount = nullptr;
    QProgressBar *m_bar = nullptr;
    QPushButton *m_cancel = nullptr;
    MessageBar *m_messages;
};

} // namespace apiary::widgets
