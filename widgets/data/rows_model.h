#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <functional>
#include <vector>

namespace apiary::widgets {

/// A table over rows that lie elsewhere: a function gives the text of a cell. Numbers stand right. GUI thread.
class RowsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    struct Column {
        QString title;
        bool number = false;
        QString toolTip{};
    };
    /// What the cell must see has to be owned by it; called for what is in view only.
    using Cell = std::function<QString(int row, int column)>;

    using QAbstractTableModel::QAbstractTableModel;
    void setRows(std::vector<Column> columns, int rows, Cell cell);
    void clear(); ///< no rows; the columns stay

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<Column> m_columns;
    int m_rows = 0;
    Cell m_cell;
};

} // namespace apiary::widgets
