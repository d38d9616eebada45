#include "widgets/data/data_page.h"

#include "widgets/data/dataset_view.h"
#include "widgets/data/import_step.h"
#include "widgets/data/import_wizard.h"
#include "widgets/data/parts.h"
#include "widgets/shell/project_model.h"
#include "widgets/shell/task.h"
#include "widgets/theme/parts.h"

#include <QAction>
#include <QHeaderView>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace apiary::widgets {

namespace {

constexpr int quietMs = 8000;

} // namespace

DataPage::DataPage(ProjectSession *session, QWidget *parent)
    : Page(tr("Data"), tr("The datasets of the project: who chose what, and the texts of the items"), parent)
    , m_session(session)
    , m_listing(new TaskRunner(this))
    , m_model(new DatasetListModel(this))
    , m_stack(new QStackedWidget)
    , m_view(new DatasetView(session))
    , m_wizard(new ImportWizard(session))
    , m_importButton(makeToolButton(QStringLiteral("download"), tr("Import…"), tr("Bring in another dataset (Ctrl+I)")))
{
    auto *across = new QSplitter(Qt::Horizontal);
    across->addWidget(makeList());
    across->addWidget(m_view);
    across->setChildrenCollapsible(false);
    across->setStretchFactor(1, 1);
    across->setSizes({240, 960});
    m_stack->addWidget(across);
    m_stack->addWidget(m_wizard);
    addActionWidget(m_importButton); // before the content, as Tab goes
    setContent(m_stack);
    auto *empty =
        new EmptyState(QStringLiteral("data"), tr("No dataset yet"),
                       tr("A dataset is who chose what, together with a text of each item. It comes from files of "
                          "your own, such as CSV, JSON lines or Parquet, or from a known public dataset."),
                       tr("Import…"));
    connect(empty, &EmptyState::actionTriggered, this, [this] { showWizard(true); });
    setEmptyState(empty);

    m_importButton->setObjectName(QStringLiteral("import"));
    m_importButton->setCheckable(true);
    connect(m_importButton, &QToolButton::clicked, this, &DataPage::showWizard);
    connect(m_wizard, &ImportWizard::closed, this, [this] { showWizard(false); });
    connect(m_wizard, &ImportWizard::stateChanged, this, &DataPage::stateChanged);
    connect(m_wizard, &ImportWizard::imported, this, [this](const std::string &hash) {
        m_removed.erase(std::remove(m_removed.begin(), m_removed.end(), hash), m_removed.end());
        refresh(hash);
        if (!wizardShown())
            messages()->show(MessageBar::Tone::Info, tr("The import is done."), {}, quietMs);
    });
    connect(m_wizard, &ImportWizard::showRequested, this, [this](const std::string &hash) {
        showWizard(false);
        m_view->showFromTheStart();
        refresh(hash);
    });
    connect(m_view, &DatasetView::useRequested, this, &DataPage::use);
    connect(m_view, &DatasetView::againRequested, this, [this] {
        if (!selected() || m_wizard->running())
            return;
        m_wizard->setSpec(selected()->spec);
        m_wizard->goTo(ImportWizard::Source);
        showWizard(true);
    });
    connect(m_view, &DatasetView::removeRequested, this, &DataPage::removeSelected);
    connect(m_session, &ProjectSession::projectChanged, this, &DataPage::projectChanged);
    connect(messages(), &MessageBar::actionTriggered, this, [this] {
        m_removed.erase(std::remove(m_removed.begin(), m_removed.end(), m_lastRemoved), m_removed.end());
        arrived(m_all, m_lastRemoved);
        m_list->setFocus();
    });
    projectChanged();
}

DataPage::~DataPage()
{
    purge();
}

QWidget *DataPage::makeList()
{
    m_list = makeRowList(m_model, tr("Datasets of the project"), 10);
    m_list->setMinimumWidth(190);
    connect(m_list->selectionModel(), &QItemSelectionModel::selectionChanged, this, &DataPage::present);
    connect(m_list, &QTableView::activated, this, &DataPage::use);
    auto *remove = new QAction(tr("Remove"), m_list);
    remove->setShortcut(QKeySequence(Qt::Key_Delete));
    remove->setShortcutContext(Qt::WidgetShortcut);
    connect(remove, &QAction::triggered, this, &DataPage::removeSelected);
    m_list->addAction(remove);
    auto *panel = new QWidget;
    auto *layout = new QVBoxLayout(panel);
    layout->setContentsMargins(0, 0, space::group, 0);
    layout->addWidget(m_list);
    return panel;
}

