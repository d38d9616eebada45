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
#include <QScrollBar>
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
    if (model.kind == ModelKind::Tuned)
        return model.run == current ? theme.tuned() : theme.run(m_session->colourIndex(model.run));
    return theme.run(m_offers->colour(m_offers->find(m_offers->keyOf(model.folder), labelOf(model))));
}

void ComparePage::setStyles()
{
    m_styles.clear();
    if (!m_compared)
        return;
    const auto styles =
        modelStyles(m_compared->models, m_compared->run, [this](const auto &model) { return colourOf(model); });
    for (std::size_t i = 0; i < styles.size(); ++i)
        m_styles[m_compared->models[i].key] = styles[i];
}

ModelStyle ComparePage::styleOf(const ComparedModel &model) const
{
    const auto found = m_styles.find(model.key);
    return found == m_styles.end() ? ModelStyle() : found->second;
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
    setStyles();
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
    m_table->resizeColumnsToContents();
    m_nameWidth = m_matrix->columnWidth(0);
    fitMatrix();
    for (QTableView *table : {m_matrix, m_table})
        fitNames(table);
    if (row >= 0 && row < m_model->rowCount())
        m_matrix->setCurrentIndex(m_model->index(row, std::clamp(column, 0, m_model->columnCount() - 1)));
    m_note->setText(noteText());
}

void ComparePage::fitMatrix()
{
    if (!isVisible() || !m_compared)
        return;
    const QHeaderView *header = m_matrix->horizontalHeader();
    const bool alone = m_forestFrame->isHidden();
    const int all = m_top->width() - (alone ? 0 : m_top->handleWidth());
    int most = alone ? all : all - std::max(m_forest->minimumWidth(), (3 * all + 9) / 10);
    if (m_handleMoved)
        most = m_matrix->width();
    int wanted = 0;
    for (const bool stacked : {false, true}) {
        m_delegate->setStacked(stacked);
        for (int column = 1; column < m_model->columnCount(); ++column)
            m_matrix->resizeColumnToContents(column);
        m_matrix->resizeRowsToContents();
        const bool scrolls = m_matrix->verticalHeader()->length() > m_matrix->viewport()->height();
        wanted = header->length() - header->sectionSize(0) + std::max(m_nameWidth, narrowestName) +
                 2 * m_matrix->frameWidth() + (scrolls ? m_matrix->verticalScrollBar()->sizeHint().width() : 0) + 2;
        if (wanted <= most)
            break;
    }
    if (m_handleMoved || alone)
        return;
    const int least = wanted - std::max(0, m_nameWidth - narrowestName); // with elided names
    const int matrix = std::min({wanted, std::max(most, least), all - m_forest->minimumWidth()});
    m_top->setSizes({matrix, all - matrix});
}

void ComparePage::fitNames(QTableView *table)
{
    const QHeaderView *header = table->horizontalHeader();
    if (header->count() > 0)
        table->setColumnWidth(
            0, std::max(narrowestName, table->viewport()->width() - header->length() + header->sectionSize(0)));
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
    for (QTableView *table : {m_matrix, m_table})
        if (watched == table->viewport() && event->type() == QEvent::Resize)
            QTimer::singleShot(0, table, [table] { fitNames(table); });
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
    const bool focus = m_forest->hasFocus() || m_barsStack->currentWidget()->hasFocus();
    const bool table = !tableShown();
    m_barsStack->setCurrentIndex(table ? 1 : 0);
    m_forestFrame->setVisible(!table);
    if (focus)
        m_barsStack->currentWidget()->setFocus(Qt::OtherFocusReason);
    QTimer::singleShot(0, this, &ComparePage::fitMatrix);
}

} // namespace apiary::widgets
