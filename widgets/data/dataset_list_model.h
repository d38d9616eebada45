#pragma once

#include "data/import.h"
#include "store/project.h"

#include <QAbstractTableModel>
#include <QString>
#include <QStringList>
#include <filesystem>
#include <vector>

namespace apiary::widgets {

/// A dataset of the project as its card tells of it.
struct ListedDataset {
    QString name;
    std::string hash;
    std::filesystem::path folder;
    qint64 users = 0;
    qint64 items = 0;
    qint64 interactions = 0;
    std::vector<data::FilterCount> counts;
    QStringList warnings;
    QStringList files;                  ///< "ratings.csv (interactions, 2.31 MiB)"
    std::vector<data::LeftOut> leftOut; ///< every kind of row that is not in it; those that could not be used first
    qint64 badRows = 0;
    qint64 refusals = 0;
    qint64 emptyTexts = 0;
    data::ImportSpec spec; ///< how it was imported
    QString problem;       ///< why the card cannot be read; empty where it can
};

/// Reads the cards of a project's datasets; for a task's thread.
std::vector<ListedDataset> listDatasets(const store::Project &project);

/// How many runs of the project were made from a dataset of it, by its name or hash; 0 where it has none such.
qint64 usesOf(const store::Project &project, const std::string &nameOrHash);

/// The datasets of the project, a row each, by name.
class DatasetListModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Interactions, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;
    void setDatasets(std::vector<ListedDataset> datasets);
    const ListedDataset &dataset(int row) const { return m_datasets[static_cast<std::size_t>(row)]; }
    int rowOf(const std::string &hash) const; ///< -1 where there is none
    int rowOfName(const QString &name) const; ///< -1 where there is none

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<ListedDataset> m_datasets;
};

} // namespace apiary::widgets
