#pragma once

#include "data/import_spec.h"

#include <QStringList>
#include <QWidget>
#include <vector>

class QLabel;
class QPushButton;
class QStackedWidget;
class QTabWidget;
class QToolButton;

namespace apiary::widgets {

class ImportStep;
class ProjectSession;
class RulesStep;
class SourceStep;
class TablePreview;
class TextStep;

/// From files to a dataset of the project in five steps, in the page and not in a dialogue. What was entered stays until
/// an import has come to its end.
class ImportWizard : public QWidget {
    Q_OBJECT
public:
    enum Step { Source, Columns, Text, Rules, Import, StepCount };

    explicit ImportWizard(ProjectSession *session, QWidget *parent = nullptr);

    /// Names of the project's datasets.
    void setTaken(const QStringList &names);
    /// Goes to a step, or to the first before it that something stands against.
    void goTo(Step step);
    Step step() const;
    /// What stands against leaving a step; empty where nothing does.
    QString problem(Step step) const;
    data::ImportSpec spec() const;
    /// Puts an import's choices into all steps.
    void setSpec(const data::ImportSpec &spec);
    bool running() const;
    void next();
    void back();

    SourceStep *source() const { return m_source; }
    TablePreview *interactions() const { return m_interactions; }
    TablePreview *items() const { return m_items; }
    TablePreview *descriptions() const { return m_descriptions; }
    QTabWidget *tables() const { return m_tables; }
    TextStep *text() const { return m_text; }
    RulesStep *rules() const { return m_rules; }
    ImportStep *import() const { return m_import; }
    QPushButton *nextButton() const { return m_next; }
    QPushButton *backButton() const { return m_back; }
    QString hint() const;
    QWidget *firstField() const;

Q_SIGNALS:
    void closed();
    void imported(const std::string &hash);      ///< it is in the project
    void showRequested(const std::string &hash); ///< the user wants to see it
    void stateChanged();

private:
    QWidget *makeHead();
    QWidget *makeColumns();
    QWidget *makeFoot();
    void connectFiles();
    void fillFrom(Step left);
    void start();
    void update();
    bool anyBusy() const; ///< a table is being read
    QString suggestedTemplate() const;
    data::ItemsSource itemsSource() const;

    ProjectSession *m_session;
    bool m_filling = false; ///< a recipe's choices are on their way
    std::string m_recipe;   ///< the known dataset that the files are, or empty
    std::vector<QToolButton *> m_heads;
    QStackedWidget *m_stack;
    SourceStep *m_source;
    TablePreview *m_interactions;
    TablePreview *m_items;
    TablePreview *m_descriptions;
    QTabWidget *m_tables = nullptr;
    TextStep *m_text;
    RulesStep *m_rules;
    ImportStep *m_import;
    QLabel *m_hint = nullptr;
    QPushButton *m_back = nullptr;
    QPushButton *m_next = nullptr;
};

} // namespace apiary::widgets
