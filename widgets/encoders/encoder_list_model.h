#pragma once

#include "hub/card.h"
#include "hub/library.h"

#include <QAbstractTableModel>
#include <QString>
#include <vector>

namespace apiary::widgets {

struct ListedEncoder {
    hub::KnownEncoder known;
    hub::EncoderCard card;
};

/// "installed", "hub cache", "your folder".
QString originText(hub::Origin origin);
/// "22.7 M"; "unknown" for a negative number.
QString parametersText(qint64 parameters);

/// The encoders of this machine, a row each, in the library's order.
class EncoderListModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Architecture, Where, Parameters, Dimension, Disk, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;
    void setEncoders(std::vector<ListedEncoder> encoders);
    const ListedEncoder &encoder(int row) const { return m_encoders[static_cast<std::size_t>(row)]; }
    int rowOf(const std::filesystem::path &folder) const; ///< -1 where there is none

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QString text(const ListedEncoder &encoder, int column) const;
    std::vector<ListedEncoder> m_encoders;
};

} // namespace apiary::widgets
