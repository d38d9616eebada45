#include "widgets/data/text_step.h"

#include "base/cancel.h"
#include "base/error.h"
#include "data/text_template.h"
#include "widgets/data/parts.h"
#include "widgets/data/rows_model.h"
#include "widgets/shell/page.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QSpinBox>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

namespace apiary::widgets {

namespace {

constexpr int itemRows = 1000;
constexpr int descriptionRows = 20000;
constexpr int afterTypingMs = 150;

bool sameSource(const data::ItemsSource &a, const data::ItemsSource &b)
{
    return a.file == b.file && a.format == b.format && a.id == b.id && a.descriptions == b.descriptions &&
           a.descriptionsFormat == b.descriptionsFormat && a.descriptionsId == b.descriptionsId;
}

QString braced(const std::string &column)
{
    return column.empty() ? QString() : u'{' + QString::fromStdString(column) + u'}';
}

/// Whether all columns that a template names are there.
bool fits(const data::ItemsPreview &rows, const std::string &pattern)
{
    try {
        const data::TextTemplate parsed(pattern, "text template");
        for (const std::string &column : parsed.columns())
            if (std::find(rows.columns.begin(), rows.columns.end(), column) == rows.columns.end())
                return false;
        return true;
    } catch (const Error &) {
        return false;
    }
}

} // namespace

TextStep::TextStep(QWidget *parent)
    : QWidget(parent)
    , m_reading(new TaskRunner(this))
    , m_looking(new TaskRunner(this))
    , m_typed(new Debounce(
          afterTypingMs, [this] { lookThrough(); }, this))
    , m_messages(new MessageBar)
    , m_reviewModel(new RowsModel(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, space::group, 0, 0);
    layout->setSpacing(space::group);
    layout->addWidget(makeTemplate());
    layout->addWidget(m_messages);
    layout->addWidget(makeBelow(), 1);
    setFocusProxy(m_template);
}

void TextStep::setSource(const data::ItemsSource &source, const QString &suggested)
{
    const auto suggest = [](QLineEdit *line, QString &before, const QString &now) {
        const bool untouched = line->text().isEmpty() || line->text() == before;
        before = now;
        if (untouched)
            line->setText(now);
    };
    suggest(m_title, m_suggestedTitle, braced(source.title));
    suggest(m_template, m_suggested, suggested);
    const bool same = m_rows && sameSource(source, m_source);
    m_source = source;
    if (same)
        return showRow();
    m_rows.reset();
    m_failure.clear();
    m_reading->run(
        [source](std::stop_token stop, const ProgressFn &) {
            return std::make_shared<const data::ItemsPreview>(
                data::previewItems(source, itemRows, descriptionRows, std::move(stop)));
        },
        [this](std::shared_ptr<const data::ItemsPreview> rows) { arrived(std::move(rows)); },
        [this](const QString &failure) {
            m_failure = failure;
            m_messages->show(MessageBar::Tone::Error, failure);
            Q_EMIT changed();
        });
}

void TextStep::setChoices(const data::ItemsSource &source)
{
    m_title->setText(source.titleTemplate.empty() ? braced(source.title)
                                                  : QString::fromStdString(source.titleTemplate));
    m_template->setText(QString::fromStdString(source.textTemplate));
    const data::Cleaning &cleaning = source.cleaning;
    const bool on[] = {cleaning.tags, cleaning.entities, cleaning.quotes, cleaning.refusals};
    for (int i = 0; i < 4; ++i)
        m_rules[i]->setChecked(on[i]);
    m_allColumns->setChecked(source.allColumns);
}

void TextStep::apply(data::ItemsSource &source) const
{
    const QString title = m_title->text().trimmed();
    source.titleTemplate.clear();
    if (title != braced(source.title)) { // a column alone is said by its name
        source.title.clear();
        source.titleTemplate = title.toStdString();
    }
    source.textTemplate = textTemplate();
    source.cleaning = cleaning();
    source.allColumns = m_allColumns->isChecked();
}

std::string TextStep::textTemplate() const
{
    return m_template->text().toStdString();
}

data::Cleaning TextStep::cleaning() const
{
    return {m_rules[0]->isChecked(), m_rules[1]->isChecked(), m_rules[2]->isChecked(), m_rules[3]->isChecked()};
}

QString TextStep::problem() const
{
    if (!m_failure.isEmpty())
        return m_failure;
    if (!m_rows)
        return tr("The items are being read.");
    return m_problem;
}

QString TextStep::cell(std::size_t row, const std::string &column) const
{
    const auto found = std::find(m_rows->columns.begin(), m_rows->columns.end(), column);
    return found == m_rows->columns.end()
               ? QString()
               : QString::fromStdString(m_rows->rows[row][static_cast<std::size_t>(found - m_rows->columns.begin())]);
}

void TextStep::arrived(std::shared_ptr<const data::ItemsPreview> rows)
{
    m_rows = std::move(rows);
    m_columns->clear();
    for (const std::string &column : m_rows->columns) {
        const QString name = QString::fromStdString(column);
        connect(m_columns->addAction(QString(name).replace(u'&', QStringLiteral("&&"))), &QAction::triggered, this,
                [this, name] {
                    m_into->insert(u'{' + name + u'}');
                    m_into->setFocus();
                });
    }
    m_row->setRange(1, std::max(1, static_cast<int>(m_rows->rows.size())));
    if (!fits(*m_rows, textTemplate())) // it was of other files
        m_template->setText(m_suggested);
    if (!fits(*m_rows, m_title->text().toStdString()))
        m_title->setText(m_suggestedTitle);
    edited();
}

void TextStep::edited()
{
    if (!m_rows)
        return;
    showRow();
    m_typed->trigger();
    Q_EMIT changed();
}

void TextStep::showRow()
{
    m_problem.clear();
    if (!m_rows || m_rows->rows.empty()) {
        m_text->clear();
        return;
    }
    const auto row = static_cast<std::size_t>(m_row->value() - 1);
    checkTemplates();
    const QString title = titleOf(row);
    m_item->setText(cell(row, m_source.id) + (title.isEmpty() ? QString() : QStringLiteral(" · ") + title));
    m_text->setPlainText(m_problem.isEmpty() ? QString::fromStdString(data::composeText(
                                                   textTemplate(), cleaning(), m_rows->columns, m_rows->rows[row]))
                                             : QString());
    m_text->setPlaceholderText(m_problem.isEmpty() ? tr("No text comes out for this row: the item will be left out.")
                                                   : QString());
    if (m_problem.isEmpty())
        m_messages->dismiss();
    else
        m_messages->show(MessageBar::Tone::Error, m_problem);
}

/// Says in m_problem what is wrong with the templates.
void TextStep::checkTemplates()
{
    if (m_template->text().trimmed().isEmpty()) {
        m_problem = tr("Say what the text is made of, such as {title}. {description}");
        return;
    }
    try {
        data::composeText(textTemplate(), {}, m_rows->columns, m_rows->rows.front());
        if (const std::string title = m_title->text().trimmed().toStdString(); !title.empty())
            data::composeText(title, {}, m_rows->columns, m_rows->rows.front(), "title template");
    } catch (const std::exception &error) {
        m_problem = describe(error);
    }
}

QString TextStep::titleOf(std::size_t row) const
{
    if (!m_problem.isEmpty() || m_title->text().trimmed().isEmpty())
        return {};
    return QString::fromStdString(
        data::composeText(m_title->text().toStdString(), cleaning(), m_rows->columns, m_rows->rows[row]));
}

TextStep::Reviewed TextStep::reviewed(const data::ItemsPreview &rows, const std::string &pattern,
                                      const data::Cleaning &cleaning, const std::stop_token &stop)
{
    Reviewed result;
    std::vector<std::size_t> named;
    const data::TextTemplate parsed(pattern, "text template");
    for (const std::string &column : parsed.columns()) {
        const auto found = std::find(rows.columns.begin(), rows.columns.end(), column);
        if (found != rows.columns.end())
            named.push_back(static_cast<std::size_t>(found - rows.columns.begin()));
    }
    data::Cleaning reading = cleaning; // to see what a refusal says, whether it counts or not
    reading.refusals = false;
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
        throwIfStopped(stop);
        const auto &cells = rows.rows[i];
        const bool refusal = std::any_of(named.begin(), named.end(), [&](std::size_t column) {
            return data::isRefusal(data::cleaned(cells[column], reading));
        });
        const bool empty = data::composeText(pattern, cleaning, rows.columns, cells).empty();
        if (refusal || empty)
            result.texts.push_back({refusal ? data::ReviewText::Kind::Refusal : data::ReviewText::Kind::Empty, i,
                                    QString::fromStdString(data::composeText(pattern, reading, rows.columns, cells))});
        ++result.looked;
    }
    return result;
}

