#pragma once

#include "run/explore_session.h"

#include <QAbstractListModel>

#include <memory>

namespace apiary::widgets {

/// What the search field offers: items found by ExploreSession::search(), best first. GUI thread.
class ItemSearchModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role { ItemRole = Qt::UserRole + 1 };
    static constexpr int limit = 50;

    using QAbstractListModel::QAbstractListModel;

    void setSession(std::shared_ptr<const run::ExploreSession> session);
    /// Looks the query up; an empty one empties the list.
    void search(const QString &query);

    std::int32_t itemAt(int row) const; ///< -1 out of range
    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    std::shared_ptr<const run::ExploreSession> m_session;
    std::vector<std::int32_t> m_items;
};

} // namespace apiary::widgets
