// How the Train page is put together.
#include "widgets/shell/project_model.h"
#include "widgets/shell/run_controller.h"
#include "widgets/theme/parts.h"
#include "widgets/train/config_form.h"
#include "widgets/train/curve_plot.h"
#include "widgets/train/curve_table_model.h"
#include "widgets/train/estimate_panel.h"
#include "widgets/train/run_list_model.h"
#include "widgets/train/train_page.h"

#include <QAction>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

namespace apiary::widgets {

QToolButton *TrainPage::tool(const QString &icon, const QString &text)
{
    auto *button = new QToolButton;
    button->setIcon(Theme::instance().icon(icon));
    button->setText(text);
    button->setToolTip(text);
    button->setAccessibleName(text);
    button->setAutoRaise(true);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    return button;
}

QWidget *TrainPage::makeForm()
{
    m_form = new ConfigForm;
    m_estimate = new EstimatePanel(m_session);
    m_formMessages = new MessageBar;
    m_start = new QPushButton(tr("Start training"));
    m_start->setToolTip(tr("Start a run with these settings (Ctrl+Return)"));
    m_start->setObjectName(QStringLiteral("start"));
    m_start->setMinimumHeight(34);
    Theme::instance().makePrimary(m_start);

    auto *panel = new QWidget;
    auto *layout = new QVBoxLayout(panel);
    layout->setContentsMargins(0, 0, space::group, 0);
    layout->setSpacing(space::group);
    layout->addWidget(m_form, 1);
    layout->addWidget(hairline());
    layout->addWidget(m_estimate);
    layout->addWidget(m_formMessages);
    layout->addWidget(m_start);
    connect(m_form, &ConfigForm::changed, this, [this] {
        m_formMessages->dismiss(); // it was of the settings before
        m_estimate->setSpec(m_form->spec());
    });
    connect(m_start, &QPushButton::clicked, this, &TrainPage::start);
    return panel;
}

QWidget *TrainPage::makeToolbar()
{
    auto *bar = new QWidget;
    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::tight);

    m_metric = new QComboBox;
    m_metric->setToolTip(tr("The metric of the middle curve, on validation items"));
    m_metric->setAccessibleName(tr("Metric shown"));
    m_metric->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_metric->setMinimumContentsLength(10);
    m_metric->addItems({QStringLiteral("ndcg@100"), QStringLiteral("recall@20"), QStringLiteral("recall@50")});
    connect(m_metric, &QComboBox::activated, this, [this](int index) { m_plot->setMetric(m_metric->itemText(index)); });
    auto *across = new QComboBox;
    across->addItems({tr("by step"), tr("by time")});
    across->setToolTip(tr("What the horizontal axes show"));
    across->setAccessibleName(tr("Horizontal axis"));
    connect(across, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_plot->setAbscissa(index == 0 ? CurvePlot::Abscissa::Step : CurvePlot::Abscissa::Time);
    });

    QToolButton *log = tool(QStringLiteral("log"), tr("Log axes"));
    log->setToolTip(tr("Axes with a logarithmic scale"));
    log->setPopupMode(QToolButton::InstantPopup);
    auto *logMenu = new QMenu(log);
    const std::pair<QString, CurvePlot::Panel> panels[] = {{tr("Loss"), CurvePlot::Panel::Loss},
                                                           {tr("Metric"), CurvePlot::Panel::Metric},
                                                           {tr("Memory"), CurvePlot::Panel::Memory}};
    for (const auto &[name, panel] : panels) {
        QAction *action = logMenu->addAction(name);
        action->setCheckable(true);
        connect(action, &QAction::toggled, this, [this, panel = panel](bool on) { m_plot->setLogarithmic(panel, on); });
    }
    QAction *horizontal = logMenu->addAction(tr("Steps or time"));
    horizontal->setCheckable(true);
    connect(horizontal, &QAction::toggled, this, [this](bool on) { m_plot->setLogarithmicX(on); });
    log->setMenu(logMenu);

    m_fit = tool(QStringLiteral("fit"), tr("Fit"));
    m_fit->setToolTip(tr("Show everything and follow the run again (double-click in the plot)"));
    connect(m_fit, &QToolButton::clicked, this, [this] { m_plot->fit(); });
    connect(m_plot, &CurvePlot::followingChanged, m_fit, [this](bool following) { m_fit->setEnabled(!following); });
    m_fit->setEnabled(false);

    m_tableButton = tool(QStringLiteral("table"), tr("Table"));
    m_tableButton->setToolTip(tr("The table behind the curves (Ctrl+T)"));
    m_tableButton->setCheckable(true);
    connect(m_tableButton, &QToolButton::clicked, this, [this](bool on) { m_plotStack->setCurrentIndex(on ? 1 : 0); });

    QToolButton *save = tool(QStringLiteral("export"), tr("Export"));
    save->setToolTip(tr("Save the curves as a picture or as numbers"));
    save->setPopupMode(QToolButton::InstantPopup);
    auto *menu = new QMenu(save);
    const std::pair<QString, QString> kinds[] = {{tr("Picture (PNG)…"), QStringLiteral("png")},
                                                 {tr("Drawing (SVG)…"), QStringLiteral("svg")},
                                                 {tr("Document (PDF)…"), QStringLiteral("pdf")},
                                                 {tr("Numbers (CSV)…"), QStringLiteral("csv")}};
    for (const auto &[name, ending] : kinds)
        connect(menu->addAction(name), &QAction::triggered, this, [this, ending = ending] { exportDialog(ending); });
    save->setMenu(menu);

    layout->addWidget(m_metric);
    layout->addWidget(across);
    layout->addStretch(1);
    for (QToolButton *button : {log, m_fit, m_tableButton, save})
        layout->addWidget(button);
    return bar;
}

