#include "widgets/explore/item_search_model.h"

#include "widgets/explore/neighbourhood.h"

namespace apiary::widgets {

void ItemSearchModel::setSession(std::shared_ptr<const run::ExploreSession> session)
{
    beginResetModel();
    m_session = std::move(session);
    m_items.clear();
    endResetModel();
}

void ItemSearchModel::search(const QString &query)
{
    beginResetModel();
    m_items.clear();
    if (m_session && !query.trimmed().isEmpty())
        m_items = m_session->search(query.trimmed().toStdString(), limit);
    endResetModel();
}

std::int32_t ItemSearchModel::itemAt(int row) const
{
    return row >= 0 && row < static_cast<int>(m_items.size()) ? m_items[static_cast<std::size_t>(row)] : -1;
}

int ItemSearchModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_items.size());
}

QVariant ItemSearchModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const std::int32_t item = itemAt(index.row());
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
        return titleOf(*m_session, item);
    case Qt::ToolTipRole: {
        const QString role = roleName(m_session->split.roles[static_cast<std::size_t>(item)]);
        return m_session->interactions ? tr("%1 users, %2").arg(m_session->interactions->users(item)).arg(role) : role;
    }
    case ItemRole:
        return item;
    default:
        return {};
    }
}

} // namespace apiary::widgets
