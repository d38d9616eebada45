#include "widgets/explore/explore_page.h"

#include "widgets/explore/encoder_offers.h"
#include "widgets/explore/explore_view.h"
#include "widgets/shell/project_model.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QMenu>
#include <QToolButton>

#include <algorithm>

namespace apiary::widgets {

namespace {

constexpr auto columnsSetting = "explore.columns";

} // namespace

bool ExplorePage::loadingEncoders() const
{
    return m_encoderTask->busy() || !m_wanted.empty();
}

void ExplorePage::makeColumnMenu()
{
    auto *menu = new QMenu(m_view->columnsButton());
    menu->setToolTipsVisible(true);
    m_view->columnsButton()->setMenu(menu);
    const auto fill = [this, menu] {
        menu->clear();
        const auto &columns = m_view->choice().columns;
        const auto toggle = [&](const QString &text, const std::string &key, const auto &add) {
            auto *action = menu->addAction(text);
            action->setCheckable(true);
            action->setChecked(placeOf(columns, key) >= 0);
            connect(action, &QAction::triggered, this, [this, key, add](bool on) {
                if (on)
                    add();
                else
                    m_view->removeColumn(key);
            });
            return action;
        };
        for (const auto kind : {ColumnKind::Base, ColumnKind::Tuned, ColumnKind::Interactions}) {
            const ExploreColumn own = ownColumn(kind);
            toggle(columnName(own), own.key, [this, own] { m_view->addColumn(own); });
        }
        auto offers = m_offers->list();
        if (m_approximate)
            std::transform(offers.begin(), offers.end(), offers.begin(), approximated);
        const auto offer = [&](const QString &name, const std::string &key) {
            return toggle(name, key, [this, key, name] { addEncoder(key, name); });
        };
        int before = -1;
        for (const auto &one : offers) {
            const bool tuned = one.key.find("run:") != std::string::npos;
            if (before != tuned)
                menu->addSeparator();
            before = tuned;
            EncoderOffers::mark(offer(one.name, one.key), one);
        }
        for (const auto &column : columns) // shown, but on no list
            if (column.kind == ColumnKind::Other &&
                std::none_of(offers.begin(), offers.end(), [&](const auto &one) { return one.key == column.key; }))
                offer(column.name, column.key);
        menu->addSeparator();
        auto *quick = menu->addAction(tr("Approximate and quicker (int8)"));
        quick->setCheckable(true);
        quick->setChecked(m_approximate);
        quick->setToolTip(
            tr("Columns added from now on are encoded with matrices of whole numbers. Their headings say so, "
               "with the cosine to exact embeddings."));
        connect(quick, &QAction::toggled, this, [this](bool on) { m_approximate = on; });
        menu->addAction(Theme::instance().icon(QStringLiteral("open")), tr("Add encoder folder…"), this, [this] {
            if (const EncoderOffer chosen = m_offers->askForFolder(this); !chosen.key.empty())
                addEncoder(m_approximate ? approximated(chosen).key : chosen.key, chosen.name);
        });
    };
    connect(menu, &QMenu::aboutToShow, this, [this, fill] {
        fill();
        m_offers->refresh();
    });
    using Offers = std::vector<EncoderOffer>;
    connect(m_offers, &EncoderOffers::changed, menu, [menu, fill, known = std::make_shared<Offers>(), this] {
        Offers now = m_offers->list();
        if (menu->isVisible() && now != *known)
            fill(); // the library is not what it was when the menu opened
        *known = std::move(now);
    });
}

void ExplorePage::describeColumn(ExploreColumn &column, const EncoderOffer &offer)
{
    column.name = offer.name;
    column.folder = offer.folder;
    column.colour = m_offers->colour(offer);
    column.approximate = offer.approximate;
}

void ExplorePage::addEncoder(const std::string &key, const QString &name)
{
    const EncoderOffer offer = m_offers->find(key, name);
    ExploreColumn column;
    column.key = key;
    describeColumn(column, offer);
    m_view->addColumn(std::move(column));
}

void ExplorePage::restoreChoice()
{
    std::string stored;
    try {
        if (m_session->isOpen())
            stored = m_session->project().setting(columnsSetting);
    } catch (const std::exception &) {
        // The default columns then.
    }
    ColumnChoice choice = parseChoice(stored);
    // The encoder that the run in view tuned stands under "tuned" already.
    const std::string own = "run:" + std::to_string(m_session->currentRun());
    std::erase_if(choice.columns, [&](const auto &column) { return column.key == own; });
    for (auto &column : choice.columns) {
        if (column.kind != ColumnKind::Other)
            continue;
        const EncoderOffer offer = m_offers->find(column.key, column.name);
        describeColumn(column, offer);
    }
    m_view->setSession(nullptr); // so that encoders are asked for once, for the session to come
    m_view->setChoice(choice);
}

void ExplorePage::storeChoice()
{
    if (!m_session->isOpen() || m_session->readOnly())
        return;
    try {
        m_session->project().setSetting(columnsSetting, toJson(m_view->choice()));
    } catch (const std::exception &error) {
        messages()->show(MessageBar::Tone::Warning, describe(error));
    }
}

void ExplorePage::wantEncoder(const std::string &key)
{
    m_wanted.push_back(key);
    if (!m_encoderTask->busy())
        loadNextEncoder();
}

void ExplorePage::dropEncoder(const std::string &key)
{
    std::erase(m_wanted, key);
    if (m_inWork != key || !m_encoderTask->busy())
        return;
    m_encoderTask->cancel();
    loadNextEncoder();
}

void ExplorePage::loadNextEncoder()
{
    m_inWork.clear();
    if (m_wanted.empty() || !m_loaded)
        return;
    m_inWork = m_wanted.front();
    m_wanted.erase(m_wanted.begin());
    const int place = placeOf(m_view->choice().columns, m_inWork);
    if (place < 0)
        return loadNextEncoder();
    const ExploreColumn column = m_view->choice().columns[static_cast<std::size_t>(place)];
    m_view->setEncoderProgress(m_inWork, tr("Loading the encoder…"), -1);
    m_encoderTask->run(
        [session = m_loaded, column](std::stop_token stop, const ProgressFn &progress) {
            const auto precision = column.approximate ? embed::Precision::Int8 : embed::Precision::Exact;
            return run::loadExploreEncoder(*session, column.name.toStdString(), column.folder, precision, progress,
                                           stop);
        },
        [this, key = m_inWork](std::shared_ptr<const run::ExploreEncoder> encoder) {
            m_view->setEncoder(key, std::move(encoder));
            loadNextEncoder();
        },
        [this, key = m_inWork](const QString &text) {
            m_view->setEncoderFailure(key, text);
            loadNextEncoder();
        });
}

} // namespace apiary::widgets
