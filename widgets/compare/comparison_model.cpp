#include "widgets/compare/comparison_model.h"

#include "widgets/compare/comparison_text.h"

namespace apiary::widgets {

void ComparisonModel::show(std::shared_ptr<const ComparedModels> compared)
{
    beginResetModel();
    m_compared = std::move(compared);
    endResetModel();
}

int ComparisonModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_compared ? 0 : static_cast<int>(m_compared->models.size());
}

int ComparisonModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_compared ? 0 : static_cast<int>(m_compared->metrics.size()) + 1;
}

QVariant ComparisonModel::nameData(const ComparedModel &model, bool baseline, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return model.label;
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole:
        return baseline ? tr("%1, the baseline").arg(model.label) : model.label;
    case Qt::TextAlignmentRole:
        return static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter);
    default:
        return {};
    }
}

QVariant ComparisonModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const auto row = static_cast<std::size_t>(index.row());
    const auto &model = m_compared->models[row];
    const bool baseline = row == m_compared->baseline;
    if (role == BaselineRole)
        return baseline;
    if (role == KindRole)
        return static_cast<int>(model.kind);
    if (index.column() == 0)
        return nameData(model, baseline, role);

    const auto metric = static_cast<std::size_t>(index.column() - 1);
    const auto &cell = model.cells[metric];
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::AccessibleTextRole || role == Qt::ToolTipRole) {
        const QString sentence = cellSentence(*m_compared, row, metric);
        return role == Qt::ToolTipRole && cell.users > 0 ? tr("%1 (%2 users)").arg(sentence).arg(cell.users) : sentence;
    }
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
    case PaleRole:
        return !baseline && cell.difference.holdsZero();
    default:
        return {};
    }
}

QVariant ComparisonModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole)
        return static_cast<int>((section == 0 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || !m_compared)
        return QAbstractTableModel::headerData(section, orientation, role);
    return section == 0 ? tr("Model") : metricName(m_compared->metrics[static_cast<std::size_t>(section - 1)]);
}

void ComparisonRowsModel::show(std::shared_ptr<const ComparedModels> compared)
{
    beginResetModel();
    m_compared = std::move(compared);
    endResetModel();
}

int ComparisonRowsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_compared ? 0
                                           : static_cast<int>(m_compared->models.size() * m_compared->metrics.size());
}

int ComparisonRowsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ComparisonRowsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const auto models = m_compared->models.size();
    const auto &model = m_compared->models[static_cast<std::size_t>(index.row()) % models];
    const std::size_t metric = static_cast<std::size_t>(index.row()) / models;
    const auto &cell = model.cells[metric];
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((index.column() <= MetricColumn ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    if (index.column() == ModelColumn)
        return model.label;
    if (index.column() == MetricColumn)
        return metricName(m_compared->metrics[metric]);
    if (cell.users == 0)
        return {};
    const bool baseline = static_cast<std::size_t>(index.row()) % models == m_compared->baseline;
    if (baseline && index.column() >= DifferenceColumn && index.column() <= HighColumn)
        return index.column() == DifferenceColumn ? QVariant(tr("baseline")) : QVariant();
    switch (index.column()) {
    case ValueColumn:
        return metricText(cell.mean.mean);
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
    default:
        return QString::number(cell.users);
    }
}

QVariant ComparisonRowsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole)
        return static_cast<int>((section <= MetricColumn ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return QAbstractTableModel::headerData(section, orientation, role);
    switch (section) {
    case ModelColumn:
        return tr("Model");
    case MetricColumn:
        return tr("Metric");
    case ValueColumn:
        return tr("Value");
    case DifferenceColumn:
        return tr("Difference");
    case ValueLowColumn:
    case LowColumn:
        return tr("Low");
    case ValueHighColumn:
    case HighColumn:
        return tr("High");
    case UsersColumn:
        return tr("Users");
    default:
        return {};
    }
}

} // namespace apiary::widgets
