#include "widgets/data/import_step.h"

#include "base/cancel.h"
#include "data/stored_dataset.h"
#include "widgets/data/parts.h"
#include "widgets/data/rows_model.h"
#include "widgets/plot/plot_export.h"
#include "widgets/shell/page.h"
#include "widgets/shell/progress_text.h"
#include "widgets/shell/task.h"
#include "widgets/theme/parts.h"
#include "widgets/theme/theme.h"

#include <QFileDialog>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <nlohmann/json.hpp>

namespace apiary::widgets {

namespace {

constexpr int barSteps = 1000;

QString kindText(data::ReviewText::Kind kind)
{
    return kind == data::ReviewText::Kind::Refusal ? ImportStep::tr("refusal") : ImportStep::tr("empty");
}

QString quoted(const std::string &text)
{
    return u'"' + QString::fromStdString(text).replace(u'"', QStringLiteral("\"\"")) + u'"';
}

std::shared_ptr<const ImportOutcome> import(const data::ImportSpec &spec, store::Project &project, bool replace,
                                            const ProgressFn &progress, const std::stop_token &stop)
{
    data::Imported imported = data::importDataset(spec, progress, stop);
    throwIfStopped(stop);
    if (progress)
        progress({"writing the dataset", "", 0, 0, 0, -1});
    data::writeDataset(imported, project.datasetStaging(), stop);
    throwIfStopped(stop);
    auto outcome = std::make_shared<ImportOutcome>();
    outcome->stored = project.publishDataset(
        {imported.dataset.name, imported.dataset.hash, data::datasetCard(imported)["counts"].dump()}, replace);
    outcome->report = std::move(imported.report);
    outcome->counts = std::move(imported.dataset.counts);
    outcome->warnings = std::move(imported.dataset.warnings);
    outcome->cleaned = imported.spec.items.cleaning.refusals;
    return outcome;
}

} // namespace

void showCounts(RowsModel *model, QTableView *view, const std::vector<data::FilterCount> &counts)
{
    model->setRows({{ImportStep::tr("After")},
                    {ImportStep::tr("Users"), true},
                    {ImportStep::tr("Items"), true},
                    {ImportStep::tr("Interactions"), true}},
                   static_cast<int>(counts.size()), [counts](int row, int column) {
                       const data::FilterCount &count = counts[static_cast<std::size_t>(row)];
                       return column == 0   ? QString::fromStdString(count.step)
                              : column == 1 ? format::count(count.users)
                              : column == 2 ? format::count(count.items)
                                            : format::count(count.interactions);
                   });
    setColumnWidths(view, {0, 9, 9, 12});
}

ImportStep::ImportStep(QWidget *parent)
    : QWidget(parent)
    , m_task(new TaskRunner(this))
    , m_messages(new MessageBar)
    , m_stepModel(new RowsModel(this))
    , m_badModel(new RowsModel(this))
    , m_reviewModel(new RowsModel(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, space::section, 0, 0);
    layout->setSpacing(space::section);
    layout->addWidget(m_messages);
    layout->addWidget(makeRunning());
    layout->addWidget(makeReport(), 1);
    layout->addStretch(0);
    m_running->hide();
    m_report->hide();
    connect(m_task, &TaskRunner::progressed, this, [this](const Progress &progress) {
        if (m_cancelled)
            return;
        m_stage->setText(QString::fromStdString(progress.stage));
        m_amount->setText(progress.done > 0 ? progressText(progress) : QString());
        m_bar->setRange(0, progress.total > 0 ? barSteps : 0);
        if (progress.total > 0)
            m_bar->setValue(static_cast<int>(barSteps * std::min(progress.done, progress.total) / progress.total));
    });
    connect(m_task, &TaskRunner::busyChanged, this, [this](bool busy) {
        m_running->setVisible(busy);
        if (!busy && m_cancelled)
            m_messages->show(MessageBar::Tone::Info,
                             tr("Stopped. Nothing of it is kept; your files are as they were."));
        Q_EMIT stateChanged();
    });
}

QWidget *ImportStep::makeRunning()
{
    m_running = new QWidget;
    m_stage = strongLabel(tr("beginning"));
    m_amount = new QLabel;
    m_amount->setFont(Theme::instance().numberFont());
    m_amount->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_bar = new QProgressBar;
    m_bar->setTextVisible(false);
    m_bar->setFixedHeight(6);
    m_bar->setAccessibleName(tr("Part that has been read"));
    m_cancel = new QPushButton(tr("Cancel"));
    m_cancel->setToolTip(tr("Stop the import; nothing of it is kept"));
    m_cancel->setAutoDefault(true); // Return presses it
    connect(m_cancel, &QPushButton::clicked, this, &ImportStep::cancel);
    auto *texts = new QHBoxLayout;
    texts->addWidget(m_stage);
    texts->addWidget(m_amount, 1);
    auto *left = new QVBoxLayout;
    left->setSpacing(space::tight);
    left->addLayout(texts);
    left->addWidget(m_bar);
    auto *layout = new QHBoxLayout(m_running);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::section);
    layout->addLayout(left, 1);
    layout->addWidget(m_cancel);
    return m_running;
}

