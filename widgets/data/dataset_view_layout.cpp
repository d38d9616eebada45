// How the view of a dataset is put together.
#include "widgets/data/dataset_view.h"
#include "widgets/data/length_plot.h"
#include "widgets/data/parts.h"
#include "widgets/data/rank_plot.h"
#include "widgets/data/rows_model.h"
#include "widgets/shell/page.h"
#include "widgets/shell/task.h"
#include "widgets/theme/parts.h"
#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QDesktopServices>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

namespace apiary::widgets {

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
    auto *scroll = new QScrollArea;
    scroll->setWidget(inside);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->viewport()->setAutoFillBackground(false);
    inside->setAutoFillBackground(false);
    return scroll;
}

QWidget *DatasetView::makeOverview()
{
    m_steps = makeRowList(m_stepModel, tr("What each filter left"));
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
    m_lengths = new LengthPlot;
    m_encoder = new QComboBox;
    m_encoder->setAccessibleName(tr("Encoder whose tokens are counted"));
    m_encoder->setMinimumContentsLength(18);
    m_encoder->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    connect(m_encoder, &QComboBox::activated, this, &DatasetView::measure);
    m_lengthNote = mutedLabel();
    m_lengthNote->hide();
    m_tableButton = makeToolButton(QStringLiteral("table"), tr("Table"), tr("The table behind the plots (Ctrl+T)"));
    m_tableButton->setCheckable(true);
    connect(m_tableButton, &QToolButton::clicked, this, &DatasetView::toggleTable);
    QToolButton *save = makeToolButton(QStringLiteral("export"), tr("Export"), tr("Save the plots, or their numbers"));
    save->setPopupMode(QToolButton::InstantPopup);
    auto *menu = new QMenu(save);
    const std::pair<QString, QString> kinds[] = {{tr("Pictures (PNG)…"), QStringLiteral("png")},
                                                 {tr("Drawings (SVG)…"), QStringLiteral("svg")},
                                                 {tr("Documents (PDF)…"), QStringLiteral("pdf")},
                                                 {tr("Numbers (CSV)…"), QStringLiteral("csv")}};
    for (const auto &[name, ending] : kinds)
        connect(menu->addAction(name), &QAction::triggered, this, [this, ending = ending] { exportPlots(ending); });
    save->setMenu(menu);

    const auto framed = [](QWidget *plot) {
        auto *frame = new QFrame;
        frame->setFrameShape(QFrame::StyledPanel);
        auto *inside = new QVBoxLayout(frame);
        inside->setContentsMargins(1, 1, 1, 1);
        inside->addWidget(plot);
        return frame;
    };
    auto *head = new QHBoxLayout;
    head->setSpacing(space::tight);
    head->addWidget(strongLabel(tr("Popularity and activity")), 1);
    head->addWidget(m_tableButton);
    head->addWidget(save);
    auto *lengthHead = new QHBoxLayout;
    lengthHead->setSpacing(space::group);
    lengthHead->addWidget(strongLabel(tr("Lengths of the texts")));
    lengthHead->addStretch(1);
    auto *by = new QLabel(tr("in tokens of"));
    by->setBuddy(m_encoder);
    lengthHead->addWidget(by);
    lengthHead->addWidget(m_encoder);
    auto *plots = new QWidget;
    auto *below = new QVBoxLayout(plots);
    below->setContentsMargins(0, 0, 0, 0);
    below->setSpacing(space::group);
    below->addWidget(framed(m_ranks), 1);
    below->addLayout(lengthHead);
    below->addWidget(m_lengthNote);
    below->addWidget(framed(m_lengths), 1);
    m_plotTable = makeRowList(m_plotTableModel, tr("Table behind the plots"));
    m_plotStack = new QStackedWidget;
    m_plotStack->addWidget(plots);
    m_plotStack->addWidget(m_plotTable);
    auto *panel = new QWidget;
    auto *layout = new QVBoxLayout(panel);
    layout->setContentsMargins(space::group, space::group, 0, 0);
    layout->setSpacing(space::tight);
    layout->addLayout(head);
    layout->addWidget(m_plotStack, 1);
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
    layout->addWidget(view, 1);
    if (items) {
        m_itemText = mutedLabel();
        m_itemText->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        m_itemText->setMinimumHeight(4 * QFontMetrics(font()).height());
        m_itemText->setAlignment(Qt::AlignLeft | Qt::AlignTop);
        layout->addWidget(m_itemText);
        connect(view->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &DatasetView::showItem);
    }
    return panel;
}

} // namespace apiary::widgets
