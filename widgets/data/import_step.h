#pragma once

#include "data/import.h"
#include "store/project.h"

#include <QWidget>
#include <memory>
#include <stop_token>

class QLabel;
class QProgressBar;
class QPushButton;
class QStackedWidget;
class QTabWidget;
class QTableView;
class QToolButton;

namespace apiary::widgets {

class MessageBar;
class RowsModel;
class TaskRunner;

/// What an import came to, without the data themselves.
struct ImportOutcome {
    store::ImportedDataset stored;
    data::ImportReport report;
    std::vector<data::FilterCount> counts;
    std::vector<std::string> warnings;
    bool cleaned = false; ///< refusals count as no text
};

/// The last step: runs the import with progress, rate and time left, and says what happened to every row.
class ImportStep : public QWidget {
    Q_OBJECT
public:
    explicit ImportStep(QWidget *parent = nullptr);

    void start(const data::ImportSpec &spec, std::shared_ptr<store::Project> project, bool replace);
    void cancel(); ///< nothing half-done stays
    bool running() const;
    bool done() const { return m_outcome != nullptr; }
    const ImportOutcome *outcome() const { return m_outcome.get(); }
    void forget(); ///< the outcome of an earlier import

    MessageBar *messages() const { return m_messages; }
    QString summary() const;
    QPushButton *cancelButton() const { return m_cancel; }
    RowsModel *steps() const { return m_stepModel; }
    RowsModel *badRows() const { return m_badModel; }
    RowsModel *review() const { return m_reviewModel; }
    /// Writes the rows that could not be used as CSV. Throws Error.
    void exportBadRows(const QString &file) const;
    void exportReview(const QString &file) const;

Q_SIGNALS:
    void finished();     ///< outcome() is there
    void stateChanged(); ///< running or not

private:
    QWidget *makeRunning();
    QWidget *makeReport();
    void show(const ImportOutcome &outcome);
    void askAndExport(bool review);

    TaskRunner *m_task;
    std::stop_source m_stop{std::nostopstate};
    bool m_cancelled = false;
    std::shared_ptr<const ImportOutcome> m_outcome;
    MessageBar *m_messages;
    QWidget *m_running = nullptr;
    QLabel *m_stage = nullptr;
    QLabel *m_amount = nullptr;
    QProgressBar *m_bar = nullptr;
    QPushButton *m_cancel = nullptr;
    QWidget *m_report = nullptr;
    QLabel *m_summary = nullptr;
    QTabWidget *m_tabs = nullptr;
    RowsModel *m_stepModel;
    RowsModel *m_badModel;
    RowsModel *m_reviewModel;
    QTableView *m_steps = nullptr;
    QTableView *m_bad = nullptr;
    QTableView *m_review = nullptr;
    QToolButton *m_exportBad = nullptr;
    QToolButton *m_exportReview = nullptr;
};

/// The counts of filter steps as rows of a table: step, users, items, interactions.
void showCounts(RowsModel *model, QTableView *view, const std::vector<data::FilterCount> &counts);

} // namespace apiary::widgets
