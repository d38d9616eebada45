#pragma once

#include "widgets/explore/neighbourhood.h"

#include <QAbstractTableModel>

#include <memory>

namespace apiary::widgets {

/// One list of neighbours: rank, role, title, move against another list, similarity. GUI thread.
class NeighbourModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { RankColumn, RoleColumn, TitleColumn, MoveColumn, SimilarityColumn, ColumnCount };
    enum Role {
        ItemRole = Qt::UserRole + 1, ///< int: index of the item
        SplitRole,                   ///< int: data::ItemRole
        SimilarityRole,              ///< float
        MoveRole,                    ///< int: places gained against the reference; invalid where there is none
    };

    explicit NeighbourModel(ExploreColumn column, QObject *parent = nullptr);

    /// Shows the column's list; null empties the model. Moves are counted against the list of `reference` (null: none).
    void show(std::shared_ptr<const run::ExploreSession> session, std::shared_ptr<const Neighbourhood> neighbourhood,
              const ExploreColumn *reference);

    const ExploreColumn &column() const { return m_column; }
    /// Another state of the same column: its encoder, its colour.
    void setColumn(ExploreColumn column) { m_column = std::move(column); }
    bool hasMoves() const { return !m_reference.empty(); }
    std::int32_t itemAt(int row) const; ///< -1 out of range
    int rowOf(std::int32_t item) const; ///< -1 where the list does not hold it

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    const std::vector<explore::Neighbour> *rows() const;
    QVariant move(const explore::Neighbour &neighbour, int row) const;
    QString display(const explore::Neighbour &neighbour, const QModelIndex &index) const;
    QString toolTip(const explore::Neighbour &neighbour) const;
    QString description(const explore::Neighbour &neighbour, int row) const;

    ExploreColumn m_column;
    std::string m_reference; ///< key; empty: none
    QString m_referenceName;
    std::shared_ptr<const run::ExploreSession> m_session;
    std::shared_ptr<const Neighbourhood> m_neighbourhood;
};

} // namespace apiary::widgets
