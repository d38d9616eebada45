#include "widgets/data/dataset_list_model.h"

#include "data/stored_dataset.h"
#include "run/dataset_place.h"
#include "widgets/data/parts.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QCollator>
#include <algorithm>
#include <nlohmann/json.hpp>

namespace apiary::widgets {

namespace {

using Json = nlohmann::ordered_json;

QString fileText(const Json &file)
{
    return DatasetListModel::tr("%1 (%2, %3)")
        .arg(QString::fromStdString(file.at("name")), QString::fromStdString(file.at("role")),
             format::memory(file.at("bytes").get<qint64>()));
}

/// Every kind of row that was left out. Cards of older versions tell of the steps alone.
std::vector<data::LeftOut> leftOutOf(const Json &card, const std::vector<data::FilterCount> &counts)
{
    std::vector<data::LeftOut> kinds;
    for (const auto &[reason, rows] : card.at("badReasons").items())
        kinds.push_back({DatasetListModel::tr("rows").toStdString(), reason, rows.get<qint64>(), 0});
    if (card.contains("leftOut")) {
        for (const Json &kind : card["leftOut"])
            kinds.push_back({kind.at("of"), kind.at("reason"), kind.at("rows"), kind.at("line")});
        return kinds;
    }
    for (std::size_t i = 1; i < counts.size(); ++i)
        if (const auto rows = counts[i - 1].interactions - counts[i].interactions; rows > 0)
            kinds.push_back({"interactions",
                             DatasetListModel::tr("does not pass the step \"%1\"")
                                 .arg(QString::fromStdString(counts[i].step))
                                 .toStdString(),
                             rows, 0});
    return kinds;
}

void readCard(const Json &card, ListedDataset &dataset)
{
    dataset.users = card.at("users");
    dataset.items = card.at("items");
    dataset.interactions = card.at("interactions");
    for (const Json &count : card.at("counts"))
        dataset.counts.push_back({count.at("step"), count.at("users"), count.at("items"), count.at("interactions")});
    for (const Json &warning : card.at("warnings"))
        dataset.warnings << warningText(warning);
    for (const Json &file : card.at("files"))
        dataset.files << fileText(file);
    dataset.leftOut = leftOutOf(card, dataset.counts);
    dataset.badRows = card.at("badRows");
    dataset.refusals = card.at("review").at("refusals");
    dataset.emptyTexts = card.at("review").at("empty");
    dataset.spec = data::importSpecOf(card.at("import"), "dataset.json");
}

} // namespace

qint64 usesOf(const store::Project &project, const std::string &nameOrHash)
{
    try {
        return static_cast<qint64>(run::runsUsingDataset(project, nameOrHash).size());
    } catch (const std::exception &) {
        return 0; // it has gone meanwhile
    }
}

std::vector<ListedDataset> listDatasets(const store::Project &project)
{
    std::vector<ListedDataset> list;
    for (const store::ImportedDataset &stored : project.importedDatasets()) {
        ListedDataset dataset;
        dataset.name = QString::fromStdString(stored.name);
        dataset.hash = stored.hash;
        dataset.folder = stored.folder;
        try {
            readCard(data::readDatasetCard(stored.folder), dataset);
        } catch (const std::exception &error) {
            dataset.problem = describe(error);
        }
        list.push_back(std::move(dataset));
    }
    QCollator byName;
    byName.setNumericMode(true); // "films 2" before "films 10"
    std::stable_sort(list.begin(), list.end(), [&byName](const ListedDataset &a, const ListedDataset &b) {
        return byName.compare(a.name, b.name) < 0;
    });
    return list;
}

void DatasetListModel::setDatasets(std::vector<ListedDataset> datasets)
{
    beginResetModel();
    m_datasets = std::move(datasets);
    endResetModel();
}

int DatasetListModel::rowOf(const std::string &hash) const
{
    for (int row = 0; row < rowCount(); ++row)
        if (dataset(row).hash == hash)
            return row;
    return -1;
}

int DatasetListModel::rowOfName(const QString &name) const
{
    for (int row = 0; row < rowCount(); ++row)
        if (dataset(row).name == name)
            return row;
    return -1;
}

int DatasetListModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_datasets.size());
}

int DatasetListModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant DatasetListModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const ListedDataset &one = dataset(index.row());
    switch (role) {
    case Qt::DisplayRole:
        if (index.column() == Name)
            return one.name;
        return one.problem.isEmpty() ? format::count(one.interactions) : tr("broken");
    case Qt::ToolTipRole:
        return one.name + u'\n' +
               (one.problem.isEmpty()
                    ? tr("%1 users, %2 items, %3 interactions")
                          .arg(format::count(one.users), format::count(one.items), format::count(one.interactions))
                    : one.problem);
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(
            Qt::Alignment(Qt::AlignVCenter | (index.column() == Name ? Qt::AlignLeft : Qt::AlignRight)));
    default:
        return {};
    }
}

QVariant DatasetListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::DisplayRole)
        return section == Name ? tr("Dataset") : tr("Interactions");
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(
            Qt::Alignment(Qt::AlignVCenter | (section == Name ? Qt::AlignLeft : Qt::AlignRight)));
    return {};
}

} // namespace apiary::widgets
