#pragma once

#include "widgets/compare/model_scores.h"

#include <QAbstractTableModel>

#include <memory>

namespace apiary::widgets {

/// The matrix: a row a model, behind them rows of models that differ in their seed only; a column a metric behind the
/// model's name, then the totals. GUI thread.
class ComparisonModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Role {
        ValueRole = Qt::UserRole + 1, ///< double; invalid where there is none
        DifferenceRole,               ///< double; invalid for totals and rows of seeds
        LowRole,                      ///< double, of the difference
        HighRole,
        ProbabilityRole, ///< double, corrected; invalid for the baseline
        DeviationRole,   ///< double, of a row of seeds
        PaleRole,        ///< bool: not told apart from the baseline
        BaselineRole,    ///< bool: the row is the baseline
        KindRole,        ///< int: ModelKind; -1 for a row of seeds
        NoteRole,        ///< QString: what stands below the name; may be empty
    };

    using QAbstractTableModel::QAbstractTableModel;

    void show(std::shared_ptr<const ComparedModels> compared);
    const ComparedModels *compared() const { return m_compared.get(); }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    static bool recommendsNothing(const ComparedModel &model);
    QVariant nameData(const ComparedModel &model, bool baseline, int role) const;
    QVariant totalData(std::size_t row, std::size_t column, int role) const;
    QVariant spreadData(std::size_t spread, int column, int role) const;

    std::shared_ptr<const ComparedModels> m_compared;
};

/// The same in long form, a row a model and column with every number in a column of its own: the table behind the plots.
class ComparisonRowsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column {
        ModelColumn,
        MetricColumn,
        ValueColumn,
        ValueLowColumn,
        ValueHighColumn,
        DeviationColumn,
        DifferenceColumn,
        LowColumn,
        HighColumn,
        ProbabilityColumn,
        HolmColumn,
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
    QVariant modelText(std::size_t model, std::size_t entry, int column) const;
    QVariant spreadText(std::size_t spread, std::size_t entry, int column) const;

    std::shared_ptr<const ComparedModels> m_compared;
};

} // namespace apiary::widgets
