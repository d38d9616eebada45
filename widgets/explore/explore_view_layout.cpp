#include "widgets/explore/explore_view.h"

#include "widgets/explore/item_card.h"
#include "widgets/explore/item_search_model.h"
#include "widgets/explore/join_gutter.h"
#include "widgets/explore/overlap_panel.h"
#include "widgets/explore/role_glyph.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace apiary::widgets {

namespace {

/// The frame of one list, with the list's colour along its top edge.
class ListFrame : public QFrame {
public:
    explicit ListFrame(NeighbourView *view) : m_view(view)
    {
        setFrameShape(QFrame::StyledPanel);
        setAutoFillBackground(true);
        setBackgroundRole(QPalette::Base);
        connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
    }

protected:
    void paintEvent(QPaintEvent *event) override
    {
        QFrame::paintEvent(event);
        QPainter(this).fillRect(QRect(1, 1, width() - 2, 3), m_view->colour());
    }

private:
    NeighbourView *m_view;
};

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
    : QWidget(parent), m_task(new TaskRunner(this)), m_found(new ItemSearchModel(this))
{
    for (const auto list : allNeighbourLists) {
        m_models[at(list)] = new NeighbourModel(list, this);
        m_views[at(list)] = new NeighbourView(m_models[at(list)]);
        connect(m_views[at(list)], &NeighbourView::chosen, this, [this](int item) { goTo(item); });
        connect(m_views[at(list)], &NeighbourView::pointedAt, this, [this](int item) { setPointed(item); });
        connect(m_views[at(list)], &NeighbourView::left, this,
                [this, column = static_cast<int>(at(list))](int by) { moveBetween(column, by); });
    }
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
    splitter->addWidget(makeColumns());
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
    nameColumns();
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
    m_length->setToolTip(tr("Length of the three lists"));
    m_length->setAccessibleName(m_length->toolTip());
    connect(m_length, &QComboBox::currentIndexChanged, this, [this] { lookUp(); });

    auto *copy = toolButton(QStringLiteral("export"), tr("Copy the three lists as CSV (Ctrl+Shift+C)"));
    connect(copy, &QToolButton::clicked, this, [this] { copyCsv(); });

    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::tight);
    layout->addWidget(m_back);
    layout->addWidget(m_forward);
    layout->addWidget(m_search, 1);
    layout->addSpacing(space::tight);
    layout->addWidget(m_length);
    layout->addWidget(copy);
    return row;
}

QWidget *ExploreView::makeLegend() const
{
    const Theme &theme = Theme::instance();
    auto *legend = new QWidget;
    legend->setAccessibleName(tr("Legend"));
    auto *layout = new QHBoxLayout(legend);
    layout->setContentsMargins(space::tight, 0, 0, 0);
    layout->setSpacing(space::section);
    for (const auto role : {data::ItemRole::Train, data::ItemRole::Validation, data::ItemRole::Test})
        layout->addWidget(new RoleBadge(role));
    auto *moves = new QLabel(tr("▲▼ places against the base encoder"));
    moves->setFont(theme.smallFont());
    theme.makeMuted(moves);
    layout->addWidget(moves);
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
    auto *layout = new QHBoxLayout(header);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::page);
    layout->addLayout(left, 1);
    layout->addWidget(m_overlap, 0, Qt::AlignVCenter);
    return header;
}

QWidget *ExploreView::makeColumn(NeighbourList list)
{
    const Theme &theme = Theme::instance();
    auto *view = m_views[at(list)];
    auto *frame = new ListFrame(view);
    auto *name = new QLabel(listName(list));
    name->setFont(theme.strongFont());
    name->setBuddy(view);
    auto *source = new QLabel;
    source->setFont(theme.smallFont());
    source->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    source->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    source->setForegroundRole(QPalette::WindowText);
    theme.makeMuted(source);
    m_sources[at(list)] = source;

    auto *hint = new QLabel;
    hint->setWordWrap(true);
    hint->setAlignment(Qt::AlignCenter);
    hint->setMargin(space::section);
    hint->setForegroundRole(QPalette::WindowText);
    theme.makeMuted(hint);
    m_hints[at(list)] = hint;
    auto *stack = new QStackedWidget;
    stack->addWidget(view);
    stack->addWidget(hint);
    m_stacks[at(list)] = stack;

    auto *head = new QHBoxLayout;
    head->setContentsMargins(space::group, 12, space::group, space::tight);
    head->addWidget(name);
    head->addWidget(source, 1);
    auto *layout = new QVBoxLayout(frame);
    layout->setContentsMargins(1, 1, 1, 1);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(stack, 1);
    frame->setMinimumWidth(170);
    return frame;
}

QWidget *ExploreView::makeColumns()
{
    auto *columns = new QWidget;
    auto *layout = new QHBoxLayout(columns);
    layout->setContentsMargins(space::group, 0, 0, 0);
    layout->setSpacing(0);
    for (const auto list : allNeighbourLists) {
        if (at(list) > 0) {
            m_gutters[at(list) - 1] = new JoinGutter(m_views[at(list) - 1], m_views[at(list)]);
            layout->addWidget(m_gutters[at(list) - 1]);
        }
        layout->addWidget(makeColumn(list), 1);
    }
    m_hints[at(NeighbourList::Base)]->setText(tr("The base encoder's embeddings are not there yet."));
    m_hints[at(NeighbourList::Tuned)]->setText(tr("This run has no tuned encoder."));
    return columns;
}

void ExploreView::nameColumns()
{
    m_sources[at(NeighbourList::Base)]->setText(m_session ? QString::fromStdString(m_session->baseName) : QString());
    m_sources[at(NeighbourList::Tuned)]->setText(QString());
    m_sources[at(NeighbourList::Interactions)]->setText(tr("cosine of users"));
    for (auto *label : m_sources)
        label->setToolTip(label->text());
}

} // namespace apiary::widgets
