#include "widgets/compare/compare_page.h"

#include "widgets/compare/comparison_delegate.h"
#include "widgets/compare/comparison_model.h"
#include "widgets/compare/forest_plot.h"
#include "widgets/compare/metric_bars.h"
#include "widgets/explore/run_chooser.h"
#include "widgets/shell/project_model.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QHeaderView>
#include <QLabel>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace apiary::widgets {

namespace {

QStackedWidget *framed(QWidget *plot)
{
    auto *stack = new QStackedWidget;
    stack->addWidget(plot);
    stack->setFrameShape(QFrame::StyledPanel);
    return stack;
}

} // namespace

ComparePage::ComparePage(ProjectSession *session, QWidget *parent)
    : Page(tr("Compare"), tr("Did it help on interactions that no model was trained on?"), parent)
    , m_session(session)
    , m_task(new TaskRunner(this))
    , m_model(new ComparisonModel(this))
    , m_rows(new ComparisonRowsModel(this))
    , m_testTask(new TaskRunner(this))
    , m_offers(new EncoderOffers(session, this))
{
    addActionWidget(new RunChooser(session));
    addActionWidget(makeSegments());
    addActionWidget(makeAdd());
    addActionWidget(makeExport());
    connect(&Theme::instance(), &Theme::changed, this, &ComparePage::setStyles); // before the plots, which draw by them
    setContent(makeContent());
    auto *empty = new EmptyState(QStringLiteral("compare"), tr("Nothing to compare yet"),
                                 tr("This page compares models on interactions that none of them was trained on, user "
                                    "by user. Train a run first."),
                                 tr("Go to Train"));
    connect(empty, &EmptyState::actionTriggered, this, &ComparePage::trainRequested);
    setEmptyState(empty);
    showEmpty(true);
    connect(session, &ProjectSession::currentRunChanged, this, [this] {
        cancelTesting();
        reload();
    });
    connect(m_testTask, &TaskRunner::progressed, this, &ComparePage::showTesting);
    connect(m_offers, &EncoderOffers::failed, this,
            [this](const QString &text) { messages()->show(MessageBar::Tone::Error, text); });
    connect(messages(), &MessageBar::actionTriggered, this, &ComparePage::undoRemoval);
    connect(session, &ProjectSession::runsChanged, this, &ComparePage::reload);
    connect(session, &ProjectSession::projectChanged, this, [this] {
        m_loaded.clear();
        reload();
    });
    connect(session, &ProjectSession::runFinished, this, &ComparePage::reload);
    connect(session, &ProjectSession::activeRunChanged, this, [this] {
        m_loaded.clear();
        reload();
    });
}

QWidget *ComparePage::makeMatrix()
{
    m_matrix = new QTableView;
    m_matrix->setModel(m_model);
    m_delegate = new ComparisonDelegate([this](const auto &model) { return styleOf(model); }, this);
    m_matrix->setItemDelegate(m_delegate);
    m_matrix->setAccessibleName(tr("Models and metrics"));
    m_matrix->setAccessibleDescription(tr("Enter makes the model of the row the baseline."));
    m_matrix->setSelectionMode(QAbstractItemView::SingleSelection);
    m_matrix->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_matrix->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_matrix->setShowGrid(false);
    m_matrix->setTabKeyNavigation(false);
    m_matrix->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_matrix->setContextMenuPolicy(Qt::CustomContextMenu);
    m_matrix->verticalHeader()->hide();
    m_matrix->horizontalHeader()->setHighlightSections(false);
    m_matrix->setMinimumWidth(320);
    m_matrix->installEventFilter(this);
    m_matrix->viewport()->installEventFilter(this);
    connect(m_matrix, &QTableView::customContextMenuRequested, this, &ComparePage::openMenu);
    connect(m_matrix, &QTableView::doubleClicked, this, [this](const QModelIndex &index) { pin(index.row()); });
    return m_matrix;
}

QWidget *ComparePage::makeTable()
{
    m_table = new QTableView;
    m_table->setModel(m_rows);
    m_table->setAccessibleName(tr("Table: values and differences to the baseline"));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setTabKeyNavigation(false);
    m_table->setShowGrid(false);
    m_table->setTextElideMode(Qt::ElideMiddle);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(24);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->viewport()->installEventFilter(this);
    return m_table;
}

QWidget *ComparePage::makeContent()
{
    const auto style = [this](const ComparedModel &model) { return styleOf(model); };
    m_forest = new ForestPlot(style);
    m_bars = new MetricBars(style);
    m_forestFrame = framed(m_forest);
    m_barsStack = framed(m_bars);
    m_barsStack->addWidget(makeTable());

    auto *top = new QSplitter(Qt::Horizontal);
    top->setObjectName(QStringLiteral("compareTopSplitter"));
    top->setChildrenCollapsible(false);
    top->addWidget(makeMatrix());
    top->addWidget(m_forestFrame);
    top->setStretchFactor(0, 3);
    top->setStretchFactor(1, 2);
    top->setSizes({660, 440});
    m_top = top;
    top->installEventFilter(this);
    connect(top, &QSplitter::splitterMoved, this, [this] {
        m_handleMoved = true;
        fitMatrix();
    });

    auto *both = new QSplitter(Qt::Vertical);
    both->setObjectName(QStringLiteral("compareSplitter"));
    both->setChildrenCollapsible(false);
    both->addWidget(top);
    both->addWidget(m_barsStack);
    both->setStretchFactor(0, 3);
    both->setStretchFactor(1, 2);
    both->setSizes({360, 220});

    m_note = new QLabel;
    m_note->setFont(Theme::instance().smallFont());
    m_note->setWordWrap(true);
    Theme::instance().makeMuted(m_note);

    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::group);
    layout->addWidget(both, 1);
    layout->addWidget(makeWork());
    layout->addWidget(m_note);
    return content;
}

} // namespace apiary::widgets
