#include "widgets/explore/explore_view.h"

#include "widgets/explore/item_card.h"
#include "widgets/explore/item_search_model.h"
#include "widgets/explore/overlap_panel.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QCompleter>
#include <QKeyEvent>
#include <QLineEdit>
#include <QShortcut>
#include <QToolButton>

#include <algorithm>

namespace apiary::widgets {

namespace {

std::int32_t mostPopular(const run::ExploreSession &session)
{
    const auto items = static_cast<std::int32_t>(session.dataset.catalog.size());
    if (session.interactions)
        for (std::int32_t item = 0; item < items; ++item)
            if (session.interactions->popularityRank(item) == 1)
                return item;
    return items > 0 ? 0 : -1;
}

} // namespace

ExploreView::~ExploreView() = default;

void ExploreView::makeSearch()
{
    auto *completer = new QCompleter(m_found, this);
    completer->setCompletionMode(QCompleter::UnfilteredPopupCompletion);
    completer->setMaxVisibleItems(12);
    m_search->setCompleter(completer);
    connect(m_search, &QLineEdit::textEdited, m_found, &ItemSearchModel::search);
    connect(
        completer, qOverload<const QModelIndex &>(&QCompleter::activated), this,
        [this](const QModelIndex &index) { chooseFound(index.row()); }, Qt::QueuedConnection);
    connect(m_search, &QLineEdit::returnPressed, this, [this] { chooseFound(0); });
    completer->popup()->installEventFilter(this);
    completer->popup()->setAccessibleName(tr("Items found"));
}

bool ExploreView::eventFilter(QObject *watched, QEvent *event)
{
    // Enter in the list of items found takes the chosen one, the first where none is. The completer would hand the key
    // to the field as well.
    auto *popup = m_search->completer()->popup();
    if (watched == popup && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Return || key == Qt::Key_Enter) {
            const int row = std::max(0, popup->currentIndex().row());
            popup->hide();
            chooseFound(row);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void ExploreView::chooseFound(int row)
{
    const std::int32_t item = m_found->itemAt(row);
    if (item < 0)
        return;
    m_search->clear();
    m_found->search({});
    goTo(item);
    m_strip->at(0)->view()->setFocus(Qt::OtherFocusReason);
}

void ExploreView::makeShortcuts()
{
    const auto add = [this](const QKeySequence &keys, auto call) {
        auto *shortcut = new QShortcut(keys, this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, call);
    };
    add(QKeySequence(Qt::ALT | Qt::Key_Left), [this] { goBack(); });
    add(QKeySequence(Qt::ALT | Qt::Key_Right), [this] { goForward(); });
    add(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C), [this] { copyCsv(); });
}

void ExploreView::setSession(std::shared_ptr<const run::ExploreSession> session)
{
    m_task->cancel();
    m_session = std::move(session);
    m_found->setSession(m_session);
    m_item = -1;
    for (auto &column : m_choice.columns)
        column.encoder = nullptr;
    m_failures.clear();
    m_progress.clear();
    takeOwnEncoders();
    showNeighbourhood(nullptr);
    if (!m_session)
        return;
    const auto known = m_session->find(m_history.current());
    const std::int32_t item = known ? *known : mostPopular(*m_session);
    if (item >= 0)
        goTo(item);
    updateButtons();
    wantEncoders();
}

void ExploreView::goTo(std::int32_t item)
{
    if (!m_session || item < 0 || item >= m_session->dataset.catalog.size())
        return;
    m_history.visit(m_session->dataset.catalog.ids[static_cast<std::size_t>(item)]);
    visit(item);
}

void ExploreView::revisit(const std::string &id)
{
    if (const auto item = m_session ? m_session->find(id) : std::nullopt)
        visit(*item);
    updateButtons();
}

void ExploreView::goBack()
{
    if (m_history.canGoBack())
        revisit(m_history.back());
}

void ExploreView::goForward()
{
    if (m_history.canGoForward())
        revisit(m_history.forward());
}

void ExploreView::visit(std::int32_t item)
{
    m_item = item;
    m_card->present(m_session.get(), item);
    updateButtons();
    lookUp();
}

void ExploreView::lookUp()
{
    if (!m_session || m_item < 0)
        return;
    const int k = m_length->currentData().toInt();
    m_task->run(
        [session = m_session, columns = m_choice.columns, item = m_item, k](std::stop_token stop, const ProgressFn &) {
            return std::make_shared<const Neighbourhood>(neighbourhood(*session, columns, item, k, stop));
        },
        [this](std::shared_ptr<const Neighbourhood> result) { showNeighbourhood(std::move(result)); });
}

void ExploreView::showNeighbourhood(std::shared_ptr<const Neighbourhood> neighbourhood)
{
    m_shown = std::move(neighbourhood);
    m_pointed = -2; // so that the cards are filled again
    showColumns();
    setPointed(-1);
    if (m_shown)
        Q_EMIT itemShown(m_shown->item);
}

void ExploreView::setPointed(std::int32_t item)
{
    if (m_pointed == item)
        return;
    m_pointed = item;
    m_strip->setPointed(item);
    m_other->present(m_session.get(), item, m_shown.get(), m_choice.columns);
}

void ExploreView::updateButtons()
{
    m_back->setEnabled(m_history.canGoBack());
    m_forward->setEnabled(m_history.canGoForward());
}

void ExploreView::copyCsv() const
{
    if (m_session && m_shown)
        QApplication::clipboard()->setText(neighbourhoodCsv(*m_session, m_choice.columns, *m_shown));
}

} // namespace apiary::widgets
