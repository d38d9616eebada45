#include "widgets/explore/explore_page.h"

#include "widgets/encoders/encoder_name.h"
#include "widgets/explore/encoder_offers.h"
#include "widgets/explore/explore_view.h"
#include "widgets/explore/run_chooser.h"
#include "widgets/shell/progress_text.h"
#include "widgets/shell/project_model.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace apiary::widgets {

namespace {

/// "Encoding items · 200 of 1,682 items · 4 s left"
QString stageText(const Progress &progress)
{
    QString text = QString::fromStdString(progress.stage);
    if (!text.isEmpty())
        text[0] = text[0].toUpper();
    if (progress.total > 0)
        text += QStringLiteral(" · ") + amountText(progress) + leftText(progress);
    return text;
}

/// 0 … 1; negative where the end is not known.
double shareOf(const Progress &progress)
{
    return progress.total > 0 ? static_cast<double>(progress.done) / static_cast<double>(progress.total) : -1;
}

} // namespace

ExplorePage::ExplorePage(ProjectSession *session, QWidget *parent)
    : Page(tr("Explore"), tr("An item's neighbours as encoders and people see them"), parent)
    , m_session(session)
    , m_task(new TaskRunner(this))
    , m_encoderTask(new TaskRunner(this))
    , m_offers(new EncoderOffers(session, this))
    , m_view(new ExploreView)
    , m_stack(new QStackedWidget)
    , m_stage(new QLabel)
    , m_bar(new QProgressBar)
{
    addActionWidget(new RunChooser(session));

    auto *waiting = new QWidget;
    auto *layout = new QVBoxLayout(waiting);
    layout->setSpacing(space::group);
    layout->addStretch(2);
    m_stage->setAlignment(Qt::AlignCenter);
    layout->addWidget(m_stage);
    m_bar->setFixedWidth(320);
    m_bar->setTextVisible(false);
    m_bar->setAccessibleName(tr("Loading"));
    layout->addWidget(m_bar, 0, Qt::AlignHCenter);
    layout->addStretch(3);
    m_stack->addWidget(m_view);
    m_stack->addWidget(waiting);
    setContent(m_stack);

    auto *empty =
        new EmptyState(QStringLiteral("explore"), tr("No run to explore yet"),
                       tr("This page shows an item's nearest neighbours side by side: as the base encoder reads its "
                          "text, as the tuned "
                          "encoder and any others do, and as people's interactions have it. Train a run first."),
                       tr("Go to Train"));
    connect(empty, &EmptyState::actionTriggered, this, [this] {
        if (m_session->currentRun() == 0)
            Q_EMIT trainRequested();
        else
            reload();
    });
    setEmptyState(empty);
    showEmpty(true);

    makeColumnMenu();
    connect(m_task, &TaskRunner::progressed, this, &ExplorePage::showProgress);
    connect(m_encoderTask, &TaskRunner::progressed, this, [this](const Progress &progress) {
        m_view->setEncoderProgress(m_inWork, stageText(progress), shareOf(progress));
    });
    connect(m_view, &ExploreView::encoderWanted, this,
            [this](const ExploreColumn &column) { wantEncoder(column.key); });
    connect(m_view, &ExploreView::encoderDropped, this, [this](const QString &key) { dropEncoder(key.toStdString()); });
    connect(m_view, &ExploreView::choiceChanged, this, &ExplorePage::storeChoice);
    connect(m_offers, &EncoderOffers::failed, this,
            [this](const QString &text) { messages()->show(MessageBar::Tone::Error, text); });
    connect(session, &ProjectSession::projectChanged, this, &ExplorePage::restoreChoice);
    connect(session, &ProjectSession::currentRunChanged, this, &ExplorePage::reload);
    connect(session, &ProjectSession::projectChanged, this, &ExplorePage::reload);
    connect(session, &ProjectSession::activeRunChanged, this, [this] { m_view->setTunedHint(tunedHint()); });
    connect(session, &ProjectSession::runFinished, this, [this](qint64 run) {
        if (run == m_session->currentRun())
            reload();
    });
}

ExplorePage::~ExplorePage() = default;

QWidget *ExplorePage::firstFocus() const
{
    return m_view->searchField();
}

bool ExplorePage::loading() const
{
    return m_task->busy();
}

QString ExplorePage::tunedHint() const
{
    return m_session->activeRun() != 0 && m_session->activeRun() == m_session->currentRun()
               ? tr("The tuned encoder appears here when training has ended.")
               : tr("This run kept no tuned encoder.");
}

void ExplorePage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    if (m_loadedRun == 0 && !m_task->busy())
        load();
}

void ExplorePage::reload()
{
    m_loadedRun = 0;
    m_task->cancel();
    m_encoderTask->cancel();
    m_wanted.clear();
    messages()->dismiss();
    if (m_session->currentRun() == 0) {
        m_view->setSession(nullptr);
        emptyState()->setTitle(tr("No run to explore yet"));
        emptyState()->setAction(tr("Go to Train"));
        showEmpty(true);
        return;
    }
    if (isVisible())
        load();
}

void ExplorePage::load()
{
    const qint64 run = m_session->currentRun();
    if (run == 0 || !m_session->isOpen())
        return;
    showEmpty(false);
    if (!m_view->session() || m_view->session()->run != run) {
        m_stack->setCurrentIndex(1);
        m_stage->setText(tr("Loading the run…"));
        m_bar->setRange(0, 0);
    }
    std::shared_ptr<store::Project> project;
    try {
        project = m_session->reopen();
    } catch (const std::exception &error) {
        failed(describe(error));
        return;
    }
    m_task->run(
        [project, run](std::stop_token stop, const ProgressFn &progress) {
            return run::loadExploreSession(*project, run, progress, stop);
        },
        [this](std::shared_ptr<const run::ExploreSession> loaded) { setLoaded(std::move(loaded)); },
        [this](const QString &text) { failed(text); });
}

void ExplorePage::setLoaded(std::shared_ptr<const run::ExploreSession> loaded)
{
    m_loadedRun = loaded->run;
    m_loaded = loaded;
    m_wanted.clear();
    m_encoderTask->cancel();
    restoreChoice();
    m_view->setTunedHint(tunedHint());
    const auto *run = m_session->find(m_loadedRun);
    m_view->setBaseName(run ? startingEncoderName(*run) : QString());
    m_view->setSession(std::move(loaded));
    m_stack->setCurrentIndex(0);
    showEmpty(false);
}

void ExplorePage::showProgress(const Progress &progress)
{
    m_stage->setText(stageText(progress));
    // Counts beyond a progress bar's int are shown in thousandths.
    m_bar->setRange(0, progress.total > 0 ? 1000 : 0);
    if (progress.total > 0)
        m_bar->setValue(static_cast<int>(1000 * progress.done / progress.total));
}

void ExplorePage::failed(const QString &text)
{
    m_view->setSession(nullptr);
    messages()->show(MessageBar::Tone::Error, text);
    emptyState()->setTitle(tr("This run could not be loaded"));
    emptyState()->setAction(tr("Try again"));
    showEmpty(true);
}

} // namespace apiary::widgets
