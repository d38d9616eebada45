#include "widgets/data/rows_model.h"

namespace apiary::widgets {

namespace {

constexpr qsizetype longestTip = 1200;

} // namespace

void RowsModel::setRows(std::vector<Column> columns, int rows, Cell cell)
{
    beginResetModel();
    m_columns = std::move(columns);
    m_rows = rows;
    m_cell = std::move(cell);
    endResetModel();
}

void RowsModel::clear()
{
    beginResetModel();
    m_rows = 0;
    m_cell = {};
    endResetModel();
}

int RowsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : m_rows;
}

int RowsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant RowsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid) || !m_cell)
        return {};
    switch (role) {
    case Qt::DisplayRole: // one line: texts may hold line ends
        return m_cell(index.row(), index.column()).replace(u'\n', u' ');
    case Qt::ToolTipRole: {
        const QString text = m_cell(index.row(), index.column());
        return text.size() > longestTip ? text.left(longestTip) + u'…' : text;
    }
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(
            Qt::AlignVCenter |
            (m_columns[static_cast<std::size_t>(index.column())].number ? Qt::AlignRight : Qt::AlignLeft)));
    default:
        return {};
    }
}

QVariant RowsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    const Column &column = m_columns[static_cast<std::size_t>(section)];
    switch (role) {
    case Qt::DisplayRole:
        return column.title;
    case Qt::ToolTipRole:
        return column.toolTip.isEmpty() ? QVariant() : QVariant(column.toolTip);
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | (column.number ? Qt::AlignRight : Qt::AlignLeft)));
    default:
        return {};
    }
}

} // namespace apiary::widgets
