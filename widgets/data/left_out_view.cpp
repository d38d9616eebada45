#include "widgets/data/left_out_view.h"

#include "data/preview.h"
#include "widgets/data/parts.h"
#include "widgets/data/rows_model.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QLabel>
#include <QTableView>
#include <QVBoxLayout>
#include <memory>

namespace apiary::widgets {

namespace {

constexpr int mostListed = 20000;

/// The first rows of a list that an import wrote.
std::vector<std::vector<std::string>> listOf(const std::filesystem::path &file, qint64 rows,
                                             const std::stop_token &stop)
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

} // namespace

LeftOutView::LeftOutView(QWidget *parent)
    : QWidget(parent)
    , m_task(new TaskRunner(this))
    , m_badModel(new RowsModel(this))
    , m_textModel(new RowsModel(this))
    , m_badHead(strongLabel({}))
    , m_textHead(strongLabel({}))
    , m_bad(makeRowList(m_badModel, tr("Rows that could not be used")))
    , m_text(makeRowList(m_textModel, tr("Texts to be looked at")))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, space::group, 0, 0);
    layout->setSpacing(space::group);
    layout->addWidget(m_badHead);
    layout->addWidget(m_bad, 1);
    layout->addSpacing(space::group);
    layout->addWidget(m_textHead);
    layout->addWidget(m_text, 1);
}

void LeftOutView::present(const std::filesystem::path &folder, qint64 badRows, qint64 texts)
{
    if (folder == m_folder && m_read)
        return;
    m_folder = folder;
    m_badRows = badRows;
    m_texts = texts;
    m_read = false;
    m_badHead->setText(badRows > 0
                           ? format::plural(badRows, tr("1 row could not be used"), tr("%1 rows could not be used"))
                           : tr("Every row could be used"));
    m_textHead->setText(texts > 0 ? format::plural(texts, tr("1 text to be looked at"), tr("%1 texts to be looked at"))
                                  : tr("No text was empty or a refusal"));
    m_bad->setVisible(badRows > 0);
    m_text->setVisible(texts > 0);
    m_badModel->clear();
    m_textModel->clear();
    if (isVisible())
        read();
}

void LeftOutView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (!m_read && !m_folder.empty())
        read();
}

void LeftOutView::read()
{
    using Rows = std::vector<std::vector<std::string>>;
    m_read = true;
    m_task->run(
        [folder = m_folder, bad = m_badRows, texts = m_texts](std::stop_token stop, const ProgressFn &) {
            return std::pair(listOf(folder / "bad_rows.csv", bad, stop), listOf(folder / "review.csv", texts, stop));
        },
        [this](std::pair<Rows, Rows> lists) {
            const auto show = [](RowsModel *model, QTableView *view, Rows rows,
                                 const std::vector<RowsModel::Column> &columns, const std::vector<int> &widths) {
                const auto shared = std::make_shared<const Rows>(std::move(rows));
                model->setRows(columns, static_cast<int>(shared->size()), [shared](int row, int column) {
                    const auto &cells = (*shared)[static_cast<std::size_t>(row)];
                    const auto at = static_cast<std::size_t>(column);
                    return at < cells.size() ? QString::fromStdString(cells[at]) : QString();
                });
                setColumnWidths(view, widths, static_cast<int>(widths.size()) - 1);
            };
            show(m_badModel, m_bad, std::move(lists.first),
                 {{tr("File")}, {tr("Line"), true}, {tr("Column")}, {tr("Reason")}}, {26, 12, 18, 40});
            show(m_textModel, m_text, std::move(lists.second),
                 {{tr("Why")}, {tr("Item")}, {tr("Line"), true}, {tr("Title")}, {tr("Text")}}, {10, 14, 10, 30, 40});
        },
        [this](const QString &failure) { m_badHead->setText(failure); });
}

} // namespace apiary::widgets
