#pragma once

#include "run/run_event.h"
#include "run/run_spec.h"
#include "widgets/shell/page.h"
#include "widgets/train/run_curves.h"

#include <map>
#include <memory>
#include <vector>

class QComboBox;
class QPlainTextEdit;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QTabWidget;
class QTableView;
class QToolButton;

namespace apiary::widgets {

class ConfigForm;
class CurvePlot;
class CurveTableModel;
class EstimatePanel;
class ProjectSession;
class RunController;
class RunListModel;
class TaskRunner;

/// Configure a run, start it, watch its curves, and lay past runs over it.
class TrainPage : public Page {
    Q_OBJECT
public:
    TrainPage(ProjectSession *session, RunController *controller, QWidget *parent = nullptr);

    ConfigForm *form() const { return m_form; }
    CurvePlot *curves() const { return m_plot; }
    QTableView *runList() const { return m_runs; }
    MessageBar *formMessages() const { return m_formMessages; }
    bool tableShown() const;

    void setSpec(const run::RunSpec &spec);
    /// Reads a RunSpec; a failure is shown in the form's message bar. False then.
    bool openSpec(const QString &file);
    void start();
    void openSpecDialog();
    void saveSpecDialog();
    void exportDialog(const QString &ending);
    void toggleTable() override;
    QWidget *firstFocus() const override;
    void saveLayout() const;
    void restoreLayout();

Q_SIGNALS:
    void datasetRequested(); ///< the user wants to choose one
    void encoderRequested();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    struct Loaded {
        std::shared_ptr<RunCurves> curves;
        QStringList log;
    };

    QWidget *makeForm();
    QWidget *makeCurves();
    QWidget *makeRuns();
    QWidget *makeToolbar();
    QToolButton *tool(const QString &icon, const QString &text);
    void takeEvents(const std::vector<run::RunEvent> &events);
    void runStarted();
    void runFinished(qint64 run, run::RunStatus status, const QString &message);
    void stateChanged();
    void selectionChanged();
    void showSelection();
    std::vector<qint64> selectedRuns() const;
    void select(qint64 run);
    void deleteSelected();
    void useSettings();
    void runsChanged();
    void projectChanged();
    void updateMetrics();
    void fail(const std::exception &error);
    static QString whatComesHere();
    void sayWhatIsNext();
    void takeNextStep();

    ProjectSession *m_session;
    RunController *m_controller;
    TaskRunner *m_loading;
    ConfigForm *m_form = nullptr;
    EstimatePanel *m_estimate = nullptr;
    MessageBar *m_formMessages = nullptr;
    QPushButton *m_start = nullptr;
    CurvePlot *m_plot = nullptr;
    CurveTableModel *m_tableModel = nullptr;
    QTableView *m_table = nullptr;
    QStackedWidget *m_plotStack = nullptr;
    QStackedWidget *m_right = nullptr;
    EmptyState *m_noRun = nullptr;
    QComboBox *m_metric = nullptr;
    QToolButton *m_fit = nullptr;
    QToolButton *m_tableButton = nullptr;
    RunListModel *m_runModel = nullptr;
    QTableView *m_runs = nullptr;
    QToolButton *m_use = nullptr;
    QToolButton *m_delete = nullptr;
    QPlainTextEdit *m_log = nullptr;
    QTabWidget *m_tabs = nullptr;
    QSplitter *m_across = nullptr;
    QSplitter *m_down = nullptr;

    std::map<qint64, Loaded> m_loaded;
    std::shared_ptr<RunCurves> m_live; ///< of the run that executes
    double m_clock = 0;                ///< its seconds
    std::vector<qint64> m_deleted;     ///< for undo
    qint64 m_logRun = 0;
};

} // namespace apiary::widgets
