// How the view of a dataset is put together.
#include "widgets/data/dataset_view.h"
#include "widgets/data/length_plot.h"
#include "widgets/data/parts.h"
#include "widgets/data/plot_panel.h"
#include "widgets/data/rank_plot.h"
#include "widgets/data/rows_model.h"
#include "widgets/shell/page.h"
#include "widgets/shell/task.h"
#include "widgets/theme/legible_style.h"
#include "widgets/theme/parts.h"
#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QDesktopServices>
#include <QGridLayout>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>

namespace apiary::widgets {

namespace {

/// Shows that it has the focus.
class FactArea : public QScrollArea {
protected:
    bool viewportEvent(QEvent *event) override
    {
        const bool done = QScrollArea::viewportEvent(event);
        if (event->type() == QEvent::Paint && hasFocus()) {
            QPainter painter(viewport());
            drawFocusRing(painter, viewport()->rect());
        }
        return done;
    }
    void focusInEvent(QFocusEvent *event) override
    {
        QScrollArea::focusInEvent(event);
        viewport()->update();
    }
    void focusOutEvent(QFocusEvent *event) override
    {
        QScrollArea::focusOutEvent(event);
        viewport()->update();
    }
};

} // namespace

QWidget *DatasetView::makeHead()
{
    m_name = new QLabel;
    m_name->setFont(Theme::instance().strongFont());
    m_name->setTextFormat(Qt::PlainText);
    m_name->setWordWrap(true);
    m_name->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // a long name makes nothing wider
    m_where = new QLabel;
    m_where->setTextFormat(Qt::PlainText);
    m_where->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_where->setTextInteractionFlags(Qt::TextSelectableByMouse);
    Theme::instance().makeMuted(m_where);
    m_use = new QPushButton(tr("Use for training"));
    m_use->setObjectName(QStringLiteral("useDataset"));
    m_use->setToolTip(tr("Put this dataset into the settings of the Train page"));
    m_use->setMinimumSize(148, 32);
    Theme::instance().makePrimary(m_use);
    m_open = makeToolButton(QStringLiteral("open"), tr("Open folder"),
                            tr("Its tables, the rows that could not be used and the texts to be looked at, as files"));
    m_again = makeToolButton(QStringLiteral("reset"), tr("Import again…"),
                             tr("Go through the import once more, with its files and choices filled in"));
    m_remove = makeToolButton(QStringLiteral("trash"), tr("Remove"),
                              tr("Take it out of the project (Del in the list); it can be undone"));
    connect(m_use, &QPushButton::clicked, this, &DatasetView::useRequested);
    connect(m_again, &QToolButton::clicked, this, &DatasetView::againRequested);
    connect(m_remove, &QToolButton::clicked, this, &DatasetView::removeRequested);
    connect(m_open, &QToolButton::clicked, this, [this] {
        if (m_dataset)
            QDesktopServices::openUrl(QUrl::fromLocalFile(QString::fromStdString(m_dataset->folder.string())));
    });
    auto *head = new QWidget;
    auto *texts = new QVBoxLayout;
    texts->setSpacing(0);
    texts->addWidget(m_name);
    texts->addWidget(m_where);
    auto *row = new QHBoxLayout(head);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::group);
    row->addLayout(texts, 1);
    row->addWidget(m_open);
    row->addWidget(m_again);
    row->addWidget(m_remove);
    row->addWidget(m_use);
    return head;
}

QWidget *DatasetView::makeFacts()
{
    auto *inside = new QWidget;
    m_grid = new QGridLayout;
    m_grid->setHorizontalSpacing(space::section);
    m_grid->setVerticalSpacing(6);
    m_grid->setColumnStretch(1, 1);
    m_warnings = mutedLabel();
    m_warnings->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto *layout = new QVBoxLayout(inside);
    layout->setContentsMargins(0, 0, space::group, 0);
    layout->setSpacing(space::group);
    layout->addLayout(m_grid);
    layout->addWidget(m_warnings);
    layout->addStretch(1);
    auto *scroll = new FactArea;
    scroll->setWidget(inside);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    connect(scroll->verticalScrollBar(), &QScrollBar::rangeChanged, scroll, [scroll](int, int most) {
        scroll->setFocusPolicy(most > 0 ? Qt::StrongFocus : Qt::NoFocus); // a stop only where the keys move something
    });
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->viewport()->setAutoFillBackground(false);
    inside->setAutoFillBackground(false);
    return scroll;
}

QWidget *DatasetView::makeOverview()
{
    m_steps = makeRowList(m_stepModel, tr("What each filter left"));
    m_steps->setWordWrap(true);
    connect(m_steps->horizontalHeader(), &QHeaderView::sectionResized, this, &DatasetView::fitSteps);
    auto *left = new QWidget;
    auto *leftLayout = new QVBoxLayout(left);
    leftLayout->setContentsMargins(0, space::group, space::group, 0);
    leftLayout->setSpacing(space::group);
    leftLayout->addWidget(m_steps);
    leftLayout->addWidget(makeFacts(), 1);
    auto *across = new QSplitter(Qt::Horizontal);
    across->addWidget(left);
    across->addWidget(makePlots());
    across->setChildrenCollapsible(false);
    across->setStretchFactor(0, 2);
    across->setStretchFactor(1, 3);
    across->setSizes({400, 560});
    return across;
}

