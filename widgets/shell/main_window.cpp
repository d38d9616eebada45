#include "widgets/shell/main_window.h"

#include "widgets/compare/compare_page.h"
#include "widgets/data/data_page.h"
#include "widgets/encoders/encoders_page.h"
#include "widgets/explore/explore_page.h"
#include "widgets/shell/help_page.h"
#include "widgets/shell/nav_rail.h"
#include "widgets/shell/project_model.h"
#include "widgets/shell/run_bar.h"
#include "widgets/shell/run_controller.h"
#include "widgets/shell/task.h"
#include "widgets/theme/parts.h"
#include "widgets/train/config_form.h"
#include "widgets/train/field_editor.h"
#include "widgets/train/train_page.h"

#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QMenu>
#include <QMenuBar>
#include <QScreen>
#include <QSettings>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <array>

namespace apiary::widgets {

namespace {

/// The pages as the settings name them, in the order of PageIndex.
constexpr std::array pageNames{"data", "encoders", "train", "explore", "compare", "help"};

} // namespace

MainWindow::MainWindow(QWidget *parent)
    : QMainWindow(parent)
    , m_session(new ProjectSession(this))
    , m_controller(new RunController(m_session, this))
    , m_rail(new NavRail)
    , m_stack(new QStackedWidget)
    , m_messages(new MessageBar)
    , m_bar(new RunBar(m_controller))
    , m_data(new DataPage(m_session))
    , m_encoders(new EncodersPage)
    , m_train(new TrainPage(m_session, m_controller))
    , m_explore(new ExplorePage(m_session))
    , m_compare(new ComparePage(m_session))
{
    setWindowIcon(QIcon(QStringLiteral(":/icons/apiary.svg")));
    addPage(m_data, QStringLiteral("data"), tr("Ctrl+1"));
    addPage(m_encoders, QStringLiteral("encoders"), tr("Ctrl+2"));
    addPage(m_train, QStringLiteral("train"), tr("Ctrl+3"));
    addPage(m_explore, QStringLiteral("explore"), tr("Ctrl+4"));
    addPage(m_compare, QStringLiteral("compare"), tr("Ctrl+5"));
    addPage(new HelpPage, QStringLiteral("help"), tr("F1"), true);

    auto *central = new QWidget;
    auto *rows = new QVBoxLayout(central);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(0);
    auto *columns = new QHBoxLayout;
    columns->setSpacing(0);
    columns->addWidget(m_rail);
    auto *main = new QVBoxLayout;
    main->setSpacing(0);
    auto *messageRow = new QHBoxLayout;
    messageRow->setContentsMargins(space::section, 0, space::section, 0);
    messageRow->addWidget(m_messages);
    main->addLayout(messageRow);
    main->addWidget(m_stack, 1);
    columns->addLayout(main, 1);
    rows->addLayout(columns, 1);
    rows->addWidget(hairline());
    rows->addWidget(m_bar);
    setCentralWidget(central);
    makeMenus();

    connect(m_rail, &NavRail::chosen, this, [this](int index) { setPage(static_cast<PageIndex>(index)); });
    connect(m_data, &DataPage::useRequested, this, &MainWindow::useDataset);
    connect(m_encoders, &EncodersPage::useRequested, this, &MainWindow::useEncoder);
    connect(m_train, &TrainPage::datasetRequested, this, [this] { setPage(Data); });
    connect(m_train, &TrainPage::encoderRequested, this, [this] { setPage(Encoders); });
    connect(m_explore, &ExplorePage::trainRequested, this, [this] { setPage(Train); });
    connect(m_compare, &ComparePage::trainRequested, this, [this] { setPage(Train); });
    connect(m_controller, &RunController::stateChanged, this,
            [this] { m_buttons[Train]->setMarked(m_controller->active()); });
    connect(m_controller, &RunController::finished, this, [this] {
        m_messages->dismiss();
        m_closing = false;
    });
    connect(m_messages, &MessageBar::dismissed, this, [this] { m_closing = false; });
    connect(m_messages, &MessageBar::actionTriggered, this, [this] {
        m_closing = true;
        close();
    });

    const QSettings settings;
    if (!restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray())) {
        const QSize available = screen() ? screen()->availableSize() : QSize(1280, 800);
        resize(QSize(1440, 900).boundedTo(available * 0.94));
    }
    m_train->restoreLayout();
    const QString last = settings.value(QStringLiteral("window/lastPage")).toString();
    int page = Train;
    for (int index = Data; index <= Compare; ++index)
        if (pageNames[static_cast<std::size_t>(index)] == last)
            page = index;
    setPage(static_cast<PageIndex>(page));
    updateTitle();
    m_train->setFocus();
}

