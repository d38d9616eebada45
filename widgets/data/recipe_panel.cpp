#include "widgets/data/recipe_panel.h"

#include "hub/library.h"
#include "widgets/data/parts.h"
#include "widgets/shell/page.h"
#include "widgets/shell/progress_text.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QApplication>
#include <QLabel>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

namespace apiary::widgets {

namespace {

constexpr int barSteps = 1000;

QString sizeText(std::int64_t bytes)
{
    return bytes < 0 ? RecipePanel::tr("size unknown") : RecipePanel::tr("%1 to fetch").arg(format::memory(bytes));
}

} // namespace

RecipePanel::RecipePanel(QWidget *parent)
    : QWidget(parent)
    , m_task(new TaskRunner(this))
    , m_list(new QListWidget)
    , m_title(strongLabel({}))
    , m_about(mutedLabel())
    , m_licence(new QPlainTextEdit)
    , m_get(new QPushButton(tr("Accept the terms and get it")))
    , m_note(mutedLabel(tr("Nothing is fetched before you press the button.")))
    , m_messages(new MessageBar)
{
    m_list->setAccessibleName(tr("Known datasets"));
    m_list->setFixedWidth(QFontMetrics(font()).averageCharWidth() * 44);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setWordWrap(true);
    m_list->setResizeMode(QListView::Adjust);
    m_list->setSpacing(2);
    m_title->setWordWrap(true);
    m_about->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_licence->setReadOnly(true);
    m_licence->setAccessibleName(tr("Terms of use"));
    m_licence->setTabChangesFocus(true);
    Theme::instance().makePrimary(m_get);
    m_get->setMinimumSize(m_get->sizeHint().width() + 24, 32);
    connect(m_get, &QPushButton::clicked, this, &RecipePanel::fetch);
    connect(m_list, &QListWidget::currentRowChanged, this, [this] {
        m_messages->dismiss(); // it was of another dataset
        present();
    });
    connect(m_task, &TaskRunner::busyChanged, this, &RecipePanel::busyChanged);
    connect(m_task, &TaskRunner::progressed, this, [this](const Progress &progress) {
        m_amount->setText(progressText(progress));
        m_bar->setRange(0, progress.total > 0 ? barSteps : 0);
        if (progress.total > 0)
            m_bar->setValue(static_cast<int>(barSteps * std::min(progress.done, progress.total) / progress.total));
    });

    auto *actions = new QHBoxLayout;
    actions->setSpacing(space::group);
    actions->addWidget(m_get);
    actions->addWidget(m_note, 1);
    auto *right = new QVBoxLayout;
    right->setSpacing(space::group);
    right->addWidget(m_title);
    right->addWidget(m_about);
    right->addWidget(strongLabel(tr("Terms of use")));
    right->addWidget(m_licence, 1);
    right->addWidget(m_messages);
    right->addLayout(actions);
    right->addWidget(makeStrip());
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(space::group, space::section, space::group, space::group);
    layout->setSpacing(space::section);
    layout->addWidget(m_list);
    layout->addLayout(right, 1);
    setRecipes(data::recipes());
}

QWidget *RecipePanel::makeStrip()
{
    m_strip = new QWidget;
    m_amount = new QLabel(tr("asking the server"));
    m_amount->setFont(Theme::instance().numberFont());
    m_bar = new QProgressBar;
    m_bar->setTextVisible(false);
    m_bar->setFixedHeight(6);
    m_bar->setAccessibleName(tr("Part that has been fetched"));
    m_cancel = new QPushButton(tr("Cancel"));
    m_cancel->setToolTip(tr("Stop fetching; what has arrived is kept for the next time"));
    m_cancel->setAutoDefault(true); // Return presses it
    connect(m_cancel, &QPushButton::clicked, this, &RecipePanel::cancel);
    auto *left = new QVBoxLayout;
    left->setSpacing(space::tight);
    left->addWidget(m_amount);
    left->addWidget(m_bar);
    auto *layout = new QHBoxLayout(m_strip);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::section);
    layout->addLayout(left, 1);
    layout->addWidget(m_cancel);
    m_strip->hide();
    return m_strip;
}

void RecipePanel::setRecipes(std::vector<data::Recipe> recipes)
{
    m_recipes = std::move(recipes);
    m_list->clear();
    for (const data::Recipe &recipe : m_recipes)
        m_list->addItem(QString::fromStdString(recipe.title));
    m_list->setCurrentRow(m_recipes.empty() ? -1 : 0);
    present();
}

const data::Recipe *RecipePanel::selected() const
{
    const int row = m_list->currentRow();
    return row >= 0 && row < static_cast<int>(m_recipes.size()) ? &m_recipes[static_cast<std::size_t>(row)] : nullptr;
}

void RecipePanel::present()
{
    const data::Recipe *recipe = selected();
    m_get->setEnabled(recipe && !fetching());
    if (!recipe)
        return;
    m_title->setText(QString::fromStdString(recipe->title));
    QString about = QString::fromStdString(recipe->about) + QStringLiteral(" · ") + sizeText(recipe->downloadBytes()) +
                    u'\n' + QString::fromStdString(recipe->home);
    if (!recipe->citation.empty())
        about += tr("\nTo be cited: %1").arg(QString::fromStdString(recipe->citation));
    m_about->setText(about);
    m_licence->setPlainText(QString::fromStdString(recipe->licence));
}

QString RecipePanel::licence() const
{
    return m_licence->toPlainText();
}

QString RecipePanel::amount() const
{
    return m_amount->text();
}

bool RecipePanel::fetching() const
{
    return m_task->busy();
}

void RecipePanel::cancel()
{
    if (!fetching())
        return;
    m_cancelled = true;
    m_amount->setText(tr("stopping"));
    m_stop.request_stop();
}

void RecipePanel::busyChanged(bool busy)
{
    const bool focused = isAncestorOf(QApplication::focusWidget());
    m_list->setEnabled(!busy);
    m_note->setVisible(!busy);
    present();
    // The button that takes the other's place takes its focus, before that one goes and the focus with it.
    (busy ? m_strip : static_cast<QWidget *>(m_get))->show();
    if (focused)
        (busy ? m_cancel : m_get)->setFocus();
    (busy ? static_cast<QWidget *>(m_get) : m_strip)->hide();
    if (!busy && m_cancelled)
        m_messages->show(MessageBar::Tone::Info,
                         tr("Stopped. What has arrived is kept: getting it again goes on from there."));
    Q_EMIT fetchingChanged();
}

void RecipePanel::fetch()
{
    const data::Recipe *recipe = selected();
    if (!recipe || fetching())
        return;
    m_messages->dismiss();
    m_cancelled = false;
    m_stop = std::stop_source();
    m_amount->setText(tr("asking the server"));
    m_bar->setRange(0, 0);
    m_task->run(
        [recipe = *recipe, source = m_stop](std::stop_token runner, const ProgressFn &progress) mutable {
            // A cancelled fetch is waited for: the next one may not begin while this still holds the file.
            const std::stop_callback link(runner, [&source] { source.request_stop(); });
            const std::filesystem::path home = hub::homeFolder();
            hub::Network network;
            network.offline = hub::offlineReason(hub::loadSettings(home).offline);
            return data::fetchRecipe(recipe, home / "downloads" / recipe.name, network, progress, source.get_token());
        },
        [this](const data::ImportSpec &spec) { Q_EMIT fetched(spec); },
        [this](const QString &failure) { m_messages->show(MessageBar::Tone::Error, failure); });
}

} // namespace apiary::widgets
