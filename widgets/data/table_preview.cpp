#include "widgets/data/table_preview.h"

#include "widgets/data/parts.h"
#include "widgets/data/rows_model.h"
#include "widgets/shell/page.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <memory>

namespace apiary::widgets {

namespace {

constexpr int previewRows = 50;
constexpr int widestColumn = 260;

QString kindText(data::FileKind kind)
{
    switch (kind) {
    case data::FileKind::Delimited:
        return TablePreview::tr("text with delimiters");
    case data::FileKind::JsonLines:
        return TablePreview::tr("JSON lines");
    case data::FileKind::Feather:
        return TablePreview::tr("Feather");
    case data::FileKind::Parquet:
        return TablePreview::tr("Parquet");
    case data::FileKind::Auto:
        break;
    }
    return TablePreview::tr("detect");
}

QString encodingText(data::Encoding encoding)
{
    switch (encoding) {
    case data::Encoding::Utf8:
        return QStringLiteral("UTF-8");
    case data::Encoding::Utf16Le:
        return QStringLiteral("UTF-16 LE");
    case data::Encoding::Utf16Be:
        return QStringLiteral("UTF-16 BE");
    case data::Encoding::Windows1252:
        return QStringLiteral("Windows-1252");
    case data::Encoding::Latin1:
        return QStringLiteral("Latin-1");
    case data::Encoding::Auto:
        break;
    }
    return TablePreview::tr("detect");
}

QLabel *caption(const QString &text, QWidget *of)
{
    auto *label = new QLabel(text);
    label->setBuddy(of);
    of->setAccessibleName(QString(text).remove(u'&'));
    return label;
}

} // namespace

TablePreview::TablePreview(TableUse use, QWidget *parent)
    : QWidget(parent)
    , m_use(use)
    , m_task(new TaskRunner(this))
    , m_what(new QLabel)
    , m_bad(mutedLabel())
    , m_messages(new MessageBar)
    , m_model(new RowsModel(this))
    , m_header(new RoleHeader(use))
    , m_view(makeRowList(m_model, tr("First rows of the file")))
{
    m_view->setHorizontalHeader(m_header);
    m_view->setSelectionMode(QAbstractItemView::NoSelection);
    m_header->setSectionResizeMode(QHeaderView::Interactive);
    Theme::instance().makeMuted(m_what);
    m_what->setTextFormat(Qt::PlainText);
    m_bad->hide();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, space::group, 0, 0);
    layout->setSpacing(space::group);
    layout->addWidget(makeFormat());
    layout->addWidget(makeNames());
    m_header->setTabBefore(m_names); // Tab goes from the format over the columns to the rows
    layout->addWidget(m_messages);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_bad);
    connect(m_header, &RoleHeader::rolesChanged, this, [this] {
        showProblem();
        Q_EMIT changed();
    });
    connect(m_header, &RoleHeader::focused, this,
            [this](int column) { m_view->scrollTo(m_model->index(0, column), QAbstractItemView::EnsureVisible); });
    connect(m_view->horizontalScrollBar(), &QScrollBar::valueChanged, m_header, [this] { m_header->follow(); });
}

QWidget *TablePreview::makeFormat()
{
    using data::Encoding;
    using data::FileKind;
    m_kind = new QComboBox;
    for (const FileKind kind :
         {FileKind::Auto, FileKind::Delimited, FileKind::JsonLines, FileKind::Feather, FileKind::Parquet})
        m_kind->addItem(kindText(kind), static_cast<int>(kind));
    m_encoding = new QComboBox;
    for (const Encoding encoding : {Encoding::Auto, Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be,
                                    Encoding::Windows1252, Encoding::Latin1})
        m_encoding->addItem(encodingText(encoding), static_cast<int>(encoding));
    m_delimiter = new QComboBox;
    m_delimiter->setEditable(true);
    m_delimiter->setInsertPolicy(QComboBox::NoInsert);
    for (const char *delimiter : {",", "\\t", ";", "|", "::", " "})
        m_delimiter->addItem(delimiterText(delimiter), QString::fromLatin1(delimiter));
    m_delimiter->setToolTip(tr("One to four characters; \\t is the tab"));
    m_headerRow = new QCheckBox(tr("first row has names"));
    m_quotes = new QCheckBox(tr("quoted fields"));
    m_quotes->setToolTip(tr("\"…\" encloses fields that hold delimiters and line ends"));

    auto *bar = new QWidget;
    auto *row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::group);
    row->addWidget(caption(tr("F&ormat"), m_kind));
    row->addWidget(m_kind);
    row->addWidget(caption(tr("&Encoding"), m_encoding));
    row->addWidget(m_encoding);
    row->addWidget(caption(tr("&Delimiter"), m_delimiter));
    row->addWidget(m_delimiter);
    row->addWidget(m_headerRow);
    row->addWidget(m_quotes);
    row->addStretch(1);
    row->addWidget(m_what);
    for (QComboBox *box : {m_kind, m_encoding, m_delimiter})
        connect(box, &QComboBox::activated, this, &TablePreview::formatEdited);
    connect(m_delimiter->lineEdit(), &QLineEdit::editingFinished, this, [this] {
        if (m_preview && m_delimiter->currentText() != delimiterText(m_preview->format.delimiter))
            formatEdited();
    });
    for (QCheckBox *box : {m_headerRow, m_quotes})
        connect(box, &QCheckBox::clicked, this, &TablePreview::formatEdited);
    return bar;
}

