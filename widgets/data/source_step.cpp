#include "widgets/data/source_step.h"

#include "widgets/data/file_row.h"
#include "widgets/data/parts.h"
#include "widgets/data/recipe_panel.h"
#include "widgets/data/table_preview.h"
#include "widgets/theme/theme.h"

#include <QGridLayout>
#include <QLabel>
#include <QListWidget>
#include <QTabWidget>
#include <QVBoxLayout>

namespace apiary::widgets {

SourceStep::SourceStep(QWidget *parent) : QWidget(parent), m_tabs(new QTabWidget)
{
    m_recipes = new RecipePanel;
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(makeFiles(), tr("Files of your own"));
    m_tabs->addTab(m_recipes, tr("A known dataset"));
    connect(m_tabs, &QTabWidget::currentChanged, this, [this] {
        setFocusProxy(recipesShown() ? static_cast<QWidget *>(m_recipes->list()) : m_interactions);
        Q_EMIT tabChanged();
    });
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_tabs);
}

QWidget *SourceStep::makeFiles()
{
    auto *page = new QWidget;
    auto *grid = new QGridLayout;
    grid->setHorizontalSpacing(space::section);
    grid->setVerticalSpacing(space::section);
    grid->setColumnStretch(1, 1);
    const auto add = [grid](const QString &name, const QString &what, const QString &hint) {
        auto *row = new FileRow(name, hint);
        auto *label = strongLabel(name);
        label->setBuddy(row);
        auto *note = mutedLabel(what);
        note->setFont(Theme::instance().smallFont());
        note->setFixedWidth(250);
        auto *left = new QVBoxLayout;
        left->setSpacing(space::tight);
        left->addWidget(label);
        left->addWidget(note);
        left->addStretch(1);
        const int at = grid->rowCount();
        grid->addLayout(left, at, 0);
        grid->addWidget(row, at, 1, Qt::AlignTop);
        return row;
    };
    m_interactions = add(tr("Interactions"),
                         tr("Who chose what: a row each, with a user and an item; rating and time where "
                            "there are any."),
                         tr("ratings.csv"));
    m_items = add(tr("Items"), tr("What the items are: a row each, with the id that the interactions name, and texts."),
                  tr("items.csv"));
    m_descriptions =
        add(tr("Descriptions"), tr("If longer texts lie in a file of their own: a row each, with the item's id."),
            tr("may stay empty"));
    auto *note = mutedLabel(
        tr("CSV, TSV or any other delimited text, JSON lines, Feather and Parquet, also in gzip or zip. Encoding, "
           "delimiter and the meaning of the columns are detected, and can be changed in the next step. "
           "Files may be dropped here."));
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(space::group, space::section, space::group, space::group);
    layout->setSpacing(space::section);
    layout->addLayout(grid);
    layout->addWidget(note);
    layout->addStretch(1);
    page->setFocusProxy(m_interactions);
    setFocusProxy(m_interactions);
    return page;
}

void SourceStep::showRecipes(bool shown)
{
    m_tabs->setCurrentIndex(shown ? 1 : 0);
}

bool SourceStep::recipesShown() const
{
    return m_tabs->currentWidget() == m_recipes;
}

void SourceStep::tell(FileRow *row, const TablePreview &preview)
{
    if (row->file().empty())
        return;
    if (preview.busy())
        row->setStatus(tr("reading the first rows …"), false);
    else if (preview.read())
        row->setStatus(preview.summary(), false);
    else
        row->setStatus(preview.problem(), true);
}

} // namespace apiary::widgets