QWidget *ImportStep::makeReport()
{
    m_report = new QWidget;
    m_summary = new QLabel;
    m_summary->setWordWrap(true);
    m_summary->setTextFormat(Qt::PlainText);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_steps = makeRowList(m_stepModel, tr("What each step left"));
    m_bad = makeRowList(m_badModel, tr("Rows that could not be used"));
    m_review = makeRowList(m_reviewModel, tr("Texts to be looked at"));
    const auto withExport = [this](QTableView *view, QToolButton *&button, bool review) {
        button = makeToolButton(QStringLiteral("export"), tr("Export…"), tr("Save this list as CSV"));
        connect(button, &QToolButton::clicked, this, [this, review] { askAndExport(review); });
        auto *panel = new QWidget;
        auto *layout = new QVBoxLayout(panel);
        layout->setContentsMargins(0, space::group, 0, 0);
        layout->addWidget(view, 1);
        layout->addWidget(button, 0, Qt::AlignRight);
        return panel;
    };
    m_tabs = new QTabWidget;
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_steps, tr("Steps"));
    m_tabs->addTab(withExport(m_bad, m_exportBad, false), tr("Bad rows"));
    m_tabs->addTab(withExport(m_review, m_exportReview, true), tr("Texts"));
    auto *layout = new QVBoxLayout(m_report);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::section);
    layout->addWidget(m_summary);
    layout->addWidget(m_tabs, 1);
    return m_report;
}

bool ImportStep::running() const
{
    return m_task->busy();
}

QString ImportStep::summary() const
{
    return m_summary->text();
}

void ImportStep::forget()
{
    m_outcome.reset();
    m_report->hide();
    m_messages->dismiss();
}

void ImportStep::start(const data::ImportSpec &spec, std::shared_ptr<store::Project> project, bool replace)
{
    if (running() || !project)
        return;
    forget();
    m_cancelled = false;
    m_stop = std::stop_source();
    m_stage->setText(tr("beginning"));
    m_amount->clear();
    m_bar->setRange(0, 0);
    m_task->run(
        [spec, project, replace, source = m_stop](std::stop_token runner, const ProgressFn &progress) mutable {
            // A cancelled import is waited for: the next one may not begin while this one writes.
            const std::stop_callback link(runner, [&source] { source.request_stop(); });
            return import(spec, *project, replace, progress, source.get_token());
        },
        [this](std::shared_ptr<const ImportOutcome> outcome) {
            m_outcome = std::move(outcome);
            show(*m_outcome);
            Q_EMIT finished();
        },
        [this](const QString &failure) { m_messages->show(MessageBar::Tone::Error, failure); });
    m_cancel->setFocus();
}

void ImportStep::cancel()
{
    if (!running())
        return;
    m_cancelled = true;
    m_stage->setText(tr("stopping"));
    m_stop.request_stop();
}

