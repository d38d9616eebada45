#pragma once

#include "widgets/compare/model_scores.h"

#include <QAbstractTableModel>

#include <memory>

namespace apiary::widgets {

/// The matrix: a row a model, a column a metric behind the model's name. GUI thread.
class ComparisonModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Role {
        ValueRole = Qt::UserRole + 1, ///< double; invalid where there is none
        DifferenceRole,               ///< double
        LowRole,                      ///< double, of the difference
        HighRole,
        PaleRole,     ///< bool: the interval holds 0
        BaselineRole, ///< bool: the row is the baseline
        KindRole,     ///< int: ModelKind
    };

    using QAbstractTableModel::QAbstractTableModel;

    void show(std::shared_ptr<const ComparedModels> compared);
    const ComparedModels *compared() const { return m_compared.get(); }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QVariant nameData(const ComparedModel &model, bool baseline, int role) const;

    std::shared_ptr<const ComparedModels> m_compared;
};

/// The same in long form, a row a model and metric with every number in a column of its own: the table behind the plots.
class ComparisonRowsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column {
        ModelColumn,
        MetricColumn,
        ValueColumn,
        ValueLowColumn,
        ValueHighColumn,
        DifferenceColumn,
        LowColumn,
        HighColumn,
        UsersColumn,
        ColumnCount
    };

    using QAbstractTableModel::QAbstractTableModel;

    void show(std::shared_ptr<const ComparedModels> compared);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::shared_ptr<const ComparedModels> m_compared;
};

} // namespace apiary::widgets
