#include "widgets/compare/compare_page.h"

#include "widgets/compare/comparison_delegate.h"
#include "widgets/compare/comparison_model.h"
#include "widgets/compare/forest_plot.h"
#include "widgets/compare/metric_bars.h"
#include "widgets/shell/project_model.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QTimer>

#include <algorithm>

namespace apiary::widgets {

namespace {

constexpr int narrowestName = 180; ///< px, of the matrix's column of names; longer names are elided
constexpr auto baselineSetting = "compare.baseline";

std::size_t baselineOf(const ScoreSet &scores, const std::string &key)
{
    const auto found = std::find_if(scores.models.begin(), scores.models.end(),
                                    [&](const ModelScores &model) { return model.key == key; });
    return found == scores.models.end() ? 0 : static_cast<std::size_t>(found - scores.models.begin());
}
} // namespace

ComparePage::~ComparePage() = default;

QWidget *ComparePage::firstFocus() const
{
    return m_matrix;
}

bool ComparePage::busy() const
{
    return m_task->busy();
}

QColor ComparePage::colourOf(const ComparedModel &model) const
{
    const Theme &theme = Theme::instance();
    const qint64 current = m_scores ? m_scores->run : 0;
    switch (model.kind) {
    case ModelKind::Untrained:
        return model.run == current ? theme.baseline(0) : theme.baseline(2);
    case ModelKind::Tuned:
        return model.run == current ? theme.tuned() : theme.run(m_session->colourIndex(model.run));
    case ModelKind::Random:
        return theme.baseline(1);
    case ModelKind::Added: {
        const std::string key = m_offers->keyOf(model.folder);
        return theme.run(m_offers->colour(m_offers->find(key, labelOf(model))));
    }
    case ModelKind::Other:
        break;
    }
    return theme.baseline(3);
}

QString ComparePage::finishedRuns() const
{
    QString ids = QString::number(m_session->currentRun());
    for (const auto &run : m_session->runs())
        if (run.status == "finished")
            ids += u' ' + QString::number(run.id);
    return ids;
}

void ComparePage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    if (m_loaded.isEmpty() && !m_task->busy())
        load();
}

void ComparePage::reload()
{
    if (m_loaded == finishedRuns())
        return;
    m_loaded.clear();
    m_task->cancel();
    messages()->dismiss();
    if (isVisible())
        load();
}

void ComparePage::load()
{
    const qint64 run = m_session->currentRun();
    m_loaded = finishedRuns();
    if (run == 0 || !m_session->isOpen()) {
        setScores({});
        return;
    }
    std::shared_ptr<store::Project> project;
    try {
        m_baseline = m_session->project().setting(baselineSetting);
        project = m_session->reopen();
    } catch (const std::exception &error) {
        failed(describe(error));
        return;
    }
    m_task->run([project, run](std::stop_token stop, const ProgressFn &) { return collectScores(*project, run, stop); },
                [this](ScoreSet scores) { setScores(std::move(scores)); },
                [this](const QString &text) { failed(text); });
}

void ComparePage::setScores(ScoreSet scores)
{
    const bool nothing = scores.models.empty();
    m_scores = std::make_shared<const ScoreSet>(std::move(scores));
    fillSegments();
    if (!nothing) {
        compare();
        return;
    }
    present(nullptr);
    const bool running = m_session->activeRun() != 0 && m_session->activeRun() == m_session->currentRun();
    const bool none = m_session->currentRun() == 0;
    emptyState()->setTitle(none      ? tr("Nothing to compare yet")
                           : running ? tr("The test comes at the end")
                                     : tr("This run was not tested"));
    emptyState()->setText(
        running
            ? tr("Test items are read once, when training has ended. Then the untrained encoder, the tuned one and a "
                 "random floor stand here, with the intervals of their differences.")
        : none ? tr("This page compares models on interactions that none of them was trained on, user by user. Train a "
                    "run "
                    "first.")
               : tr("It was stopped or failed before its test. Choose another run, or train one to its end."));
    emptyState()->setAction(running ? QString() : tr("Go to Train"));
}

void ComparePage::compare()
{
    const std::size_t baseline = baselineOf(*m_scores, m_baseline);
    m_task->run(
        [scores = m_scores, baseline, segment = segment()](std::stop_token stop, const ProgressFn &) {
            return std::make_shared<const ComparedModels>(compareModels(*scores, baseline, segment, stop));
        },
        [this](std::shared_ptr<const ComparedModels> compared) { present(std::move(compared)); },
        [this](const QString &text) { failed(text); });
}