void TextStep::lookThrough()
{
    if (!m_rows || !m_problem.isEmpty())
        return showReview({});
    m_looking->run([rows = m_rows, pattern = textTemplate(), rules = cleaning()](
                       std::stop_token stop, const ProgressFn &) { return reviewed(*rows, pattern, rules, stop); },
                   [this](const Reviewed &reviewed) { showReview(reviewed); },
                   [this](const QString &) { showReview({}); }); // said beside the template already
}

void TextStep::showReview(const Reviewed &reviewed)
{
    m_review = reviewed.texts;
    const auto refusals = std::count_if(m_review.begin(), m_review.end(), [](const Review &text) {
        return text.kind == data::ReviewText::Kind::Refusal;
    });
    m_reviewHead->setText(reviewed.looked == 0
                              ? tr("To be looked at")
                              : tr("To be looked at: %1, %2 empty among the first %3 items")
                                    .arg(format::plural(refusals, tr("1 refusal"), tr("%1 refusals")))
                                    .arg(format::count(static_cast<qint64>(m_review.size()) - refusals),
                                         format::count(static_cast<qint64>(reviewed.looked))));
    m_reviewModel->setRows({{tr("Why")}, {tr("Item")}, {tr("Text")}}, static_cast<int>(m_review.size()),
                           [this](int row, int column) {
                               const Review &text = m_review[static_cast<std::size_t>(row)];
                               if (column == 0)
                                   return text.kind == data::ReviewText::Kind::Refusal ? tr("refusal") : tr("empty");
                               const QString title = titleOf(text.row);
                               return column == 2 ? text.text : title.isEmpty() ? cell(text.row, m_source.id) : title;
                           });
    setColumnWidths(m_reviewView, {10, 28, 0});
}

} // namespace apiary::widgets
