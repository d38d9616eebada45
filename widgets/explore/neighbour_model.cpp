#include "widgets/explore/neighbour_model.h"

#include <algorithm>
#include <cmath>

namespace apiary::widgets {

namespace {

/// ".81", "-.05", "1.00": two decimals without the leading zero, as similarities are read in a column.
QString similarityText(float value)
{
    QString text = QString::number(static_cast<double>(value), 'f', 2);
    if (text == QLatin1String("-0.00"))
        text = QStringLiteral("0.00");
    if (text.startsWith(QLatin1String("0.")))
        return text.mid(1);
    if (text.startsWith(QLatin1String("-0.")))
        return QStringLiteral("\u2212") + text.mid(2);
    return text;
}

/// Up to three characters: "12", "999", "1k", "23k". The exact number stands in the row's description.
QString placesText(int places)
{
    return places < 1000 ? QString::number(places) : QStringLiteral("%1k").arg(places / 1000);
}

} // namespace

NeighbourModel::NeighbourModel(ExploreColumn column, QObject *parent)
    : QAbstractTableModel(parent)
    , m_column(std::move(column))
{
}

void NeighbourModel::show(std::shared_ptr<const run::ExploreSession> session,
                          std::shared_ptr<const Neighbourhood> neighbourhood, const ExploreColumn *reference)
{
    beginResetModel();
    m_session = std::move(session);
    m_neighbourhood = m_session ? std::move(neighbourhood) : nullptr;
    m_reference = reference && reference->key != m_column.key ? reference->key : std::string();
    m_referenceName = reference ? columnName(*reference) : QString();
    endResetModel();
}

const std::vector<explore::Neighbour> *NeighbourModel::rows() const
{
    const auto *list = m_neighbourhood ? m_neighbourhood->find(m_column.key) : nullptr;
    return list ? &list->neighbours : nullptr;
}

std::int32_t NeighbourModel::itemAt(int row) const
{
    const auto *list = rows();
    return list && row >= 0 && row < static_cast<int>(list->size()) ? (*list)[static_cast<std::size_t>(row)].item : -1;
}

int NeighbourModel::rowOf(std::int32_t item) const
{
    const auto *list = rows();
    if (!list)
        return -1;
    const auto found = std::find_if(list->begin(), list->end(), [&](const auto &row) { return row.item == item; });
    return found == list->end() ? -1 : static_cast<int>(found - list->begin());
}

int NeighbourModel::rowCount(const QModelIndex &parent) const
{
    const auto *list = rows();
    return parent.isValid() || !list ? 0 : static_cast<int>(list->size());
}

int NeighbourModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant NeighbourModel::move(const explore::Neighbour &neighbour, int row) const
{
    const auto *reference = m_reference.empty() ? nullptr : m_neighbourhood->find(m_reference);
    const std::int32_t there =
        reference && !reference->ranks.empty() ? reference->ranks[static_cast<std::size_t>(neighbour.item)] : 0;
    return there > 0 ? QVariant(there - (row + 1)) : QVariant();
}

QString NeighbourModel::display(const explore::Neighbour &neighbour, const QModelIndex &index) const
{
    switch (index.column()) {
    case RankColumn:
        return QString::number(index.row() + 1);
    case TitleColumn:
        return titleOf(*m_session, neighbour.item);
    case MoveColumn: {
        const QVariant places = move(neighbour, index.row());
        if (!places.isValid() || places.toInt() == 0)
            return {};
        return (places.toInt() > 0 ? QStringLiteral("▲") : QStringLiteral("▼")) + placesText(std::abs(places.toInt()));
    }
    case SimilarityColumn:
        return similarityText(neighbour.similarity);
    default:
        return {};
    }
}

QString NeighbourModel::description(const explore::Neighbour &neighbour, int row) const
{
    QString text = tr("rank %1, %2, cosine %3, %4")
                       .arg(row + 1)
                       .arg(titleOf(*m_session, neighbour.item), similarityText(neighbour.similarity),
                            roleName(m_session->split.roles[static_cast<std::size_t>(neighbour.item)]));
    const QVariant places = move(neighbour, row);
    if (places.isValid() && places.toInt() != 0)
        text += (places.toInt() > 0 ? tr(", up %1 against %2") : tr(", down %1 against %2"))
                    .arg(std::abs(places.toInt()))
                    .arg(m_referenceName);
    return text;
}

QString NeighbourModel::toolTip(const explore::Neighbour &neighbour) const
{
    constexpr std::size_t longest = 600;
    const auto item = static_cast<std::size_t>(neighbour.item);
    QString text = QString::fromStdString(m_session->dataset.catalog.texts[item]);
    if (text.size() > static_cast<qsizetype>(longest))
        text = text.left(longest) + QStringLiteral("…");
    QString tip = QStringLiteral("<p style='white-space:pre-wrap'><b>%1</b> · %2</p><p>%3</p>")
                      .arg(titleOf(*m_session, neighbour.item).toHtmlEscaped(), roleName(m_session->split.roles[item]),
                           text.toHtmlEscaped());
    if (m_session->interactions)
        tip += QStringLiteral("<p>%1</p>")
                   .arg(tr("%1 users, %2 in common with %3")
                            .arg(m_session->interactions->users(neighbour.item))
                            .arg(m_session->interactions->usersInCommon(m_neighbourhood->item, neighbour.item))
                            .arg(titleOf(*m_session, m_neighbourhood->item).toHtmlEscaped()));
    return tip;
}

QVariant NeighbourModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const auto &neighbour = (*rows())[static_cast<std::size_t>(index.row())];
    const auto split = m_session->split.roles[static_cast<std::size_t>(neighbour.item)];
    switch (role) {
    case Qt::DisplayRole:
        return display(neighbour, index);
    case Qt::TextAlignmentRole:
        return static_cast<int>((index.column() == TitleColumn ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case Qt::AccessibleTextRole:
        return index.column() == TitleColumn  ? QVariant(description(neighbour, index.row()))
               : index.column() == RoleColumn ? QVariant(roleName(split))
                                              : QVariant(display(neighbour, index));
    case Qt::ToolTipRole:
        return toolTip(neighbour);
    case ItemRole:
        return neighbour.item;
    case SplitRole:
        return static_cast<int>(split);
    case SimilarityRole:
        return neighbour.similarity;
    case MoveRole:
        return move(neighbour, index.row());
    default:
        return {};
    }
}

QVariant NeighbourModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return QAbstractTableModel::headerData(section, orientation, role);
    switch (section) {
    case RankColumn:
        return tr("Rank");
    case RoleColumn:
        return tr("Role");
    case TitleColumn:
        return tr("Title");
    case MoveColumn:
        return tr("Move");
    case SimilarityColumn:
        return tr("Cosine");
    default:
        return {};
    }
}

} // namespace apiary::widgets