void ComparePage::present(std::shared_ptr<const ComparedModels> compared)
{
    const int row = m_matrix->currentIndex().row();
    const int column = m_matrix->currentIndex().column();
    m_compared = std::move(compared);
    m_model->show(m_compared);
    m_rows->show(m_compared);
    m_forest->present(m_compared);
    m_bars->present(m_compared);
    showEmpty(!m_compared);
    updateAdd();
    m_export->setEnabled(m_compared != nullptr);
    if (!m_compared)
        return;
    m_matrix->resizeColumnsToContents();
    m_matrix->resizeRowsToContents();
    if (auto *differences = qobject_cast<QTableView *>(m_forestStack->widget(1)))
        for (int row = 0; row < m_rows->rowCount(); ++row) // totals and seeds have none
            differences->setRowHidden(row, !m_rows->index(row, ComparisonRowsModel::DifferenceColumn).data().isValid());
    m_nameWidth = m_matrix->columnWidth(0);
    fitMatrix();
    fitNames();
    if (row >= 0 && row < m_model->rowCount())
        m_matrix->setCurrentIndex(m_model->index(row, std::clamp(column, 0, m_model->columnCount() - 1)));
    m_note->setText(noteText());
}

void ComparePage::fitMatrix()
{
    if (m_handleMoved || !isVisible() || !m_compared)
        return;
    const QHeaderView *header = m_matrix->horizontalHeader();
    const int all = m_top->width() - m_top->handleWidth();
    const int most = all - std::max(m_forest->minimumWidth(), (3 * all + 9) / 10);
    int wanted = 0;
    for (const bool withP : {true, false}) {
        m_delegate->setShowsP(withP);
        for (int column = 1; column < m_model->columnCount(); ++column)
            m_matrix->resizeColumnToContents(column);
        wanted = header->length() - header->sectionSize(0) + std::max(m_nameWidth, narrowestName) + m_matrix->width() -
                 m_matrix->viewport()->width() + 2;
        if (wanted <= most)
            break;
    }
    const int matrix = std::min(wanted, most);
    m_top->setSizes({matrix, all - matrix});
}

void ComparePage::fitNames()
{
    if (!m_compared)
        return;
    const QHeaderView *header = m_matrix->horizontalHeader();
    const int metrics = header->length() - header->sectionSize(0);
    m_matrix->setColumnWidth(0, std::max(narrowestName, m_matrix->viewport()->width() - metrics));
}

void ComparePage::failed(const QString &text)
{
    messages()->show(MessageBar::Tone::Error, text);
    if (!m_compared)
        showEmpty(true);
}

void ComparePage::pin(int row)
{
    if (!m_scores || row < 0 || row >= static_cast<int>(m_scores->models.size()))
        return;
    m_baseline = m_scores->models[static_cast<std::size_t>(row)].key;
    try {
        if (m_session->isOpen() && !m_session->readOnly())
            m_session->project().setSetting(baselineSetting, m_baseline);
    } catch (const std::exception &error) {
        messages()->show(MessageBar::Tone::Warning, describe(error));
    }
    compare();
}

void ComparePage::pinCurrent()
{
    pin(m_matrix->currentIndex().row());
}

bool ComparePage::eventFilter(QObject *watched, QEvent *event)
{
    // Both after the layout is through: the sizes asked for here are those that it is about to set.
    if (watched == m_top && event->type() == QEvent::Resize)
        QTimer::singleShot(0, this, &ComparePage::fitMatrix);
    if (watched == m_matrix->viewport() && event->type() == QEvent::Resize)
        QTimer::singleShot(0, this, &ComparePage::fitNames);
    if (watched == m_matrix && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Return || key == Qt::Key_Enter) {
            pinCurrent();
            return true;
        }
        if (key == Qt::Key_Delete) {
            removeAdded(m_matrix->currentIndex().row());
            return true;
        }
    }
    return Page::eventFilter(watched, event);
}

bool ComparePage::tableShown() const
{
    return m_barsStack->currentIndex() == 1;
}

void ComparePage::toggleTable()
{
    const bool focus = m_forestStack->currentWidget()->hasFocus() || m_barsStack->currentWidget()->hasFocus();
    const int index = tableShown() ? 0 : 1;
    m_forestStack->setCurrentIndex(index);
    m_barsStack->setCurrentIndex(index);
    if (focus)
        m_barsStack->currentWidget()->setFocus(Qt::OtherFocusReason);
}

} // namespace apiary::widgets