void ImportStep::show(const ImportOutcome &outcome)
{
    const data::ImportReport &report = outcome.report;
    QString text = tr("%1 is in the project").arg(QString::fromStdString(outcome.stored.name));
    if (!outcome.counts.empty()) {
        const data::FilterCount &last = outcome.counts.back();
        text += tr(": %1 interactions of %2 users with %3 items")
                    .arg(format::count(last.interactions), format::count(last.users), format::count(last.items));
    }
    text += QStringLiteral(". ") +
            format::plural(report.badTotal, tr("1 row could not be used."), tr("%1 rows could not be used."));
    for (const auto &[reason, rows] : report.badReasons)
        text += QStringLiteral("\n    %1 × %2").arg(format::count(rows), QString::fromStdString(reason));
    for (const std::string &warning : outcome.warnings)
        text += u'\n' + warningText(warning);
    m_summary->setText(text);
    showCounts(m_stepModel, m_steps, outcome.counts);

    const auto shared = m_outcome; // the cells look into it
    m_badModel->setRows({{tr("File")}, {tr("Line"), true}, {tr("Column")}, {tr("Reason")}},
                        static_cast<int>(report.bad.size()), [shared](int row, int column) {
                            const data::BadRow &bad = shared->report.bad[static_cast<std::size_t>(row)];
                            return column == 0   ? QString::fromStdString(bad.file)
                                   : column == 1 ? format::count(bad.line)
                                   : column == 2 ? QString::fromStdString(bad.column)
                                                 : QString::fromStdString(bad.reason);
                        });
    setColumnWidths(m_bad, {26, 12, 18, 0});
    m_reviewModel->setRows({{tr("Why")}, {tr("Item")}, {tr("Line"), true}, {tr("Title")}, {tr("Text")}},
                           static_cast<int>(report.review.size()), [shared](int row, int column) {
                               const data::ReviewText &text = shared->report.review[static_cast<std::size_t>(row)];
                               return column == 0
                                          ? reviewText(text.kind == data::ReviewText::Kind::Refusal, shared->cleaned)
                                      : column == 1 ? QString::fromStdString(text.item)
                                      : column == 2 ? format::count(text.line)
                                      : column == 3 ? QString::fromStdString(text.title)
                                                    : QString::fromStdString(text.text);
                           });
    setColumnWidths(m_review, {24, 12, 8, 0, 0});
    m_tabs->setTabText(1, tr("Bad rows (%1)").arg(format::count(report.badTotal)));
    m_tabs->setTabText(2,
                       tr("Texts to be looked at (%1)").arg(format::count(static_cast<qint64>(report.review.size()))));
    m_exportBad->setEnabled(!report.bad.empty());
    m_exportReview->setEnabled(!report.review.empty());
    m_report->show();
}

void ImportStep::exportBadRows(const QString &file) const
{
    QString text = QStringLiteral("file,line,column,reason\n");
    for (const data::BadRow &row : m_outcome->report.bad)
        text += QStringLiteral("%1,%2,%3,%4\n")
                    .arg(quoted(row.file), QString::number(row.line), quoted(row.column), quoted(row.reason));
    exportText(text, file);
}

void ImportStep::exportReview(const QString &file) const
{
    QString text = QStringLiteral("why,item,line,title,text\n");
    for (const data::ReviewText &one : m_outcome->report.review)
        text += QStringLiteral("%1,%2,%3,%4,%5\n")
                    .arg(kindText(one.kind), quoted(one.item), QString::number(one.line), quoted(one.title),
                         quoted(one.text));
    exportText(text, file);
}

void ImportStep::askAndExport(bool review)
{
    const QString file = QFileDialog::getSaveFileName(
        this, tr("Export the list"), review ? QStringLiteral("review.csv") : QStringLiteral("bad_rows.csv"),
        QStringLiteral("*.csv"));
    if (file.isEmpty())
        return;
    try {
        if (review)
            exportReview(file);
        else
            exportBadRows(file);
        m_messages->show(MessageBar::Tone::Info, tr("Saved to %1").arg(file), {}, 4000);
    } catch (const std::exception &error) {
        m_messages->show(MessageBar::Tone::Error, describe(error));
    }
}

} // namespace apiary::widgets