MainWindow::~MainWindow()
{
    // The run before the session that it writes to.
    delete m_controller;
}

void MainWindow::addPage(Page *page, const QString &icon, const QString &shortcut, bool atEnd)
{
    m_stack->addWidget(page);
    m_buttons.push_back(
        m_rail->add(icon, page->title(), QStringLiteral("%1 (%2)").arg(page->title(), shortcut), atEnd));
}

void MainWindow::makeMenus()
{
    const Theme &theme = Theme::instance();
    const auto add = [&](QMenu *menu, const QString &icon, const QString &text, const QKeySequence &keys, auto call) {
        QAction *action = menu->addAction(icon.isEmpty() ? QIcon() : theme.icon(icon), text);
        action->setShortcut(keys);
        connect(action, &QAction::triggered, this, call);
        return action;
    };
    QMenu *file = menuBar()->addMenu(tr("&File"));
    add(file, QStringLiteral("open"), tr("Open &project…"), QKeySequence(tr("Ctrl+Shift+O")),
        [this] { openProjectDialog(); });
    add(file, QStringLiteral("download"), tr("&Import a dataset…"), QKeySequence(tr("Ctrl+I")), [this] {
        setPage(Data);
        m_data->showWizard(true);
    });
    file->addSeparator();
    add(file, QStringLiteral("open"), tr("&Open settings…"), QKeySequence::Open, [this] {
        setPage(Train);
        m_train->openSpecDialog();
    });
    add(file, QStringLiteral("save"), tr("&Save settings…"), QKeySequence::Save, [this] {
        setPage(Train);
        m_train->saveSpecDialog();
    });
    file->addSeparator();
    add(file, {}, tr("&Quit"), QKeySequence(tr("Ctrl+Q")), [this] { close(); });

    QMenu *run = menuBar()->addMenu(tr("&Run"));
    QAction *start = add(run, QStringLiteral("play"), tr("&Start training"), QKeySequence(tr("Ctrl+Return")), [this] {
        setPage(Train);
        m_train->start();
    });
    QAction *pause = add(run, QStringLiteral("pause"), tr("&Pause"), QKeySequence(tr("Ctrl+Shift+P")), [this] {
        const RunState &state = m_controller->state();
        if (state.paused || state.pausing)
            m_controller->resume();
        else
            m_controller->pause();
    });
    QAction *stop =
        add(run, QStringLiteral("stop"), tr("S&top"), QKeySequence(tr("Ctrl+.")), [this] { m_controller->stop(); });
    const auto enable = [=, this] {
        const RunState &state = m_controller->state();
        start->setEnabled(!state.active);
        pause->setEnabled(state.active && !state.stopping);
        pause->setText(state.paused || state.pausing ? tr("&Resume") : tr("&Pause"));
        stop->setEnabled(state.active && !state.stopping);
    };
    connect(m_controller, &RunController::stateChanged, this, enable);
    enable();

    QMenu *view = menuBar()->addMenu(tr("&View"));
    const std::pair<QString, QString> pages[] = {{tr("&Data"), tr("Ctrl+1")},
                                                 {tr("E&ncoders"), tr("Ctrl+2")},
                                                 {tr("&Train"), tr("Ctrl+3")},
                                                 {tr("&Explore"), tr("Ctrl+4")},
                                                 {tr("&Compare"), tr("Ctrl+5")}};
    int index = 0;
    for (const auto &[name, keys] : pages)
        add(view, {}, name, QKeySequence(keys), [this, page = static_cast<PageIndex>(index++)] { setPage(page); });
    view->addSeparator();
    add(view, QStringLiteral("search"), tr("&First field or search"), QKeySequence::Find, [this] {
        if (QWidget *widget = currentPage()->firstFocus())
            widget->setFocus(Qt::ShortcutFocusReason);
    });
    add(view, QStringLiteral("table"), tr("Ta&ble behind the plot"), QKeySequence(tr("Ctrl+T")),
        [this] { currentPage()->toggleTable(); });
    view->addSeparator();
    QMenu *themes = view->addMenu(tr("T&heme"));
    auto *group = new QActionGroup(this);
    const std::pair<QString, Theme::Mode> modes[] = {{tr("As the &system"), Theme::Mode::System},
                                                     {tr("&Light"), Theme::Mode::Light},
                                                     {tr("&Dark"), Theme::Mode::Dark}};
    for (const auto &[name, mode] : modes) {
        QAction *action = themes->addAction(name);
        action->setCheckable(true);
        action->setChecked(theme.mode() == mode);
        group->addAction(action);
        connect(action, &QAction::triggered, this, [mode = mode] { Theme::instance().setMode(mode); });
    }
    add(view, {}, tr("F&ull screen"), QKeySequence(tr("F11")),
        [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });

    QMenu *help = menuBar()->addMenu(tr("&Help"));
    add(help, QStringLiteral("help"), tr("&Manual"), QKeySequence::HelpContents, [this] { setPage(Help); });
}

