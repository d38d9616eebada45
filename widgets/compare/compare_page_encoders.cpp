#include "widgets/compare/compare_page.h"

#include "run/evaluation.h"
#include "widgets/shell/progress_text.h"
#include "widgets/shell/project_model.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QToolButton>

#include <algorithm>

namespace apiary::widgets {

QWidget *ComparePage::makeAdd()
{
    m_add = new QToolButton;
    m_add->setText(tr("Add encoder"));
    m_add->setIcon(Theme::instance().icon(QStringLiteral("columns")));
    m_add->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_add->setPopupMode(QToolButton::InstantPopup);
    auto *menu = new QMenu(m_add);
    menu->setToolTipsVisible(true);
    m_add->setMenu(menu);
    connect(menu, &QMenu::aboutToShow, this, [this, menu] {
        fillAddMenu(menu);
        m_offers->refresh();
    });
    using Offers = std::vector<EncoderOffer>;
    connect(m_offers, &EncoderOffers::changed, menu, [this, menu, known = std::make_shared<Offers>()] {
        Offers now = m_offers->list();
        if (menu->isVisible() && now != *known)
            fillAddMenu(menu); // the library is not what it was when the menu opened
        *known = std::move(now);
    });
    updateAdd();
    return m_add;
}

QWidget *ComparePage::makeWork()
{
    m_work = new QWidget;
    m_workText = new QLabel;
    m_workText->setTextFormat(Qt::PlainText);
    m_workBar = new QProgressBar;
    m_workBar->setTextVisible(false);
    m_workBar->setFixedWidth(200);
    m_workBar->setAccessibleName(tr("Testing an encoder"));
    auto *cancel = new QPushButton(tr("Cancel"));
    connect(cancel, &QPushButton::clicked, this, &ComparePage::cancelTesting);
    auto *layout = new QHBoxLayout(m_work);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::group);
    layout->addWidget(m_workText, 1);
    layout->addWidget(m_workBar);
    layout->addWidget(cancel);
    m_work->hide();
    return m_work;
}

void ComparePage::updateAdd()
{
    const bool may = m_session->isOpen() && !m_session->readOnly() && m_compared;
    m_add->setEnabled(may);
    m_add->setToolTip(m_session->isOpen() && m_session->readOnly()
                          ? tr("The project is open read-only: nothing can be added to it")
                          : tr("Test another encoder on the same items, beside the run's own"));
}

void ComparePage::fillAddMenu(QMenu *menu)
{
    menu->clear();
    const auto rowOf = [this](const EncoderOffer &offer) {
        for (std::size_t row = 0; m_compared && row < m_compared->models.size(); ++row) {
            const auto &model = m_compared->models[row];
            if (model.kind == ModelKind::Added && m_offers->keyOf(model.folder) == offer.key)
                return static_cast<int>(row);
        }
        return -1;
    };
    const auto waiting = [this](const EncoderOffer &offer) {
        return std::any_of(m_wanted.begin(), m_wanted.end(), [&](const auto &one) { return one.key == offer.key; });
    };
    const auto shownAsTuned = [this](const EncoderOffer &offer) {
        return m_compared && std::any_of(m_compared->models.begin(), m_compared->models.end(), [&](const auto &model) {
                   return model.kind == ModelKind::Tuned && model.run == offer.run;
               });
    };
    qint64 before = -1;
    for (const auto &offer : m_offers->list()) {
        if (offer.run != 0 && shownAsTuned(offer))
            continue; // it stands there with its run's own numbers
        if (before != -1 && before != (offer.run != 0))
            menu->addSeparator();
        before = offer.run != 0;
        auto *action = menu->addAction(offer.name);
        action->setCheckable(true);
        action->setChecked(rowOf(offer) >= 0 || waiting(offer));
        action->setEnabled(!waiting(offer));
        EncoderOffers::mark(action, offer);
        connect(action, &QAction::triggered, this, [this, offer, rowOf](bool on) {
            if (on)
                addEncoder(offer);
            else
                removeAdded(rowOf(offer));
        });
    }
    if (before != -1)
        menu->addSeparator();
    menu->addAction(Theme::instance().icon(QStringLiteral("open")), tr("Add encoder folder…"), this, [this] {
        if (const EncoderOffer chosen = m_offers->askForFolder(this); !chosen.key.empty())
            addEncoder(chosen);
    });
}