/// Names for the columns of a file that has none.
QWidget *TablePreview::makeNames()
{
    m_namesRow = new QWidget;
    m_names = new QLineEdit;
    m_names->setPlaceholderText(tr("user, item, rating, time"));
    m_names->setToolTip(tr("Names for the columns from the left, with commas between; those without one are numbered"));
    auto *row = new QHBoxLayout(m_namesRow);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::group);
    row->addWidget(caption(tr("&Names of the columns"), m_names));
    row->addWidget(m_names, 1);
    m_namesRow->hide();
    connect(m_names, &QLineEdit::editingFinished, this, &TablePreview::namesEdited);
    return m_namesRow;
}

void TablePreview::namesEdited()
{
    std::vector<std::string> names;
    for (const QString &name : m_names->text().split(u',', Qt::SkipEmptyParts))
        names.push_back(name.trimmed().toStdString());
    if (names == m_given.columns)
        return;
    m_given.columns = std::move(names);
    formatEdited();
}

void TablePreview::setFile(const std::filesystem::path &file, const data::TableFormat &format,
                           std::vector<Named> columns)
{
    m_file = file;
    m_given = format;
    m_named = std::move(columns);
    m_preview.reset();
    m_failure.clear();
    if (m_file.empty()) {
        m_task->cancel();
        m_header->setRoles({});
        m_model->clear();
        showProblem();
        Q_EMIT changed();
        return;
    }
    readAgain();
}

bool TablePreview::busy() const
{
    return m_task->busy();
}

void TablePreview::readAgain()
{
    m_task->run(
        [file = m_file, format = m_given](std::stop_token stop, const ProgressFn &) {
            return data::previewTable(file, format, previewRows, std::move(stop));
        },
        [this](data::Preview preview) { arrived(std::move(preview)); },
        [this](const QString &failure) {
            m_preview.reset();
            m_failure = failure;
            m_header->setRoles({});
            m_model->clear();
            showProblem();
            Q_EMIT changed();
        });
    Q_EMIT changed();
}

void TablePreview::arrived(data::Preview preview)
{
    const bool renamed = m_preview && m_preview->format.columns != preview.format.columns &&
                         m_preview->columns.size() == preview.columns.size();
    const bool sameColumns = m_preview && (renamed || m_preview->columns == preview.columns);
    std::vector<data::Role> roles = sameColumns ? m_header->roles() : preview.roles;
    if (!m_named.empty()) {
        std::fill(roles.begin(), roles.end(), data::Role::None);
        for (std::size_t i = 0; i < preview.columns.size(); ++i)
            for (const Named &named : m_named)
                if (named.column == preview.columns[i])
                    roles[i] = named.role;
        m_named.clear();
    }
    m_failure.clear();
    m_preview = std::move(preview);
    auto rows = std::make_shared<const std::vector<std::vector<std::string>>>(m_preview->rows);
    std::vector<RowsModel::Column> columns;
    for (const std::string &name : m_preview->columns)
        columns.push_back({QString::fromStdString(name)});
    m_header->setRoles({});
    m_model->setRows(std::move(columns), static_cast<int>(rows->size()), [rows](int row, int column) {
        return QString::fromStdString((*rows)[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)]);
    });
    m_header->setRoles(std::move(roles));
    constexpr int mostFitted = 200; // wider tables are there by mistake
    for (int column = 0; column < std::min(m_model->columnCount(), mostFitted); ++column) {
        const int wanted = m_view->fontMetrics().averageCharWidth() *
                           (4 + static_cast<int>(m_preview->columns[static_cast<std::size_t>(column)].size()));
        m_view->resizeColumnToContents(column);
        m_view->setColumnWidth(column,
                               std::clamp(m_view->columnWidth(column), std::min(wanted, widestColumn), widestColumn));
    }
    showFormat();
    showProblem();
    Q_EMIT changed();
}

