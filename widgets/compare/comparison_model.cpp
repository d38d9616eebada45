#include "widgets/compare/comparison_model.h"

#include "widgets/compare/comparison_text.h"

#include <algorithm>

namespace apiary::widgets {

namespace {

int alignment(bool left)
{
    return static_cast<int>((left ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
}

} // namespace

void ComparisonModel::show(std::shared_ptr<const ComparedModels> compared)
{
    beginResetModel();
    m_compared = std::move(compared);
    endResetModel();
}

int ComparisonModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_compared ? 0
                                           : static_cast<int>(m_compared->models.size() + m_compared->spreads.size());
}

int ComparisonModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_compared ? 0 : static_cast<int>(widgets::columnCount(*m_compared)) + 1;
}

/// A recommender of interactions alone among items that nobody had: its zeros are no measurement.
bool ComparisonModel::recommendsNothing(const ComparedModel &model)
{
    return !model.cells.empty() && std::all_of(model.cells.begin(), model.cells.end(), [](const auto &cell) {
        return cell.users > 0 && cell.mean.low == 0 && cell.mean.high == 0;
    });
}

QVariant ComparisonModel::nameData(const ComparedModel &model, bool baseline, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return labelOf(model);
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole:
        return baseline ? tr("%1, the baseline").arg(labelOf(model)) : labelOf(model);
    case NoteRole:
        return baseline ? tr("baseline") : recommendsNothing(model) ? tr("recommends none of these items") : QString();
    default:
        return {};
    }
}

QVariant ComparisonModel::spreadData(std::size_t spread, int column, int role) const
{
    const run::SpreadRow &row = m_compared->spreads[spread];
    if (role == KindRole)
        return -1;
    if (column == 0) {
        if (role == Qt::DisplayRole || role == Qt::ToolTipRole || role == Qt::AccessibleTextRole)
            return QString::fromStdString(row.label);
        return role == NoteRole ? QVariant(tr("mean ± SD over runs %1").arg(runsText(row))) : QVariant();
    }
    const auto at = static_cast<std::size_t>(column - 1);
    const eval::Spread &cell = row.cells[at];
    if (role == Qt::AccessibleTextRole || role == Qt::ToolTipRole)
        return spreadSentence(*m_compared, spread, at);
    if (cell.runs == 0)
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return metricText(cell.mean) + u' ' + deviationText(cell.deviation);
    case ValueRole:
        return cell.mean;
    case DeviationRole:
        return cell.deviation;
    default:
        return {};
    }
}

QVariant ComparisonModel::totalData(std::size_t row, std::size_t column, int role) const
{
    const auto value = valueIn(*m_compared, row, column);
    if (!value)
        return {};
    return role == Qt::DisplayRole ? QVariant(metricText(value->mean))
           : role == ValueRole     ? QVariant(value->mean)
                                   : QVariant();
}

QVariant ComparisonModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    if (role == Qt::TextAlignmentRole)
        return alignment(index.column() == 0);
    const auto row = static_cast<std::size_t>(index.row());
    if (row >= m_compared->models.size())
        return spreadData(row - m_compared->models.size(), index.column(), role);
    const auto &model = m_compared->models[row];
    const bool baseline = row == m_compared->baseline;
    if (role == BaselineRole)
        return baseline;
    if (role == KindRole)
        return static_cast<int>(model.kind);
    if (index.column() == 0)
        return nameData(model, baseline, role);

    const auto column = static_cast<std::size_t>(index.column() - 1);
    if (role == Qt::AccessibleTextRole || role == Qt::ToolTipRole) {
        const QString sentence = cellSentence(*m_compared, row, column);
        const bool counted = column < model.cells.size() && model.cells[column].users > 0;
        return role == Qt::ToolTipRole && counted ? tr("%1 (%2 users)").arg(sentence).arg(model.cells[column].users)
                                                  : sentence;
    }
    if (column >= model.cells.size())
        return totalData(row, column, role);
    const auto &cell = model.cells[column];
    if (cell.users == 0)
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return baseline ? metricText(cell.mean.mean)
                        : QStringLiteral("%1  %2 %3")
                              .arg(metricText(cell.mean.mean), differenceText(cell.difference.mean),
                                   intervalText(cell.difference));
    case ValueRole:
        return cell.mean.mean;
    case DifferenceRole:
        return cell.difference.mean;
    case LowRole:
        return cell.difference.low;
    case HighRole:
        return cell.difference.high;
    case ProbabilityRole:
        return baseline ? QVariant() : QVariant(cell.holm);
    case PaleRole:
        return !baseline && !cell.toldApart(m_compared->level);
    default:
        return {};
    }
}