bool ComparePage::testing() const
{
    return m_testTask->busy();
}

void ComparePage::addEncoder(const EncoderOffer &offer)
{
    if (m_session->currentRun() == 0 || !m_session->isOpen() || m_session->readOnly())
        return;
    m_offers->colour(offer); // in the order in which they are added
    m_wanted.push_back(offer);
    if (!m_testTask->busy())
        testNext();
    else
        showTesting({});
}

void ComparePage::testNext()
{
    m_work->setVisible(!m_wanted.empty());
    if (m_wanted.empty())
        return;
    const EncoderOffer offer = m_wanted.front();
    showTesting({});
    const auto next = [this] {
        m_wanted.erase(m_wanted.begin());
        testNext();
    };
    const auto complain = [this, offer, next](const QString &text) {
        messages()->show(MessageBar::Tone::Error, tr("%1 was not added: %2").arg(offer.name, text));
        next();
    };
    std::shared_ptr<store::Project> project;
    try {
        project = m_session->reopen();
    } catch (const std::exception &error) {
        complain(describe(error));
        return;
    }
    m_testTask->run(
        [project, run = m_session->currentRun(), offer](std::stop_token stop, const ProgressFn &progress) {
            return run::testEncoder(*project, run, {offer.name.toStdString(), offer.folder}, progress, stop);
        },
        [this, next](const store::TestedEncoder &) {
            next();
            m_loaded.clear();
            if (isVisible())
                load();
        },
        complain);
}

void ComparePage::showTesting(const Progress &progress)
{
    if (m_wanted.empty())
        return;
    QString text = m_wanted.front().name;
    text += QStringLiteral(" · ") + (progress.stage.empty() ? tr("loading") : QString::fromStdString(progress.stage));
    if (progress.total > 0)
        text += QStringLiteral(" · ") + amountText(progress) + leftText(progress);
    if (m_wanted.size() > 1)
        text += tr(" · %1 more waiting").arg(m_wanted.size() - 1);
    m_workText->setText(text);
    m_workBar->setRange(0, progress.total > 0 ? 1000 : 0);
    if (progress.total > 0)
        m_workBar->setValue(static_cast<int>(1000 * progress.done / progress.total));
}

void ComparePage::cancelTesting()
{
    m_testTask->cancel();
    m_wanted.clear();
    m_work->hide();
}

void ComparePage::removeAdded(int row)
{
    if (!m_compared || row < 0 || row >= static_cast<int>(m_compared->models.size()) || m_session->readOnly())
        return;
    const ComparedModel &model = m_compared->models[static_cast<std::size_t>(row)];
    if (model.kind != ModelKind::Added)
        return;
    const QString label = labelOf(model);
    try {
        m_removed.reset();
        for (auto &tested : m_session->project().tested(model.run))
            if (tested.id == model.tested)
                m_removed = std::move(tested);
        m_session->project().removeTested(model.tested);
    } catch (const std::exception &error) {
        messages()->show(MessageBar::Tone::Error, describe(error));
        return;
    }
    m_loaded.clear();
    load();
    messages()->show(MessageBar::Tone::Info, tr("%1 was removed from the comparison.").arg(label), tr("Undo"), 15000);
}

void ComparePage::undoRemoval()
{
    if (!m_removed || !m_session->isOpen())
        return;
    try {
        m_session->project().keepTested(*m_removed);
        m_removed.reset();
    } catch (const std::exception &error) {
        messages()->show(MessageBar::Tone::Error, describe(error));
        return;
    }
    m_loaded.clear();
    load();
}

} // namespace apiary::widgets