void TablePreview::showFormat()
{
    const data::TableFormat &format = m_preview->format;
    const bool delimited = format.kind == data::FileKind::Delimited;
    const bool text = delimited || format.kind == data::FileKind::JsonLines;
    m_kind->setCurrentIndex(m_kind->findData(static_cast<int>(format.kind)));
    m_encoding->setCurrentIndex(m_encoding->findData(static_cast<int>(format.encoding)));
    m_delimiter->setCurrentText(delimited ? delimiterText(format.delimiter) : QString());
    m_headerRow->setChecked(format.header.value_or(true));
    m_quotes->setChecked(format.quotes.value_or(true));
    m_encoding->setEnabled(text);
    m_namesRow->setVisible(delimited && !m_headerRow->isChecked());
    if (!m_names->hasFocus()) {
        QStringList names;
        for (const std::string &name : m_given.columns)
            names << QString::fromStdString(name);
        m_names->setText(names.join(QStringLiteral(", ")));
    }
    for (QWidget *part :
         {static_cast<QWidget *>(m_delimiter), static_cast<QWidget *>(m_headerRow), static_cast<QWidget *>(m_quotes)})
        part->setEnabled(delimited);
}

void TablePreview::formatEdited()
{
    if (m_file.empty())
        return;
    const auto kind = static_cast<data::FileKind>(m_kind->currentData().toInt());
    if (kind != m_given.kind && m_preview && kind != m_preview->format.kind)
        m_given = {}; // what was found of one kind says nothing of another
    m_given.kind = kind;
    m_given.encoding = static_cast<data::Encoding>(m_encoding->currentData().toInt());
    if (kind == data::FileKind::Delimited && m_delimiter->isEnabled()) {
        const int known = m_delimiter->findText(m_delimiter->currentText());
        m_given.delimiter =
            (known >= 0 ? m_delimiter->itemData(known).toString() : m_delimiter->currentText()).toStdString();
        m_given.header = m_headerRow->isChecked();
        m_given.quotes = m_quotes->isChecked();
        if (*m_given.header)
            m_given.columns.clear();
    }
    readAgain();
}

QString TablePreview::problem() const
{
    if (!m_failure.isEmpty())
        return m_failure;
    if (!m_preview)
        return busy() ? tr("The file is being read.") : tr("No file is chosen.");
    if (m_preview->rows.empty() && m_preview->bad.empty())
        return tr("The file has no rows.");
    if (m_preview->rows.empty())
        return tr("None of the first rows can be used; the format is probably another.");
    QStringList missing;
    if (m_use == TableUse::Interactions && column(data::Role::User).empty())
        missing << roleText(data::Role::User, m_use);
    if (column(data::Role::Item).empty())
        missing << roleText(data::Role::Item, m_use);
    return missing.isEmpty()
               ? QString()
               : tr("Say which column is the %1: choose it above the column.").arg(missing.join(tr(" and which the ")));
}

void TablePreview::showProblem()
{
    const QString text = problem();
    if (m_file.empty() || busy() || text.isEmpty())
        m_messages->dismiss();
    else
        m_messages->show(m_failure.isEmpty() ? MessageBar::Tone::Warning : MessageBar::Tone::Error, text);
    m_what->setText(m_preview
                        ? tr("%1 columns · %2").arg(m_preview->columns.size()).arg(format::memory(m_preview->fileBytes))
                        : QString());
    const bool bad = m_preview && !m_preview->bad.empty();
    m_bad->setVisible(bad);
    if (!bad)
        return;
    QString lines = tr("Among the first rows %1 cannot be used:").arg(m_preview->bad.size());
    constexpr std::size_t shown = 3;
    for (std::size_t i = 0; i < std::min(shown, m_preview->bad.size()); ++i) {
        const data::BadRow &row = m_preview->bad[i];
        const QString place =
            row.column.empty() ? QString() : tr(", column %1").arg(QString::fromStdString(row.column));
        lines += tr("\nline %1%2: %3").arg(row.line).arg(place, QString::fromStdString(row.reason));
    }
    if (m_preview->bad.size() > shown)
        lines += QStringLiteral("\n…");
    m_bad->setText(lines);
}

QString TablePreview::summary() const
{
    if (!m_preview)
        return {};
    const data::TableFormat &format = m_preview->format;
    QString text = kindText(format.kind);
    if (format.kind == data::FileKind::Delimited)
        text = tr("delimiter %1").arg(delimiterText(format.delimiter));
    if (format.kind == data::FileKind::Delimited || format.kind == data::FileKind::JsonLines)
        text += QStringLiteral(", ") + encodingText(format.encoding);
    return tr("%1, %2 columns, %3")
        .arg(text, QString::number(m_preview->columns.size()), format::memory(m_preview->fileBytes));
}

data::TableFormat TablePreview::format() const
{
    if (!m_preview)
        return m_given;
    data::TableFormat format = m_preview->format;
    format.columns = m_given.columns;
    return format;
}

std::string TablePreview::column(data::Role role) const
{
    const std::vector<std::string> all = columns(role);
    return all.empty() ? std::string() : all.front();
}

std::vector<std::string> TablePreview::columns(data::Role role) const
{
    std::vector<std::string> names;
    const std::vector<data::Role> &roles = m_header->roles();
    for (std::size_t i = 0; m_preview && i < roles.size(); ++i)
        if (roles[i] == role)
            names.push_back(m_preview->columns[i]);
    return names;
}

} // namespace apiary::widgets