QWidget *TrainPage::makeCurves()
{
    m_plot = new CurvePlot;
    m_tableModel = new CurveTableModel(this);
    m_table = new QTableView;
    m_table->setModel(m_tableModel);
    m_table->verticalHeader()->hide();
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setAccessibleName(tr("Table behind the curves"));
    m_plotStack = new QStackedWidget;
    auto *frame = new QFrame; // the plot's ground, edged like the table
    frame->setFrameShape(QFrame::StyledPanel);
    auto *inside = new QVBoxLayout(frame);
    inside->setContentsMargins(1, 1, 1, 1);
    inside->addWidget(m_plot);
    m_plotStack->addWidget(frame);
    m_plotStack->addWidget(m_table);

    auto *panel = new QWidget;
    auto *layout = new QVBoxLayout(panel);
    layout->setContentsMargins(space::group, 0, 0, 0);
    layout->setSpacing(space::tight);
    layout->addWidget(makeToolbar());
    layout->addWidget(m_plotStack, 1);
    return panel;
}

QWidget *TrainPage::makeRuns()
{
    m_runModel = new RunListModel(m_session, this);
    m_runs = new QTableView;
    m_runs->setModel(m_runModel);
    m_runs->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_runs->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_runs->setShowGrid(false);
    m_runs->setWordWrap(false);
    m_runs->verticalHeader()->hide();
    m_runs->verticalHeader()->setDefaultSectionSize(QFontMetrics(font()).height() + 8);
    m_runs->horizontalHeader()->setHighlightSections(false);
    m_runs->setAccessibleName(tr("Runs of the project"));
    m_runs->setToolTip(tr("Select a run to see its curves; with Ctrl or Shift several, one over the other"));
    m_runs->setContextMenuPolicy(Qt::ActionsContextMenu);
    const QFontMetrics metrics(font());
    const int widths[] = {8, 24, 13, 10, 20, 9, 11, 21, 13};
    for (int i = 0; i < RunListModel::ColumnCount; ++i)
        m_runs->setColumnWidth(i, metrics.averageCharWidth() * widths[i]);
    m_runs->horizontalHeader()->setSectionResizeMode(RunListModel::Name, QHeaderView::Stretch);
    m_runs->horizontalHeader()->setMinimumSectionSize(40);
    const auto selectedColour = [this] { // the selected run carries the accent
        QPalette p;
        p.setColor(QPalette::Highlight, Theme::instance().accent());
        p.setColor(QPalette::HighlightedText, Theme::instance().onAccent());
        m_runs->setPalette(p);
    };
    selectedColour();
    connect(&Theme::instance(), &Theme::changed, m_runs, selectedColour);

    m_log = new QPlainTextEdit;
    m_log->setReadOnly(true);
    m_log->setMaximumBlockCount(5000);
    m_log->setFrameShape(QFrame::NoFrame);
    m_log->setAccessibleName(tr("Log of the run"));
    m_log->setPlaceholderText(tr("What the selected run reported appears here."));

    m_use = tool(QStringLiteral("back"), tr("Use its settings"));
    m_use->setToolTip(tr("Put the settings of the selected run into the form"));
    m_delete = tool(QStringLiteral("trash"), tr("Delete"));
    m_delete->setToolTip(tr("Delete the selected runs (Del); it can be undone"));
    connect(m_use, &QToolButton::clicked, this, &TrainPage::useSettings);
    connect(m_delete, &QToolButton::clicked, this, &TrainPage::deleteSelected);
    auto *useAction = new QAction(m_use->icon(), m_use->text(), m_runs);
    connect(useAction, &QAction::triggered, this, &TrainPage::useSettings);
    auto *deleteAction = new QAction(m_delete->icon(), m_delete->text(), m_runs);
    deleteAction->setShortcut(QKeySequence(Qt::Key_Delete));
    deleteAction->setShortcutContext(Qt::WidgetShortcut);
    connect(deleteAction, &QAction::triggered, this, &TrainPage::deleteSelected);
    m_runs->addActions({useAction, deleteAction});

    m_tabs = new QTabWidget;
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_runs, tr("Runs"));
    m_tabs->addTab(m_log, tr("Log"));
    auto *corner = new QWidget;
    auto *row = new QHBoxLayout(corner);
    row->setContentsMargins(0, 0, 0, 2);
    row->setSpacing(space::tight);
    row->addWidget(m_use);
    row->addWidget(m_delete);
    m_tabs->setCornerWidget(corner);
    connect(m_runs->selectionModel(), &QItemSelectionModel::selectionChanged, this, &TrainPage::selectionChanged);

    auto *panel = new QWidget;
    auto *layout = new QVBoxLayout(panel);
    layout->setContentsMargins(space::group, space::group, 0, 0);
    layout->addWidget(m_tabs);
    return panel;
}

void TrainPage::saveLayout() const
{
    QSettings settings;
    settings.setValue(QStringLiteral("train/across"), m_across->saveState());
    settings.setValue(QStringLiteral("train/down"), m_down->saveState());
    settings.setValue(QStringLiteral("train/columns"), m_runs->horizontalHeader()->saveState());
}

void TrainPage::restoreLayout()
{
    const QSettings settings;
    m_across->restoreState(settings.value(QStringLiteral("train/across")).toByteArray());
    m_down->restoreState(settings.value(QStringLiteral("train/down")).toByteArray());
    m_runs->horizontalHeader()->restoreState(settings.value(QStringLiteral("train/columns")).toByteArray());
}

} // namespace apiary::widgets