const ListedDataset *DataPage::selected() const
{
    const QModelIndexList rows = m_list->selectionModel()->selectedRows();
    return rows.isEmpty() ? nullptr : &m_model->dataset(rows.front().row());
}

void DataPage::present()
{
    m_view->present(selected());
}

void DataPage::use()
{
    const ListedDataset *dataset = selected();
    if (dataset && dataset->problem.isEmpty())
        Q_EMIT useRequested(*dataset);
}

bool DataPage::wizardShown() const
{
    return m_stack->currentWidget() == m_wizard;
}

void DataPage::showWizard(bool shown)
{
    m_stack->setCurrentIndex(shown ? 1 : 0);
    m_importButton->setChecked(shown);
    showEmpty(!shown && m_listed && m_model->rowCount() == 0);
    if (shown && m_wizard->step() == ImportWizard::Import && !m_wizard->running()) {
        if (m_wizard->import()->outcome())
            m_wizard->setSpec({}); // what led to a dataset is kept there, for "Import again…"
        m_wizard->goTo(ImportWizard::Source);
    }
    if (QWidget *focus = firstFocus())
        focus->setFocus(Qt::OtherFocusReason);
}

void DataPage::stateChanged()
{
    m_importButton->setText(m_wizard->running() ? tr("Importing …") : tr("Import…"));
}

void DataPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    m_view->refreshEncoders();
    refresh();
}

void DataPage::projectChanged()
{
    purge(); // of the project before
    m_listed = false;
    m_all.clear();
    m_model->setDatasets({});
    present();
    refresh();
}

void DataPage::refresh(const std::string &select)
{
    if (!m_session->isOpen())
        return showEmpty(!wizardShown());
    std::string wanted = select;
    if (wanted.empty() && selected())
        wanted = selected()->hash;
    m_listing->run(
        [project = m_session->reopen()](std::stop_token, const ProgressFn &) { return listDatasets(*project); },
        [this, wanted](std::vector<ListedDataset> all) { arrived(std::move(all), wanted); },
        [this](const QString &failure) { messages()->show(MessageBar::Tone::Error, failure); });
}

void DataPage::arrived(std::vector<ListedDataset> datasets, const std::string &select)
{
    m_listed = true;
    m_all = std::move(datasets);
    std::vector<ListedDataset> shown;
    QStringList names;
    for (const ListedDataset &dataset : m_all) {
        names << dataset.name;
        if (std::find(m_removed.begin(), m_removed.end(), dataset.hash) == m_removed.end())
            shown.push_back(dataset);
    }
    m_wizard->setTaken(names);
    const int before = m_list->currentIndex().row();
    m_model->setDatasets(std::move(shown));
    setColumnWidths(m_list, {0, 14});
    int row = m_model->rowOf(select);
    if (row < 0)
        row = std::clamp(before, 0, std::max(0, m_model->rowCount() - 1));
    if (m_model->rowCount() > 0)
        m_list->setCurrentIndex(m_model->index(row, 0));
    present();
    showEmpty(m_model->rowCount() == 0 && !wizardShown());
}

void DataPage::removeSelected()
{
    const ListedDataset *dataset = selected();
    if (!dataset || m_session->readOnly())
        return;
    if (!m_purging)
        m_purging = m_session->reopen();
    const qint64 used = usesOf(m_session->project(), dataset->hash);
    m_lastRemoved = dataset->hash;
    m_removed.push_back(dataset->hash);
    QString text = tr("%1 is removed. Its files go when the project is closed.").arg(dataset->name);
    if (used > 0)
        text +=
            u'\n' + format::plural(used,
                                   tr("1 run was made from it; it can no longer be opened or compared until it "
                                      "is imported again the same way."),
                                   tr("%1 runs were made from it; they can no longer be opened or compared until it is "
                                      "imported again the same way."));
    messages()->show(used > 0 ? MessageBar::Tone::Warning : MessageBar::Tone::Info, text, tr("Undo"));
    arrived(m_all, {});
    firstFocus()->setFocus();
}

void DataPage::purge()
{
    for (const std::string &hash : m_removed)
        try {
            m_purging->removeDataset(hash);
        } catch (const std::exception &) {
            // gone already, or it is there again the next time: nothing is lost
        }
    m_removed.clear();
    m_purging.reset();
}

QWidget *DataPage::firstFocus() const
{
    if (wizardShown())
        return m_wizard->firstField();
    return isEmpty() ? static_cast<QWidget *>(emptyState()->actionButton()) : m_list;
}

void DataPage::toggleTable()
{
    if (!wizardShown())
        m_view->toggleTable();
}

} // namespace apiary::widgets
