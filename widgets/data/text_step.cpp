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
#include <QSplitter>
#include <QTableView>
#include <QToolButton>
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

QWidget *TextStep::makeTemplate()
{
    m_template = new QLineEdit;
    m_template->setAccessibleName(tr("Template of the text"));
    m_template->setPlaceholderText(tr("{title}. {description}"));
    m_template->setToolTip(
        tr("Text with columns in braces. A part whose columns are all empty goes, with its label; {{ and "
           "}} stand for braces."));
    m_columns = new QMenu(this);
    m_insert = new QToolButton;
    m_insert->setText(tr("Insert column"));
    m_insert->setPopupMode(QToolButton::InstantPopup);
    m_insert->setMenu(m_columns);
    m_insert->setFocusPolicy(Qt::TabFocus);
    connect(m_template, &QLineEdit::textChanged, this, &TextStep::edited);

    auto *panel = new QWidget;
    auto *label = strongLabel(tr("&Text of an item"));
    label->setBuddy(m_template);
    auto *line = new QHBoxLayout;
    line->setSpacing(space::group);
    line->addWidget(label);
    line->addWidget(m_template, 1);
    line->addWidget(m_insert);
    const std::pair<QString, QString> rules[] = {
        {tr("without HTML &tags"), tr("<b>, <p> … go; those that end a block leave a blank")},
        {tr("HTML &entities as characters"), tr("&amp;amp; becomes &amp;, &amp;#233; becomes é")},
        {tr("without &quotes around the whole"), tr("\"A film about …\" loses its quotation marks")},
        {tr("&refusals count as no text"), tr("A language model's \"I cannot …\" is left out")}};
    auto *cleaning = new QHBoxLayout;
    cleaning->setSpacing(space::section);
    cleaning->addWidget(mutedLabel(tr("Cleaning")));
    for (int i = 0; i < 4; ++i) {
        m_rules[i] = new QCheckBox(rules[i].first);
        m_rules[i]->setToolTip(rules[i].second);
        connect(m_rules[i], &QCheckBox::toggled, this, &TextStep::edited);
        cleaning->addWidget(m_rules[i]);
    }
    cleaning->addStretch(1);
    auto *layout = new QVBoxLayout(panel);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::group);
    layout->addLayout(line);
    layout->addLayout(cleaning);
    return panel;
}

QWidget *TextStep::makeBelow()
{
    m_row = new QSpinBox;
    m_row->setAccessibleName(tr("Row that is shown"));
    m_row->setAlignment(Qt::AlignRight);
    m_row->setMinimum(1);
    m_item = new QLabel;
    m_item->setTextFormat(Qt::PlainText);
    m_item->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    Theme::instance().makeMuted(m_item);
    m_text = new QPlainTextEdit;
    m_text->setReadOnly(true);
    m_text->setTabChangesFocus(true);
    m_text->setAccessibleName(tr("Text of that row"));
    connect(m_row, &QSpinBox::valueChanged, this, &TextStep::showRow);
    auto *left = new QWidget;
    auto *head = new QHBoxLayout;
    head->setSpacing(space::group);
    head->addWidget(strongLabel(tr("As the encoder reads row")));
    head->addWidget(m_row);
    head->addWidget(m_item, 1);
    auto *leftLayout = new QVBoxLayout(left);
    leftLayout->setContentsMargins(0, 0, space::group, 0);
    leftLayout->addLayout(head);
    leftLayout->addWidget(m_text, 1);

    m_reviewHead = strongLabel(tr("To be looked at"));
    m_reviewHead->setMinimumHeight(m_row->sizeHint().height());
    m_reviewView = rowsView(m_reviewModel, tr("Texts to be looked at"));
    connect(m_reviewView->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex &current) {
                if (current.isValid())
                    m_row->setValue(static_cast<int>(m_review[static_cast<std::size_t>(current.row())].row) + 1);
            });
    auto *right = new QWidget;
    auto *rightLayout = new QVBoxLayout(right);
    rightLayout->setContentsMargins(space::group, 0, 0, 0);
    rightLayout->addWidget(m_reviewHead);
    rightLayout->addWidget(m_reviewView, 1);
    auto *across = new QSplitter(Qt::Horizontal);
    across->addWidget(left);
    across->addWidget(right);
    across->setChildrenCollapsible(false);
    across->setSizes({500, 500});
    return across;
}

void TextStep::setSource(const data::ItemsSource &source, const QString &suggested)
{
    const bool untouched = m_template->text().isEmpty() || m_template->text() == m_suggested;
    m_suggested = suggested;
    if (untouched)
        m_template->setText(suggested);
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

void TextStep::setChoices(const std::string &textTemplate, const data::Cleaning &cleaning)
{
    m_template->setText(QString::fromStdString(textTemplate));
    const bool on[] = {cleaning.tags, cleaning.entities, cleaning.quotes, cleaning.refusals};
    for (int i = 0; i < 4; ++i)
        m_rules[i]->setChecked(on[i]);
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
                    m_template->insert(u'{' + name + u'}');
                    m_template->setFocus();
                });
    }
    m_row->setRange(1, std::max(1, static_cast<int>(m_rows->rows.size())));
    if (!fits(*m_rows, textTemplate())) // it was of other files
        m_template->setText(m_suggested);
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
    const QString title = cell(row, m_source.title);
    m_item->setText(cell(row, m_source.id) + (title.isEmpty() ? QString() : QStringLiteral(" · ") + title));
    if (m_template->text().trimmed().isEmpty())
        m_problem = tr("Say what the text is made of, such as {title}. {description}");
    try {
        const QString text = m_problem.isEmpty() ? QString::fromStdString(data::composeText(
                                                       textTemplate(), cleaning(), m_rows->columns, m_rows->rows[row]))
                                                 : QString();
        m_text->setPlainText(text);
        m_text->setPlaceholderText(tr("No text comes out for this row: the item will be left out."));
    } catch (const std::exception &error) {
        m_problem = describe(error);
        m_text->clear();
        m_text->setPlaceholderText({});
    }
    if (m_problem.isEmpty())
        m_messages->dismiss();
    else
        m_messages->show(MessageBar::Tone::Error, m_problem);
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
    m_reviewHead->setText(reviewed.looked == 0 ? tr("To be looked at")
                                               : tr("To be looked at: %1 refusals, %2 empty among the first %3 items")
                                                     .arg(refusals)
                                                     .arg(static_cast<qsizetype>(m_review.size()) - refusals)
                                                     .arg(reviewed.looked));
    m_reviewModel->setRows({{tr("Why")}, {tr("Item")}, {tr("Text")}}, static_cast<int>(m_review.size()),
                           [this](int row, int column) {
                               const Review &text = m_review[static_cast<std::size_t>(row)];
                               if (column == 0)
                                   return text.kind == data::ReviewText::Kind::Refusal ? tr("refusal") : tr("empty");
                               const QString title = cell(text.row, m_source.title);
                               return column == 2 ? text.text : title.isEmpty() ? cell(text.row, m_source.id) : title;
                           });
    setColumnWidths(m_reviewView, {10, 28, 30}, 2);
}

} // namespace apiary::widgets