Page *MainWindow::currentPage() const
{
    return static_cast<Page *>(m_stack->currentWidget());
}

void MainWindow::setPage(PageIndex page)
{
    m_stack->setCurrentIndex(page);
    m_rail->setCurrent(page);
    updateTitle();
}

MainWindow::PageIndex MainWindow::page() const
{
    return static_cast<PageIndex>(m_stack->currentIndex());
}

void MainWindow::updateTitle()
{
    const QString project =
        m_session->isOpen() ? QString::fromStdString(m_session->folder().filename().string()) : QString();
    setWindowTitle(project.isEmpty() ? QStringLiteral("Apiary") : QStringLiteral("%1 – Apiary").arg(project));
}

bool MainWindow::openProject(const std::filesystem::path &folder)
{
    if (m_controller->active()) {
        m_messages->show(MessageBar::Tone::Warning, tr("A run is going on. Stop it before you open another project."));
        return false;
    }
    try {
        m_session->open(folder);
    } catch (const std::exception &error) {
        m_messages->show(MessageBar::Tone::Error, describe(error));
        return false;
    }
    if (m_session->readOnly())
        m_messages->show(
            MessageBar::Tone::Info,
            tr("This project is open in another program: it can be read here, and nothing can be run in it."));
    QSettings().setValue(QStringLiteral("project/last"), QString::fromStdString(folder.string()));
    updateTitle();
    return true;
}

void MainWindow::openProjectDialog()
{
    const QString folder =
        QFileDialog::getExistingDirectory(this, tr("Open or create a project folder"),
                                          QString::fromStdString(m_session->folder().parent_path().string()));
    if (!folder.isEmpty())
        openProject(folder.toStdString());
}

void MainWindow::setField(const QString &path, const nlohmann::ordered_json &value)
{
    FieldEditor *field = m_train->form()->editor(path);
    field->setValue(value);
    Q_EMIT field->edited();
}

void MainWindow::useDataset(const ListedDataset &dataset)
{
    setField(QStringLiteral("dataset.imported"),
             dataset.name.toStdString()); // it stays right when the project is moved
    setField(QStringLiteral("dataset.name"), dataset.name.toStdString());
    // What the import left out already decides; a run's own filter is not to go further than that unasked.
    const data::ImportFilter &filter = dataset.spec.filter;
    if (filter.minRating)
        setField(QStringLiteral("filter.minRating"), *filter.minRating);
    if (filter.minUser > 0)
        setField(QStringLiteral("filter.minUserInteractions"), filter.minUser);
    setPage(Train);
    m_train->form()->editor(QStringLiteral("dataset.imported"))->input()->setFocus();
}

void MainWindow::useEncoder(const QString &folder)
{
    setField(QStringLiteral("encoder.folder"), folder.toStdString());
    setPage(Train);
    m_train->form()->editor(QStringLiteral("encoder.folder"))->input()->setFocus();
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    if (m_controller->active() && !m_closing) {
        m_messages->show(MessageBar::Tone::Warning,
                         tr("A run is going on. Closing the window stops it; what was learned so far is kept."),
                         tr("Stop and close"));
        m_closing = true;
        event->ignore();
        return;
    }
    constexpr int patienceMs = 10000;
    m_controller->stopAndWait(patienceMs);
    QSettings settings;
    settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    settings.setValue(QStringLiteral("window/lastPage"), QLatin1String(pageNames[static_cast<std::size_t>(page())]));
    m_train->saveLayout();
    QMainWindow::closeEvent(event);
}

} // namespace apiary::widgets
