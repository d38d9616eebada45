#include "widgets/data/left_out_view.h"

#include "data/preview.h"
#include "widgets/data/parts.h"
#include "widgets/data/rows_model.h"
#include "widgets/shell/page.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QHeaderView>
#include <QLabel>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <memory>

namespace apiary::widgets {

namespace {

constexpr int mostListed = 20000;

using Rows = std::vector<std::vector<std::string>>;

/// The first rows of a list that an import wrote.
Rows listOf(const std::filesystem::path &file, qint64 rows, const std::stop_token &stop)
{
    if (rows == 0)
        return {};
    data::TableFormat format;
    format.kind = data::FileKind::Delimited;
    format.encoding = data::Encoding::Utf8;
    format.delimiter = ",";
    format.header = true;
    format.quotes = true;
    return data::previewTable(file, format, mostListed, stop).rows;
}

/// A line number as counts are written.
void groupDigits(std::vector<std::string> &cells, std::size_t column)
{
    bool number = false;
    const qint64 line = column < cells.size() ? QString::fromStdString(cells[column]).toLongLong(&number) : 0;
    if (number)
        cells[column] = format::count(line).toStdString();
}

void fill(RowsModel *model, QTableView *view, Rows rows, const std::vector<RowsModel::Column> &columns,
          const std::vector<int> &widths)
{
    const auto shared = std::make_shared<const Rows>(std::move(rows));
    model->setRows(columns, static_cast<int>(shared->size()), [shared](int row, int column) {
        const auto &cells = (*shared)[static_cast<std::size_t>(row)];
        const auto at = static_cast<std::size_t>(column);
        return at < cells.size() ? QString::fromStdString(cells[at]) : QString();
    });
    setColumnWidths(view, widths);
}

} // namespace

LeftOutView::LeftOutView(QWidget *parent)
    : QWidget(parent)
    , m_task(new TaskRunner(this))
    , m_kindModel(new RowsModel(this))
    , m_badModel(new RowsModel(this))
    , m_textModel(new RowsModel(this))
    , m_stack(new QStackedWidget)
{
    m_stack->addWidget(makeLists());
    m_stack->addWidget(new EmptyState(QStringLiteral("check"), tr("Nothing was left out"),
                                      tr("Every row of the files is in the dataset, and no text was empty or a "
                                         "language model's refusal.")));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);
}

QWidget *LeftOutView::makeLists()
{
    m_kindHead = strongLabel(tr("Rows that were left out"));
    m_badHead = strongLabel({});
    m_textHead = strongLabel({});
    m_textHead->setWordWrap(true);
    m_kinds = makeRowList(m_kindModel, tr("Rows that were left out, by reason"));
    m_bad = makeRowList(m_badModel, tr("Rows that could not be used"));
    m_text = makeRowList(m_textModel, tr("Texts to be looked at"));
    auto *lists = new QWidget;
    auto *layout = new QVBoxLayout(lists);
    layout->setContentsMargins(0, space::group, 0, 0);
    layout->setSpacing(space::group);
    layout->addWidget(m_kindHead);
    layout->addWidget(m_kinds);
    layout->addWidget(m_badHead);
    layout->addWidget(m_bad, 1);
    layout->addWidget(m_textHead);
    layout->addWidget(m_text, 1);
    layout->addStretch(0);
    return lists;
}

QString LeftOutView::textHead() const
{
    return m_textHead->text();
}

bool LeftOutView::nothing() const
{
    return m_stack->currentIndex() == 1;
}

void LeftOutView::present(const ListedDataset &dataset)
{
    if (m_dataset && m_dataset->folder == dataset.folder && m_read)
        return;
    m_dataset = dataset;
    m_read = false;
    const qint64 bad = dataset.badRows, texts = dataset.refusals + dataset.emptyTexts;
    showKinds();
    m_badHead->setText(format::plural(bad, tr("1 row could not be used"), tr("%1 rows could not be used")));
    m_textHead->setText(reviewSummary(dataset.refusals, dataset.emptyTexts, dataset.spec.items.cleaning.refusals));
    for (QWidget *widget : {static_cast<QWidget *>(m_badHead), static_cast<QWidget *>(m_bad)})
        widget->setVisible(bad > 0);
    for (QWidget *widget : {static_cast<QWidget *>(m_textHead), static_cast<QWidget *>(m_text)})
        widget->setVisible(texts > 0);
    m_stack->setCurrentIndex(dataset.leftOut.empty() && bad == 0 && texts == 0 ? 1 : 0);
    m_badModel->clear();
    m_textModel->clear();
    if (isVisible())
        read();
}

void LeftOutView::showKinds()
{
    const std::vector<data::LeftOut> &kinds = m_dataset->leftOut;
    m_kindModel->setRows({{tr("Of")}, {tr("Why: the row …")}, {tr("Rows"), true}, {tr("First line"), true}},
                         static_cast<int>(kinds.size()), [kinds](int row, int column) {
                             const data::LeftOut &one = kinds[static_cast<std::size_t>(row)];
                             return column == 0    ? QString::fromStdString(one.of)
                                    : column == 1  ? QString::fromStdString(one.reason)
                                    : column == 2  ? format::count(one.rows)
                                    : one.line > 0 ? format::count(one.line)
                                                   : QString();
                         });
    setColumnWidths(m_kinds, {16, 0, 12, 12});
    m_kindHead->setVisible(!kinds.empty());
    m_kinds->setVisible(!kinds.empty());
    constexpr int most = 9, frame = 4;
    m_kinds->setFixedHeight(m_kinds->horizontalHeader()->sizeHint().height() + frame +
                            std::min(most, static_cast<int>(kinds.size())) *
                                m_kinds->verticalHeader()->defaultSectionSize());
}

void LeftOutView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (!m_read && m_dataset)
        read();
}

void LeftOutView::read()
{
    m_read = true;
    m_task->run(
        [folder = m_dataset->folder, bad = m_dataset->badRows,
         texts = m_dataset->refusals + m_dataset->emptyTexts](std::stop_token stop, const ProgressFn &) {
            return std::pair(listOf(folder / "bad_rows.csv", bad, stop), listOf(folder / "review.csv", texts, stop));
        },
        [this, cleaned = m_dataset->spec.items.cleaning.refusals,
         items = m_dataset->spec.items.file.filename().string()](std::pair<Rows, Rows> lists) {
            for (std::vector<std::string> &cells : lists.first)
                groupDigits(cells, 1);
            for (std::vector<std::string> &cells : lists.second)
                if (!cells.empty()) {
                    groupDigits(cells, 2);
                    cells.front() = reviewText(cells.front() == "refusal", cleaned).toStdString();
                    cells.insert(cells.begin() + 1, items); // whose lines they are
                }
            fill(m_badModel, m_bad, std::move(lists.first),
                 {{tr("File")}, {tr("Line"), true}, {tr("Column")}, {tr("Reason")}}, {26, 12, 18, 0});
            fill(m_textModel, m_text, std::move(lists.second),
                 {{tr("Why")}, {tr("File")}, {tr("Item")}, {tr("Line"), true}, {tr("Title")}, {tr("Text")}},
                 {24, 20, 12, 8, 0, 0});
        },
        [this](const QString &failure) {
            m_badHead->setText(failure);
            m_badHead->show();
        });
}

} // namespace apiary::widgets
