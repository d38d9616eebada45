#include "widgets/explore/explore_view.h"

#include "widgets/explore/item_card.h"
#include "widgets/explore/overlap_panel.h"
#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QSignalBlocker>

#include <algorithm>

namespace apiary::widgets {

void ExploreView::setTunedHint(const QString &text)
{
    m_tunedHint = text;
    showColumns();
}

void ExploreView::setBaseName(const QString &name)
{
    m_baseName = name;
    showColumns();
}

void ExploreView::setChoice(const ColumnChoice &choice)
{
    m_choice = choice;
    const QSignalBlocker quiet(m_reference);
    m_reference->setCurrentIndex(m_choice.reference == MoveReference::Left ? 1 : 0);
    m_failures.clear();
    m_progress.clear();
    takeOwnEncoders();
    arrange();
    wantEncoders();
    lookUp();
}

void ExploreView::takeOwnEncoders()
{
    for (auto &column : m_choice.columns) {
        if (column.kind == ColumnKind::Other)
            continue;
        column.encoder = nullptr;
        if (m_session && column.kind != ColumnKind::Interactions)
            column.encoder =
                m_session->encoder(column.kind == ColumnKind::Base ? run::EncoderRole::Base : run::EncoderRole::Tuned);
    }
}

void ExploreView::wantEncoders()
{
    if (!m_session)
        return;
    const ExploreColumns columns = m_choice.columns; // whoever answers may change them
    for (const auto &column : columns)
        if (column.kind == ColumnKind::Other && !column.encoder && !m_failures.contains(column.key) &&
            !m_progress.contains(column.key)) {
            m_progress[column.key] = {tr("Waiting…"), -1};
            showColumns();
            Q_EMIT encoderWanted(column);
        }
}

void ExploreView::changeColumns()
{
    arrange();
    Q_EMIT choiceChanged();
    wantEncoders();
    lookUp();
}

void ExploreView::addColumn(ExploreColumn column)
{
    if (placeOf(m_choice.columns, column.key) >= 0)
        return;
    const int interactions = placeOf(m_choice.columns, ownColumn(ColumnKind::Interactions).key);
    auto at = m_choice.columns.end();
    if (column.kind != ColumnKind::Interactions && interactions >= 0)
        at = m_choice.columns.begin() + interactions;
    if (column.kind == ColumnKind::Base)
        at = m_choice.columns.begin();
    m_choice.columns.insert(at, std::move(column));
    takeOwnEncoders();
    changeColumns();
}

void ExploreView::removeColumn(const std::string &key)
{
    const int place = placeOf(m_choice.columns, key);
    if (place < 0 || m_choice.columns.size() == 1)
        return; // an empty page would have nothing to come back from
    m_choice.columns.erase(m_choice.columns.begin() + place);
    m_failures.erase(key);
    m_progress.erase(key);
    Q_EMIT encoderDropped(QString::fromStdString(key));
    changeColumns();
}

void ExploreView::moveColumn(const std::string &key, int place)
{
    const int from = placeOf(m_choice.columns, key);
    const int to = std::clamp(place, 0, static_cast<int>(m_choice.columns.size()) - 1);
    if (from < 0 || from == to)
        return;
    ExploreColumn column = m_choice.columns[static_cast<std::size_t>(from)];
    m_choice.columns.erase(m_choice.columns.begin() + from);
    m_choice.columns.insert(m_choice.columns.begin() + to, std::move(column));
    arrange();
    Q_EMIT choiceChanged();
}

void ExploreView::setEncoder(const std::string &key, std::shared_ptr<const run::ExploreEncoder> encoder)
{
    const int place = placeOf(m_choice.columns, key);
    if (place < 0)
        return;
    m_progress.erase(key);
    m_failures.erase(key);
    m_choice.columns[static_cast<std::size_t>(place)].encoder = std::move(encoder);
    showColumns();
    lookUp();
}

void ExploreView::setEncoderProgress(const std::string &key, const QString &text, double share)
{
    if (placeOf(m_choice.columns, key) < 0)
        return;
    m_progress[key] = {text, share};
    if (auto *column = m_strip->find(key))
        column->showWork(text, share);
}

void ExploreView::setEncoderFailure(const std::string &key, const QString &text)
{
    if (placeOf(m_choice.columns, key) < 0)
        return;
    m_progress.erase(key);
    m_failures[key] = text;
    showColumns();
}

void ExploreView::arrange()
{
    m_strip->arrange(m_choice.columns);
    showColumns();
}

QString ExploreView::noteOf(const ExploreColumn &column) const
{
    if (column.kind == ColumnKind::Interactions)
        return tr("cosine of users");
    if (column.approximate && column.encoder && column.encoder->agreement)
        return tr("approximate · cosine %1").arg(format::metric(column.encoder->agreement->meanCosine));
    if (column.approximate)
        return tr("approximate");
    if (column.kind == ColumnKind::Other)
        return column.key.starts_with("run:") ? tr("tuned by another run") : tr("as it came");
    if (column.encoder && column.kind == ColumnKind::Base && !m_baseName.isEmpty())
        return m_baseName;
    return column.encoder ? QString::fromStdString(column.encoder->name) : QString();
}

void ExploreView::showColumn(NeighbourColumn *shown, const ExploreColumn *left)
{
    const auto &column = m_choice.columns[static_cast<std::size_t>(placeOf(m_choice.columns, shown->column().key))];
    const ExploreColumn base = ownColumn(ColumnKind::Base);
    const ExploreColumn *reference = m_choice.reference == MoveReference::Left ? left : &base;
    const bool focused = shown->view()->hasFocus();
    const int row = shown->view()->currentIndex().row();
    const std::int32_t item = shown->model()->itemAt(row);
    shown->setColumn(column, noteOf(column));
    shown->model()->show(m_session, m_shown, reference);
    shown->view()->refresh();
    const auto failure = m_failures.find(column.key);
    const auto progress = m_progress.find(column.key);
    if (failure != m_failures.end())
        shown->showFailure(failure->second);
    else if (progress != m_progress.end())
        shown->showWork(progress->second.first, progress->second.second);
    else if (m_session && column.kind == ColumnKind::Base && !column.encoder)
        shown->showHint(tr("The base encoder's embeddings are not there yet."));
    else if (m_session && column.kind == ColumnKind::Tuned && !column.encoder)
        shown->showHint(m_tunedHint.isEmpty() ? tr("This run has no tuned encoder.") : m_tunedHint);
    else if (m_shown && column.kind == ColumnKind::Interactions && shown->model()->rowCount() == 0)
        shown->showHint(tr("No other item shares a user with this one."));
    else
        shown->showList();
    if (focused && shown->listShown())
        shown->view()->enter(std::max(0, shown->model()->rowOf(item) >= 0 ? shown->model()->rowOf(item) : 0));
}

void ExploreView::showColumns()
{
    for (int place = 0; place < m_strip->count(); ++place)
        showColumn(m_strip->at(place), place > 0 ? &m_choice.columns[static_cast<std::size_t>(place - 1)] : nullptr);
    m_overlap->present(m_choice.columns, m_shown.get());
}

void ExploreView::connectColumn(NeighbourColumn *column)
{
    const std::string key = column->column().key;
    connect(column->view(), &NeighbourView::chosen, this, [this](int item) { goTo(item); });
    connect(column->view(), &NeighbourView::pointedAt, this, [this](int item) { setPointed(item); });
    connect(column->view(), &NeighbourView::left, this, [this, key](int by) { moveBetween(key, by); });
    connect(column, &NeighbourColumn::moveAsked, this, [this, key](int by) {
        moveColumn(key, placeOf(m_choice.columns, key) + by);
        if (const auto *moved = m_strip->find(key))
            m_strip->bringIntoView(moved);
    });
    connect(
        column, &NeighbourColumn::removeAsked, this, [this, key] { removeColumn(key); }, Qt::QueuedConnection);
    connect(column, &NeighbourColumn::retryAsked, this, [this, key] {
        m_failures.erase(key);
        wantEncoders();
    });
}

void ExploreView::moveBetween(const std::string &key, int by)
{
    const int column = placeOf(m_choice.columns, key);
    const auto *from = m_strip->find(key);
    if (!from)
        return;
    const int row = from->view()->currentIndex().row();
    for (int next = column + by; next >= 0 && next < m_strip->count(); next += by) {
        auto *to = m_strip->at(next);
        if (!to->listShown() || to->model()->rowCount() == 0)
            continue;
        // The same item where the other list has it, so that a line can be followed; else the same row.
        const int same = to->model()->rowOf(from->model()->itemAt(row));
        to->view()->enter(same >= 0 ? same : row);
        return;
    }
}

NeighbourView *ExploreView::list(const std::string &key) const
{
    const auto *column = m_strip->find(key);
    return column ? column->view() : nullptr;
}

} // namespace apiary::widgets