QVariant ComparisonModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole)
        return alignment(section == 0);
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || !m_compared)
        return QAbstractTableModel::headerData(section, orientation, role);
    return section == 0 ? tr("Model") : columnName(*m_compared, static_cast<std::size_t>(section - 1));
}

void ComparisonRowsModel::show(std::shared_ptr<const ComparedModels> compared)
{
    beginResetModel();
    m_compared = std::move(compared);
    endResetModel();
}

int ComparisonRowsModel::rowCount(const QModelIndex &parent) const
{
    if (parent.isValid() || !m_compared)
        return 0;
    return static_cast<int>((m_compared->models.size() + m_compared->spreads.size()) *
                            widgets::columnCount(*m_compared));
}

int ComparisonRowsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ComparisonRowsModel::modelText(std::size_t model, std::size_t entry, int column) const
{
    const ComparedModel &row = m_compared->models[model];
    if (column == ModelColumn)
        return labelOf(row);
    const auto value = valueIn(*m_compared, model, entry);
    if (!value)
        return {};
    if (column == ValueColumn)
        return metricText(value->mean);
    if (entry >= row.cells.size())
        return {}; // a total has no more
    const ComparedCell &cell = row.cells[entry];
    const bool baseline = model == m_compared->baseline;
    if (baseline && column >= DifferenceColumn && column <= HolmColumn)
        return column == DifferenceColumn ? QVariant(tr("baseline")) : QVariant();
    switch (column) {
    case ValueLowColumn:
        return metricText(cell.mean.low);
    case ValueHighColumn:
        return metricText(cell.mean.high);
    case DifferenceColumn:
        return differenceText(cell.difference.mean);
    case LowColumn:
        return differenceText(cell.difference.low);
    case HighColumn:
        return differenceText(cell.difference.high);
    case ProbabilityColumn:
        return probabilityText(cell.p);
    case HolmColumn:
        return probabilityText(cell.holm);
    case UsersColumn:
        return QString::number(cell.users);
    default:
        return {};
    }
}

QVariant ComparisonRowsModel::spreadText(std::size_t spread, std::size_t entry, int column) const
{
    const run::SpreadRow &row = m_compared->spreads[spread];
    const eval::Spread &cell = row.cells[entry];
    if (column == ModelColumn)
        return QString::fromStdString(row.label);
    if (cell.runs == 0)
        return {};
    return column == ValueColumn       ? QVariant(metricText(cell.mean))
           : column == DeviationColumn ? QVariant(deviationText(cell.deviation))
                                       : QVariant();
}

QVariant ComparisonRowsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    if (role == Qt::TextAlignmentRole)
        return alignment(index.column() <= MetricColumn);
    if (role != Qt::DisplayRole)
        return {};
    const std::size_t rows = m_compared->models.size() + m_compared->spreads.size();
    const std::size_t row = static_cast<std::size_t>(index.row()) % rows;
    const std::size_t entry = static_cast<std::size_t>(index.row()) / rows;
    if (index.column() == MetricColumn)
        return columnName(*m_compared, entry);
    return row < m_compared->models.size() ? modelText(row, entry, index.column())
                                           : spreadText(row - m_compared->models.size(), entry, index.column());
}

QVariant ComparisonRowsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole)
        return alignment(section <= MetricColumn);
    const bool tested = section == ProbabilityColumn || section == HolmColumn;
    if (orientation == Qt::Horizontal && role == Qt::ToolTipRole && tested)
        return section == HolmColumn && m_compared ? testText(*m_compared)
                                                   : tr("Wilcoxon signed-rank test over users, two-sided, uncorrected");
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return QAbstractTableModel::headerData(section, orientation, role);
    switch (section) {
    case ModelColumn:
        return tr("Model");
    case MetricColumn:
        return tr("Metric");
    case ValueColumn:
        return tr("Value");
    case DeviationColumn:
        return tr("SD over seeds");
    case DifferenceColumn:
        return tr("Difference");
    case ValueLowColumn:
        return tr("Low");
    case ValueHighColumn:
        return tr("High");
    case LowColumn:
        return tr("Diff. low");
    case HighColumn:
        return tr("Diff. high");
    case ProbabilityColumn:
        return tr("p");
    case HolmColumn:
        return tr("p, Holm");
    case UsersColumn:
        return tr("Users");
    default:
        return {};
    }
}

} // namespace apiary::widgets
