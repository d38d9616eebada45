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

const NeighbourList *Neighbourhood::find(const std::string &key) const
{
    const auto found = std::find_if(lists.begin(), lists.end(), [&](const auto &list) { return list.key == key; });
    return found == lists.end() ? nullptr : &*found;
}

Neighbourhood neighbourhood(const run::ExploreSession &session, const ExploreColumns &columns, std::int32_t item, int k,
                            std::stop_token stop)
{
    Neighbourhood result;
    result.item = item;
    result.k = k;
    const std::int64_t items = session.dataset.catalog.size();
    const int depth = std::max(k, overlapLength);
    if (session.interactions) {
        NeighbourList list{ownColumn(ColumnKind::Interactions).key, {}, {}, -1};
        auto all = session.interactions->nearest(item, static_cast<int>(items));
        list.ranks = ranksOf(all, items);
        list.neighbours = first(std::move(all), depth);
        result.lists.push_back(std::move(list));
    }
    const auto add = [&](const std::string &key, const run::ExploreEncoder *encoder) {
        if (!encoder || result.find(key))
            return;
        throwIfStopped(stop);
        NeighbourList list{key, encoder->index->nearest(item, depth), {}, -1};
        throwIfStopped(stop);
        list.ranks = encoder->index->ranks(item);
        if (session.interactions)
            list.shared = shared(list.neighbours, result.lists.front().neighbours);
        result.lists.push_back(std::move(list));
    };
    add(ownColumn(ColumnKind::Base).key, session.encoder(run::EncoderRole::Base).get());
    for (const auto &column : columns)
        add(column.key, column.encoder.get());
    for (auto &list : result.lists)
        list.neighbours = first(std::move(list.neighbours), k);
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

QString csvField(const QString &text)
{
    const bool plain = std::none_of(text.begin(), text.end(),
                                    [](QChar c) { return c == u',' || c == u'"' || c == u'\n' || c == u'\r'; });
    if (plain)
        return text;
    QString quoted = text;
    quoted.replace(QLatin1String("\""), QLatin1String("\"\""));
    return QLatin1Char('"') + quoted + QLatin1Char('"');
}

QString neighbourhoodCsv(const run::ExploreSession &session, const ExploreColumns &columns,
                         const Neighbourhood &neighbourhood)
{
    const auto &catalog = session.dataset.catalog;
    const auto id = [&](std::int32_t item) {
        return csvField(QString::fromStdString(catalog.ids[static_cast<std::size_t>(item)]));
    };
    QString csv =
        QStringLiteral("item,item_title,list,rank,neighbour,title,cosine,base_rank,role,users,users_in_common\n");
    if (neighbourhood.item < 0)
        return csv;
    const QString start = id(neighbourhood.item) + u',' + csvField(titleOf(session, neighbourhood.item)) + u',';
    const auto *base = neighbourhood.find(ownColumn(ColumnKind::Base).key);
    for (const auto &column : columns) {
        const auto *list = neighbourhood.find(column.key);
        int rank = 0;
        for (const auto &row : list ? list->neighbours : std::vector<explore::Neighbour>()) {
            const auto item = static_cast<std::size_t>(row.item);
            csv += start + csvField(columnName(column)) + u',' + QString::number(++rank) + u',' + id(row.item) + u',';
            csv += csvField(titleOf(session, row.item)) + u',' + QString::number(row.similarity, 'g', 9) + u',';
            csv += (base ? QString::number(base->ranks[item]) : QString()) + u',';
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
