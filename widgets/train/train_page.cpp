#include "widgets/train/train_page.h"

#include "base/error.h"
#include "widgets/plot/plot_export.h"
#include "widgets/shell/project_model.h"
#include "widgets/shell/run_controller.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"
#include "widgets/train/config_form.h"
#include "widgets/train/curve_plot.h"
#include "widgets/train/curve_table_model.h"
#include "widgets/train/estimate_panel.h"
#include "widgets/train/field_editor.h"
#include "widgets/train/run_list_model.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QItemSelectionModel>
#include <QKeyEvent>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <algorithm>

namespace apiary::widgets {

namespace {

QString logLine(double seconds, const QString &level, const QString &text)
{
    const QString mark = level == QLatin1String("info") ? QString() : level + QStringLiteral(": ");
    return QStringLiteral("%1  %2%3").arg(format::duration(seconds), 12).arg(mark, text);
}

QString levelName(run::Level level)
{
    return level == run::Level::Info      ? QStringLiteral("info")
           : level == run::Level::Warning ? QStringLiteral("warning")
                                          : QStringLiteral("error");
}

} // namespace

TrainPage::TrainPage(ProjectSession *session, RunController *controller, QWidget *parent)
    : Page(tr("Train"), tr("Teach a sentence encoder which items belong together, and watch it learn"), parent)
    , m_session(session)
    , m_controller(controller)
    , m_loading(new TaskRunner(this))
{
    m_across = new QSplitter(Qt::Horizontal);
    m_down = new QSplitter(Qt::Vertical);
    m_right = new QStackedWidget;
    QWidget *form = makeForm();
    m_down->addWidget(makeCurves());
    m_down->addWidget(makeRuns());
    m_down->setStretchFactor(0, 1);
    m_down->setSizes({520, 170});
    m_noRun = new EmptyState(QStringLiteral("train"), tr("No run yet"), whatComesHere(), tr("Start training"));
    connect(m_noRun, &EmptyState::actionTriggered, this, &TrainPage::takeNextStep);
    connect(m_estimate, &EstimatePanel::checked, this, &TrainPage::sayWhatIsNext);
    m_right->addWidget(m_noRun);
    m_right->addWidget(m_down);
    m_across->addWidget(form);
    m_across->addWidget(m_right);
    m_across->setChildrenCollapsible(false);
    m_down->setChildrenCollapsible(false);
    m_across->setStretchFactor(1, 1);
    m_across->setSizes({380, 820});
    setContent(m_across);

    QToolButton *open = tool(QStringLiteral("open"), tr("Open settings"));
    open->setToolTip(tr("Read the settings of a run from a file (Ctrl+O)"));
    connect(open, &QToolButton::clicked, this, &TrainPage::openSpecDialog);
    QToolButton *save = tool(QStringLiteral("save"), tr("Save settings"));
    save->setToolTip(tr("Write these settings to a file that apiary-cli reads too (Ctrl+S)"));
    connect(save, &QToolButton::clicked, this, &TrainPage::saveSpecDialog);
    addActionWidget(open);
    addActionWidget(save);

    connect(controller, &RunController::started, this, &TrainPage::runStarted);
    connect(controller, &RunController::eventsArrived, this, &TrainPage::takeEvents);
    connect(controller, &RunController::stateChanged, this, &TrainPage::stateChanged);
    connect(controller, &RunController::finished, this, &TrainPage::runFinished);
    connect(session, &ProjectSession::runsChanged, this, &TrainPage::runsChanged);
    connect(session, &ProjectSession::projectChanged, this, &TrainPage::projectChanged);
    connect(session, &ProjectSession::runSelected, this, [this](qint64 run) {
        const std::vector<qint64> selected = selectedRuns();
        if (run != 0 && std::find(selected.begin(), selected.end(), run) == selected.end())
            select(run);
    });
    connect(messages(), &MessageBar::actionTriggered, this, [this] {
        for (const qint64 run : m_deleted)
            m_session->undeleteRun(run);
        if (!m_deleted.empty())
            select(m_deleted.front());
        m_deleted.clear();
    });
    connect(messages(), &MessageBar::dismissed, this, [this] { m_deleted.clear(); });
    setFocusProxy(m_start);
    m_runs->installEventFilter(this);
    projectChanged();
}

void TrainPage::runStarted()
{
    m_live = std::make_shared<RunCurves>();
    m_live->name = m_controller->state().name;
    m_live->monitor = QString::fromStdString(m_form->spec().training.monitor);
    m_clock = 0;
    m_right->setCurrentWidget(m_down);
    messages()->dismiss();
    m_plot->setRuns({});
    m_plot->fit();
    stateChanged();
}

void TrainPage::takeEvents(const std::vector<run::RunEvent> &events)
{
    if (!m_live)
        return;
    bool steps = false;
    for (const run::RunEvent &event : events) {
        if (const auto *memory = std::get_if<run::MemoryEvent>(&event)) {
            m_clock = memory->seconds;
            m_live->add(*memory);
        } else if (const auto *step = std::get_if<run::StepEvent>(&event)) {
            m_live->add(*step, m_clock);
            steps = true;
        } else if (const auto *validation = std::get_if<run::ValidationEvent>(&event)) {
            m_live->add(*validation);
            steps = true;
        } else if (const auto *log = std::get_if<run::LogEvent>(&event)) {
            Loaded &own = m_loaded[m_live->run];
            own.log << logLine(m_clock, levelName(log->level), QString::fromStdString(log->text));
            if (m_logRun == m_live->run)
                m_log->appendPlainText(own.log.back());
        } else if (const auto *status = std::get_if<run::StatusEvent>(&event);
                   status && m_live->run == 0 && status->run != 0) {
            m_live->run = status->run;
            m_loaded[status->run].curves = m_live;
            select(status->run);
        }
    }
    const std::vector<ShownRun> &shown = m_plot->runs();
    if (std::any_of(shown.begin(), shown.end(), [this](const ShownRun &r) { return r.curves == m_live; })) {
        m_plot->refresh();
        if (steps) {
            updateMetrics();
            if (tableShown())
                m_tableModel->refresh();
        }
    }
}

void TrainPage::stateChanged()
{
    const RunState &state = m_controller->state();
    m_start->setEnabled(!state.active);
    m_start->setText(state.active ? tr("A run is going on") : tr("Start training"));
    QString status;
    if (state.active)
        status = state.stopping  ? tr("stopping")
                 : state.paused  ? tr("paused")
                 : state.pausing ? tr("pausing")
                                 : tr("running");
    m_runModel->setLive(state.run, state.step, status);
    m_plot->setHint(state.active && state.step == 0 && !state.progress.stage.empty()
                        ? tr("Before the first step: %1 …").arg(QString::fromStdString(state.progress.stage))
                        : QString());
}

void TrainPage::runFinished(qint64 run, run::RunStatus status, const QString &message)
{
    m_live.reset();
    m_plot->refresh();
    if (status == run::RunStatus::Failed)
        messages()->show(MessageBar::Tone::Error, run == 0 ? message : tr("Run #%1 failed. %2").arg(run).arg(message));
    else if (status == run::RunStatus::Finished)
        m_session->setCurrentRun(run);
    runsChanged();
}

std::vector<qint64> TrainPage::selectedRuns() const
{
    std::vector<qint64> runs;
    const QModelIndex current = m_runs->selectionModel()->currentIndex();
    for (const QModelIndex &index : m_runs->selectionModel()->selectedRows()) {
        const qint64 run = index.data(RunListModel::RunIdRole).toLongLong();
        if (index.row() == current.row())
            runs.insert(runs.begin(), run);
        else
            runs.push_back(run);
    }
    return runs;
}

void TrainPage::select(qint64 run)
{
    const QModelIndex index = m_runModel->indexOf(run);
    if (!index.isValid())
        return;
    m_runs->selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    m_runs->scrollTo(index);
}

void TrainPage::selectionChanged()
{
    const std::vector<qint64> runs = selectedRuns();
    m_use->setEnabled(runs.size() == 1);
    m_delete->setEnabled(
        std::any_of(runs.begin(), runs.end(), [this](qint64 run) { return run != m_session->activeRun(); }) &&
        !m_session->readOnly());
    if (runs.size() == 1 && runs.front() != m_session->activeRun())
        m_session->setCurrentRun(runs.front());
    std::vector<store::RunRecord> missing;
    for (const qint64 run : runs)
        if (const store::RunRecord *record = m_session->find(run); record && !m_loaded[run].curves)
            missing.push_back(*record);
    if (missing.empty()) {
        m_loading->cancel();
        return showSelection();
    }
    m_loading->run(
        [missing, project = m_session->reopen()](std::stop_token, const ProgressFn &) {
            std::map<qint64, Loaded> loaded;
            for (const store::RunRecord &record : missing) {
                Loaded &one = loaded[record.id];
                one.curves = std::make_shared<RunCurves>(loadCurves(*project, record));
                for (const store::LogRecord &line : project->log(record.id))
                    one.log << logLine(line.time, QString::fromStdString(line.level),
                                       QString::fromStdString(line.text));
            }
            return loaded;
        },
        [this](std::map<qint64, Loaded> loaded) {
            for (auto &[run, one] : loaded)
                if (!m_loaded[run].curves)
                    m_loaded[run] = std::move(one);
            showSelection();
        },
        [this](const QString &failure) { messages()->show(MessageBar::Tone::Error, failure); });
}

void TrainPage::showSelection()
{
    std::vector<ShownRun> shown;
    const std::vector<qint64> runs = selectedRuns();
    for (const qint64 run : runs)
        if (const auto at = m_loaded.find(run); at != m_loaded.end() && at->second.curves)
            shown.push_back({at->second.curves, m_session->colourIndex(run)});
    m_tableModel->setCurves(shown.empty() ? nullptr : shown.front().curves);
    m_logRun = runs.empty() ? 0 : runs.front();
    const auto log = m_loaded.find(m_logRun);
    m_log->setPlainText(log == m_loaded.end() ? QString() : log->second.log.join(QLatin1Char('\n')));
    m_plot->setRuns(std::move(shown));
    m_plot->fit();
    updateMetrics();
}

void TrainPage::updateMetrics()
{
    QStringList names;
    for (const ShownRun &run : m_plot->runs())
        for (const auto &[name, metric] : run.curves->validation)
            if (!names.contains(name))
                names << name;
    QStringList now;
    for (int i = 0; i < m_metric->count(); ++i)
        now << m_metric->itemText(i);
    if (names == now || names.isEmpty())
        return;
    const QString wanted = m_plot->metric();
    m_metric->clear();
    m_metric->addItems(names);
    m_metric->setCurrentText(wanted);
}

void TrainPage::deleteSelected()
{
    std::vector<qint64> runs = selectedRuns();
    runs.erase(std::remove(runs.begin(), runs.end(), m_session->activeRun()), runs.end());
    if (runs.empty() || m_session->readOnly())
        return;
    try {
        for (const qint64 run : runs) {
            m_session->deleteRun(run);
            m_loaded.erase(run);
        }
    } catch (const std::exception &error) {
        messages()->show(MessageBar::Tone::Error, describe(error));
        return;
    }
    const QString text = runs.size() == 1
                             ? tr("Run #%1 is deleted. Its files go when the project is closed.").arg(runs.front())
                             : tr("%1 runs are deleted. Their files go when the project is closed.").arg(runs.size());
    messages()->show(MessageBar::Tone::Info, text, tr("Undo"), 30000);
    m_deleted = std::move(runs);
}

void TrainPage::useSettings()
{
    const std::vector<qint64> runs = selectedRuns();
    const store::RunRecord *record = runs.empty() ? nullptr : m_session->find(runs.front());
    if (!record)
        return;
    try {
        setSpec(run::parseSpec(record->specJson, "run #" + std::to_string(record->id)));
    } catch (const std::exception &error) {
        fail(error);
    }
}

void TrainPage::runsChanged()
{
    const bool any = !m_session->runs().empty() || m_controller->active();
    m_right->setCurrentWidget(any ? static_cast<QWidget *>(m_down) : m_right->widget(0));
    if (any && selectedRuns().empty() && !m_session->runs().empty())
        select(m_session->find(m_session->currentRun()) ? m_session->currentRun() : m_session->runs().front().id);
}

void TrainPage::projectChanged()
{
    m_loaded.clear();
    m_plot->setRuns({});
    m_log->clear();
    selectionChanged();
    runsChanged();
}

void TrainPage::exportDialog(const QString &ending)
{
    QString file = QFileDialog::getSaveFileName(this, tr("Export the curves"), QStringLiteral("curves.") + ending,
                                                QStringLiteral("*.") + ending);
    if (file.isEmpty())
        return;
    if (QFileInfo(file).suffix().isEmpty())
        file += QLatin1Char('.') + ending;
    try {
        m_plot->drawNow();
        if (ending == QLatin1String("csv"))
            exportText(m_plot->csv(), file);
        else
            exportPlot(*m_plot->plot(), file);
        messages()->show(MessageBar::Tone::Info, tr("Saved to %1").arg(file), {}, 4000);
    } catch (const std::exception &error) {
        messages()->show(MessageBar::Tone::Error, describe(error));
    }
}

bool TrainPage::tableShown() const
{
    return m_plotStack->currentIndex() == 1;
}

void TrainPage::toggleTable()
{
    m_tableButton->setChecked(!tableShown());
    m_plotStack->setCurrentIndex(tableShown() ? 0 : 1);
    m_tableModel->refresh();
    m_plotStack->currentWidget()->setFocus();
}

QWidget *TrainPage::firstFocus() const
{
    return m_form->editor(QStringLiteral("name"))->input();
}

bool TrainPage::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_runs && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent *>(event)->key() == Qt::Key_Delete) {
        deleteSelected();
        return true;
    }
    return Page::eventFilter(watched, event);
}

} // namespace apiary::widgets
