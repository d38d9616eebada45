#include "widgets/encoders/encoder_list_model.h"

#include "widgets/encoders/encoder_name.h"
#include "widgets/theme/theme.h"

namespace apiary::widgets {

QString originText(hub::Origin origin)
{
    switch (origin) {
    case hub::Origin::Installed:
        return EncoderListModel::tr("installed");
    case hub::Origin::HubCache:
        return EncoderListModel::tr("hub cache");
    case hub::Origin::Folder:
        break;
    }
    return EncoderListModel::tr("your folder");
}

QString parametersText(qint64 parameters)
{
    if (parameters < 0)
        return EncoderListModel::tr("unknown");
    const auto value = static_cast<double>(parameters);
    if (parameters >= 1'000'000'000)
        return EncoderListModel::tr("%1 G").arg(format::number(value / 1e9, 3));
    if (parameters >= 1'000'000)
        return EncoderListModel::tr("%1 M").arg(format::number(value / 1e6, 3));
    return format::count(parameters);
}

void EncoderListModel::setEncoders(std::vector<ListedEncoder> encoders)
{
    beginResetModel();
    m_encoders = std::move(encoders);
    endResetModel();
}

int EncoderListModel::rowOf(const std::filesystem::path &folder) const
{
    for (std::size_t row = 0; row < m_encoders.size(); ++row)
        if (m_encoders[row].known.folder == folder)
            return static_cast<int>(row);
    return -1;
}

int EncoderListModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_encoders.size());
}

int EncoderListModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString EncoderListModel::text(const ListedEncoder &encoder, int column) const
{
    const hub::EncoderCard &card = encoder.card;
    switch (column) {
    case Name:
        return encoderName(encoder.known.folder, QString::fromStdString(encoder.known.name));
    case Architecture:
        return card.architecture.empty() ? tr("unknown") : QString::fromStdString(card.architecture);
    case Parameters:
        return card.parameters < 0 ? QStringLiteral("–") : parametersText(card.parameters);
    case Dimension:
        return card.dimension < 0 ? QStringLiteral("–") : format::count(card.dimension);
    case Disk:
        return format::memory(card.diskBytes);
    case Where:
        return originText(encoder.known.origin);
    default:
        return {};
    }
}

static bool isNumber(int column)
{
    return column >= EncoderListModel::Parameters;
}

QVariant EncoderListModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const ListedEncoder &listed = encoder(index.row());
    const bool broken = !listed.card.error.empty();
    switch (role) {
    case Qt::DisplayRole:
        return text(listed, index.column());
    case Qt::DecorationRole:
        if (broken && index.column() == Name)
            return Theme::instance().icon(QStringLiteral("alert"), Theme::instance().error());
        return {};
    case Qt::ToolTipRole:
        if (broken)
            return QString::fromStdString(listed.card.error);
        return QString::fromStdString(listed.known.folder.string());
    case Qt::AccessibleDescriptionRole:
        return broken && index.column() == Name ? tr("broken: %1").arg(QString::fromStdString(listed.card.error))
                                                : QString();
    case Qt::TextAlignmentRole:
        if (isNumber(index.column()))
            return static_cast<int>(Qt::AlignRight | Qt::AlignVCenter);
        return static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::FontRole:
        if (isNumber(index.column()))
            return Theme::instance().numberFont();
        return {};
    default:
        return {};
    }
}

QVariant EncoderListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((isNumber(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Encoder");
    case Architecture:
        return tr("Architecture");
    case Parameters:
        return tr("Parameters");
    case Dimension:
        return tr("Dimension");
    case Disk:
        return tr("On disk");
    case Where:
        return tr("Where");
    default:
        return {};
    }
}

} // namespace apiary::widgets
