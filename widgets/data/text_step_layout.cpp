// How the step of texts is put together.
#include "widgets/data/parts.h"
#include "widgets/data/rows_model.h"
#include "widgets/data/text_step.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace apiary::widgets {

QWidget *TextStep::makeTemplate()
{
    m_title = new QLineEdit;
    m_title->setAccessibleName(tr("Title of an item"));
    m_title->setPlaceholderText(tr("none: the ids are the titles"));
    m_title->setToolTip(tr("What lists call an item: a column in braces, or several: {title} ({year})"));
    m_template = new QLineEdit;
    m_template->setAccessibleName(tr("Template of the text"));
    m_template->setPlaceholderText(tr("{title}. {description}"));
    m_template->setToolTip(
        tr("Text with columns in braces. A part whose columns are all empty goes, with its label; {{ and "
           "}} stand for braces."));
    m_columns = new QMenu(this);
    m_insert = new QPushButton(tr("Insert column"));
    m_insert->setToolTip(tr("A column, where the cursor was last: in the title or in the text"));
    m_insert->setMenu(m_columns);
    m_insert->setFocusPolicy(Qt::TabFocus);
    m_into = m_template;
    for (QLineEdit *line : {m_title, m_template}) {
        connect(line, &QLineEdit::textChanged, this, &TextStep::edited);
        connect(line, &QLineEdit::cursorPositionChanged, this, [this, line] { m_into = line; });
    }

    auto *panel = new QWidget;
    const auto named = [](const QString &text, QWidget *of) {
        QLabel *label = strongLabel(text);
        label->setBuddy(of);
        return label;
    };
    auto *grid = new QGridLayout;
    grid->setHorizontalSpacing(space::section);
    grid->setVerticalSpacing(space::group);
    grid->setColumnStretch(1, 1);
    grid->addWidget(named(tr("T&itle of an item"), m_title), 0, 0);
    grid->addWidget(m_title, 0, 1);
    grid->addWidget(named(tr("&Text of an item"), m_template), 1, 0);
    grid->addWidget(m_template, 1, 1);
    grid->addWidget(m_insert, 1, 2);
    const std::pair<QString, QString> rules[] = {
        {tr("without HTML ta&gs"), tr("<b>, <p> … go; those that end a block leave a blank")},
        {tr("HTML &entities as characters"), tr("&amp;amp; becomes &amp;, &amp;#233; becomes é")},
        {tr("without &quotes around the whole"), tr("\"A film about …\" loses its quotation marks")},
        {tr("re&fusals count as no text"), tr("A language model's \"I cannot …\" is left out")}};
    auto *cleaning = new QHBoxLayout;
    cleaning->setSpacing(space::section);
    for (int i = 0; i < 4; ++i) {
        m_rules[i] = new QCheckBox(rules[i].first);
        m_rules[i]->setToolTip(rules[i].second);
        connect(m_rules[i], &QCheckBox::toggled, this, &TextStep::edited);
        cleaning->addWidget(m_rules[i]);
    }
    cleaning->addStretch(1);
    auto *cleaningLabel = strongLabel(tr("Cleaning"));
    grid->addWidget(cleaningLabel, 2, 0);
    grid->addLayout(cleaning, 2, 1, 1, 2);
    m_allColumns = new QCheckBox(tr("&keep also those that neither names"));
    m_allColumns->setChecked(true);
    m_allColumns->setToolTip(tr("They stay with the dataset and can be looked at; the encoder does not read them"));
    grid->addWidget(strongLabel(tr("Columns")), 3, 0);
    grid->addWidget(m_allColumns, 3, 1, 1, 2);
    auto *layout = new QVBoxLayout(panel);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(grid);
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
    m_reviewView = makeRowList(m_reviewModel, tr("Texts to be looked at"));
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

} // namespace apiary::widgets
