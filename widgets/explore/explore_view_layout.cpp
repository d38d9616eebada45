#include "widgets/explore/explore_view.h"

#include "widgets/explore/item_card.h"
#include "widgets/explore/item_search_model.h"
#include "widgets/explore/overlap_panel.h"
#include "widgets/explore/role_glyph.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QSplitter>
#include <QToolButton>
#include <QVBoxLayout>

namespace apiary::widgets {

namespace {

QToolButton *toolButton(const QString &icon, const QString &tip)
{
    auto *button = new QToolButton;
    button->setIcon(Theme::instance().icon(icon));
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setAutoRaise(true);
    return button;
}

} // namespace

ExploreView::ExploreView(QWidget *parent)
    : QWidget(parent)
    , m_task(new TaskRunner(this))
    , m_found(new ItemSearchModel(this))
    , m_strip(new ColumnStrip)
{
    connect(m_strip, &ColumnStrip::columnMade, this, &ExploreView::connectColumn);
    connect(m_strip, &ColumnStrip::orderAsked, this,
            [this](const QString &key, int place) { moveColumn(key.toStdString(), place); });
    m_card = new ItemCard(tr("Item in view"), tr("Search an item to see its neighbours."));
    m_other = new ItemCard(tr("Neighbour pointed at"), tr("Point at a neighbour to compare it with this item."));

    auto *cards = new QWidget;
    auto *cardLayout = new QVBoxLayout(cards);
    cardLayout->setContentsMargins(0, 0, space::group, 0);
    cardLayout->setSpacing(space::group);
    cardLayout->addWidget(m_card, 1);
    cardLayout->addWidget(m_other, 1);

    auto *splitter = new QSplitter(Qt::Horizontal);
    splitter->setObjectName(QStringLiteral("exploreSplitter"));
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(cards);
    splitter->addWidget(m_strip);
    splitter->setStretchFactor(0, 1);
    splitter->setStretchFactor(1, 5);
    splitter->setSizes({240, 900});

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::group);
    layout->addWidget(makeHeader());
    layout->addWidget(splitter, 1);
    makeSearch();
    makeShortcuts();
    updateButtons();
    arrange();
}

QWidget *ExploreView::makeSearchRow()
{
    auto *row = new QWidget;
    m_back = toolButton(QStringLiteral("back"), tr("Back to the item before (Alt+Left)"));
    m_forward = toolButton(QStringLiteral("forward"), tr("Forward (Alt+Right)"));
    connect(m_back, &QToolButton::clicked, this, [this] { goBack(); });
    connect(m_forward, &QToolButton::clicked, this, [this] { goForward(); });

    m_search = new QLineEdit;
    m_search->setPlaceholderText(tr("Search an item by title or id…"));
    m_search->setAccessibleName(tr("Search an item"));
    m_search->setClearButtonEnabled(true);
    m_search->addAction(Theme::instance().icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_search->setMinimumWidth(160);

    m_length = new QComboBox;
    for (const int k : {10, 20, 50})
        m_length->addItem(tr("%1 nearest").arg(k), k);
    m_length->setCurrentIndex(1);
    m_length->setToolTip(tr("Length of the lists"));
    m_length->setAccessibleName(m_length->toolTip());
    connect(m_length, &QComboBox::currentIndexChanged, this, [this] { lookUp(); });

    m_columnsButton = toolButton(QStringLiteral("columns"), tr("Choose the columns: encoders and interactions"));
    m_columnsButton->setText(tr("Columns"));
    m_columnsButton->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_columnsButton->setPopupMode(QToolButton::InstantPopup);

    auto *copy = toolButton(QStringLiteral("export"), tr("Copy the lists as CSV (Ctrl+Shift+C)"));
    connect(copy, &QToolButton::clicked, this, [this] { copyCsv(); });

    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::tight);
    layout->addWidget(m_back);
    layout->addWidget(m_forward);
    layout->addWidget(m_search, 1);
    layout->addSpacing(space::tight);
    layout->addWidget(m_columnsButton);
    layout->addWidget(m_length);
    layout->addWidget(copy);
    return row;
}

QWidget *ExploreView::makeLegend()
{
    const Theme &theme = Theme::instance();
    auto *legend = new QWidget;
    legend->setAccessibleName(tr("Legend"));
    auto *layout = new QHBoxLayout(legend);
    layout->setContentsMargins(space::tight, 0, 0, 0);
    layout->setSpacing(space::section);
    for (const auto role : {data::ItemRole::Train, data::ItemRole::Validation, data::ItemRole::Test})
        layout->addWidget(new RoleBadge(role));
    auto *moves = new QLabel(tr("▲▼ places against"));
    moves->setFont(theme.smallFont());
    theme.makeMuted(moves);
    m_reference = new QComboBox;
    m_reference->addItems({tr("the base encoder"), tr("the column to the left")});
    m_reference->setFont(theme.smallFont());
    m_reference->setAccessibleName(tr("What rank moves are counted against"));
    connect(m_reference, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_choice.reference = index == 1 ? MoveReference::Left : MoveReference::Base;
        showColumns();
        Q_EMIT choiceChanged();
    });
    auto *reference = new QHBoxLayout;
    reference->setSpacing(space::tight);
    reference->addWidget(moves);
    reference->addWidget(m_reference);
    layout->addLayout(reference);
    layout->addStretch(1);
    return legend;
}

QWidget *ExploreView::makeHeader()
{
    auto *header = new QWidget;
    m_overlap = new OverlapPanel;
    auto *left = new QVBoxLayout;
    left->setSpacing(space::group);
    left->addWidget(makeSearchRow());
    left->addWidget(makeLegend());
    left->addStretch(1);
    auto *layout = new QHBoxLayout(header);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::page);
    layout->addLayout(left, 1);
    layout->addWidget(m_overlap, 0, Qt::AlignTop);
    return header;
}

} // namespace apiary::widgets