QWidget *DatasetView::makePlots()
{
    m_ranks = new RankPlot;
    m_rankPanel = new PlotPanel(tr("Popularity and activity"), m_ranks, QStringLiteral("popularity"));
    m_itemCurveList = m_rankPanel->addTable(m_itemCurve, tr("Popularity of items"));
    m_userCurveList = m_rankPanel->addTable(m_userCurve, tr("Activity of users"));
    m_lengths = new LengthPlot;
    m_lengthPanel = new PlotPanel(tr("Lengths of the texts"), m_lengths, QStringLiteral("lengths"));
    m_lengthList = m_lengthPanel->addTable(m_lengthModel, tr("Lengths of the texts"));
    m_encoder = new QComboBox;
    m_encoder->setAccessibleName(tr("Encoder whose tokens are counted"));
    m_encoder->setMinimumContentsLength(14);
    m_encoder->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    connect(m_encoder, &QComboBox::activated, this, &DatasetView::measure);
    auto *by = new QLabel(tr("in tokens of"));
    by->setBuddy(m_encoder);
    m_lengthPanel->addControl(by);
    m_lengthPanel->addControl(m_encoder);
    auto *panel = new QWidget;
    auto *layout = new QVBoxLayout(panel);
    layout->setContentsMargins(space::group, space::group, 0, 0);
    layout->setSpacing(space::group);
    for (PlotPanel *plot : {m_rankPanel, m_lengthPanel}) {
        layout->addWidget(plot, 1);
        connect(plot, &PlotPanel::failed, this,
                [this](const QString &text) { m_messages->show(MessageBar::Tone::Error, text); });
        connect(plot, &PlotPanel::exported, this, [this](const QString &file) {
            m_messages->show(MessageBar::Tone::Info, tr("Saved to %1").arg(file), {}, 4000);
        });
    }
    return panel;
}

QWidget *DatasetView::makeSearch(bool items)
{
    QLineEdit *&field = items ? m_itemSearch : m_userSearch;
    QLabel *&found = items ? m_itemFound : m_userFound;
    QTableView *&view = items ? m_items : m_users;
    Debounce *typed = items ? m_itemTyped : m_userTyped;
    field = new QLineEdit;
    field->setPlaceholderText(items ? tr("Search by title, id or text; the most popular where nothing is typed")
                                    : tr("Search by id; the most active where nothing is typed"));
    field->setAccessibleName(items ? tr("Search an item") : tr("Search a user"));
    field->setClearButtonEnabled(true);
    field->addAction(Theme::instance().icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    connect(field, &QLineEdit::textChanged, typed, &Debounce::trigger);
    connect(field, &QLineEdit::returnPressed, this, [this, items] { (items ? m_items : m_users)->setFocus(); });
    found = new QLabel;
    Theme::instance().makeMuted(found);
    view = makeRowList(items ? m_itemModel : m_userModel, items ? tr("Items") : tr("Users"));
    auto *head = new QHBoxLayout;
    head->setSpacing(space::group);
    head->addWidget(field, 1);
    head->addWidget(found);
    auto *panel = new QWidget;
    auto *layout = new QVBoxLayout(panel);
    layout->setContentsMargins(0, space::group, 0, 0);
    layout->setSpacing(space::group);
    layout->addLayout(head);
    layout->addWidget(makeFound(items), 1);
    return panel;
}

/// What a search found, or that it found nothing.
QWidget *DatasetView::makeFound(bool items)
{
    QStackedWidget *&stack = items ? m_itemStack : m_userStack;
    EmptyState *&none = items ? m_noItem : m_noUser;
    stack = new QStackedWidget;
    none = new EmptyState(QStringLiteral("search"), items ? tr("No item found") : tr("No user found"), {},
                          tr("Clear the search"));
    connect(none, &EmptyState::actionTriggered, this, [field = items ? m_itemSearch : m_userSearch] {
        field->clear();
        field->setFocus();
    });
    auto *body = new QWidget;
    auto *layout = new QVBoxLayout(body);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::group);
    layout->addWidget(items ? m_items : m_users, 1);
    if (items) {
        m_itemText = mutedLabel();
        m_itemText->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        m_itemText->setMinimumHeight(4 * QFontMetrics(font()).height());
        m_itemText->setAlignment(Qt::AlignLeft | Qt::AlignTop);
        layout->addWidget(m_itemText);
        connect(m_items->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &DatasetView::showItem);
    }
    stack->addWidget(body);
    stack->addWidget(none);
    return stack;
}

/// The list of steps is as high as its rows, whose names may take two lines.
void DatasetView::fitSteps()
{
    if (m_fitting)
        return;
    m_fitting = true;
    constexpr int most = 10, frame = 4, air = 8, tries = 3;
    const QFontMetrics metrics(m_steps->font());
    for (int i = 0; i < tries; ++i) { // other heights may bring or take a scroll bar, and with it another width
        const int width = m_steps->columnWidth(0);
        int height = m_steps->horizontalHeader()->sizeHint().height() + frame;
        for (int row = 0; row < m_stepModel->rowCount(); ++row) {
            const QString text = m_stepModel->index(row, 0).data().toString();
            const QRect room(0, 0, std::max(1, width - air), 1000);
            const int rowHeight = metrics.boundingRect(room, Qt::TextWordWrap, text).height() + air;
            m_steps->setRowHeight(row, rowHeight);
            height += row < most ? rowHeight : 0;
        }
        m_steps->setFixedHeight(height);
        if (m_steps->columnWidth(0) == width)
            break;
    }
    m_fitting = false;
}

} // namespace apiary::widgets
