#include "widgets/explore/neighbourhood.h"

#include "base/cancel.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <cmath>

namespace apiary::widgets {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Neighbourhood", text);
}

std::vector<std::int32_t> ranksOf(const std::vector<explore::Neighbour> &list, std::int64_t items)
{
    std::vector<std::int32_t> ranks(static_cast<std::size_t>(items), 0);
    std::int32_t rank = 0;
    for (const auto &neighbour : list)
        ranks[static_cast<std::size_t>(neighbour.item)] = ++rank;
    return ranks;
}

int shared(const std::vector<explore::Neighbour> &a, const std::vector<explore::Neighbour> &b)
{
    return static_cast<int>(std::lround(explore::overlap(a, b, overlapLength) * overlapLength));
}

std::vector<explore::Neighbour> first(std::vector<explore::Neighbour> list, int k)
{
    if (list.size() > static_cast<std::size_t>(k))
        list.resize(static_cast<std::size_t>(k));
    return list;
}

} // namespace

Neighbourhood neighbourhood(const run::ExploreSession &session, std::int32_t item, int k, std::stop_token stop)
{
    Neighbourhood result;
    result.item = item;
    result.k = k;
    const std::int64_t items = session.dataset.catalog.size();
    const int depth = std::max(k, overlapLength);
    std::array<std::vector<explore::Neighbour>, neighbourLists> deep;
    const auto semantic = [&](NeighbourList list, const explore::SemanticIndex *index) {
        throwIfStopped(stop);
        if (!index)
            return;
        deep[at(list)] = index->nearest(item, depth);
        throwIfStopped(stop);
        result.ranks[at(list)] = index->ranks(item);
    };
    semantic(NeighbourList::Base, session.base.get());
    semantic(NeighbourList::Tuned, session.tuned.get());
    throwIfStopped(stop);
    if (session.interactions) {
        auto all = session.interactions->nearest(item, static_cast<int>(items));
        result.ranks[at(NeighbourList::Interactions)] = ranksOf(all, items);
        deep[at(NeighbourList::Interactions)] = first(std::move(all), depth);
        if (session.base)
            result.baseShared = shared(deep[at(NeighbourList::Base)], deep[at(NeighbourList::Interactions)]);
        if (session.tuned)
            result.tunedShared = shared(deep[at(NeighbourList::Tuned)], deep[at(NeighbourList::Interactions)]);
    }
    for (const auto list : allNeighbourLists)
        result.lists[at(list)] = first(std::move(deep[at(list)]), k);
    return result;
}

QString shortFields(const data::Catalog &catalog, std::int32_t item)
{
    constexpr qsizetype longest = 60;
    const auto row = static_cast<std::size_t>(item);
    const QString id = QString::fromStdString(catalog.ids[row]);
    const QString title = QString::fromStdString(catalog.titles[row]);
    QStringList parts;
    for (const auto &[name, values] : catalog.fields) {
        if (row >= values.size())
            continue;
        const QString value = QString::fromStdString(values[row]).simplified();
        if (value.isEmpty() || value.size() > longest || value == id || title.contains(value) || parts.contains(value))
            continue;
        parts << value;
    }
    return parts.join(QStringLiteral(" · "));
}

QString titleOf(const run::ExploreSession &session, std::int32_t item)
{
    return QString::fromStdString(session.dataset.catalog.titles[static_cast<std::size_t>(item)]);
}

QString roleName(data::ItemRole role)
{
    switch (role) {
    case data::ItemRole::Train:
        return tr("trained on");
    case data::ItemRole::Validation:
        return tr("validation");
    case data::ItemRole::Test:
        break;
    }
    return tr("held out");
}

QString roleHelp(data::ItemRole role)
{
    switch (role) {
    case data::ItemRole::Train:
        return tr("The tuned encoder learned from interactions with this item.");
    case data::ItemRole::Validation:
        return tr("Its interactions were hidden from training and used to choose the best step.");
    case data::ItemRole::Test:
        break;
    }
    return tr("Its interactions were hidden from training and read once, for the test at the end.");
}

QString listName(NeighbourList list)
{
    switch (list) {
    case NeighbourList::Base:
        return tr("base encoder");
    case NeighbourList::Tuned:
        return tr("tuned encoder");
    case NeighbourList::Interactions:
        break;
    }
    return tr("interactions");
}

QString csvField(const QString &text)
{
    const bool plain = std::none_of(text.begin(), text.end(), [](QChar c) {
        return c == u',' || c == u'"' || c == u'\n' || c == u'\r';
    });
    if (plain)
        return text;
    QString quoted = text;
    quoted.replace(QLatin1String("\""), QLatin1String("\"\""));
    return QLatin1Char('"') + quoted + QLatin1Char('"');
}

QString neighbourhoodCsv(const run::ExploreSession &session, const Neighbourhood &neighbourhood)
{
    const auto &catalog = session.dataset.catalog;
    const auto id = [&](std::int32_t item) {
        return csvField(QString::fromStdString(catalog.ids[static_cast<std::size_t>(item)]));
    };
    QString csv = QStringLiteral("item,item_title,list,rank,neighbour,title,cosine,base_rank,role,users,users_in_common\n");
    if (neighbourhood.item < 0)
        return csv;
    const QString start = id(neighbourhood.item) + u',' + csvField(titleOf(session, neighbourhood.item)) + u',';
    const auto &baseRanks = neighbourhood.ranks[at(NeighbourList::Base)];
    for (const auto list : allNeighbourLists) {
        int rank = 0;
        for (const auto &row : neighbourhood.lists[at(list)]) {
            const auto item = static_cast<std::size_t>(row.item);
            csv += start + listName(list) + u',' + QString::number(++rank) + u',' + id(row.item) + u',';
            csv += csvField(titleOf(session, row.item)) + u',' + QString::number(row.similarity, 'g', 9) + u',';
            csv += (baseRanks.empty() ? QString() : QString::number(baseRanks[item])) + u',';
            csv += QString::fromUtf8(data::name(session.split.roles[item])) + u',';
            if (session.interactions)
                csv += QString::number(session.interactions->users(row.item)) + u',' +
                       QString::number(session.interactions->usersInCommon(neighbourhood.item, row.item));
            else
                csv += u',';
            csv += u'\n';
        }
    }
    return csv;
}

} // namespace apiary::widgets
