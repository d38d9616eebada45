#include "widgets/train/run_list_model.h"

#include "widgets/encoders/encoder_name.h"
#include "widgets/shell/project_model.h"
#include "widgets/theme/theme.h"

#include <QPainter>
#include <QPixmap>
#include <algorithm>

namespace apiary::widgets {

namespace {

QString statusText(const QString &status)
{
    if (status == QLatin1String("running"))
        return RunListModel::tr("running");
    if (status == QLatin1String("finished"))
        return RunListModel::tr("finished");
    if (status == QLatin1String("stopped"))
        return RunListModel::tr("stopped");
    if (status == QLatin1String("failed"))
        return RunListModel::tr("failed");
    if (status == QLatin1String("interrupted"))
        return RunListModel::tr("interrupted");
    return status;
}

QPixmap swatch(const QColor &colour)
{
    QPixmap pixmap(24, 24);
    pixmap.setDevicePixelRatio(2);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(Theme::instance().surface(), 1.5)); // a ring, so that it shows on the selection too
    painter.setBrush(colour);
    painter.drawEllipse(QRectF(1, 1, 10, 10));
    return pixmap;
}

} // namespace

RunListModel::RunListModel(ProjectSession *session, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_runs(session->runs())
{
    connect(session, &ProjectSession::runsChanged, this, &RunListModel::reload);
    const auto repaint = [this] {
        if (!m_runs.empty())
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    };
    connect(session, &ProjectSession::currentRunChanged, this, repaint);
    connect(&Theme::instance(), &Theme::changed, this, repaint);
}

void RunListModel::reload()
{
    const std::vector<store::RunRecord> &now = m_session->runs();
    const auto sameIds = [&](std::size_t skip) {
        return now.size() == m_runs.size() + skip &&
               std::equal(m_runs.begin(), m_runs.end(), now.begin() + static_cast<std::ptrdiff_t>(skip),
                          [](const auto &a, const auto &b) { return a.id == b.id; });
    };
    if (sameIds(0)) {
        m_runs = now;
        if (!m_runs.empty())
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    } else if (sameIds(1)) { // a new run: the selection of the others stays
        beginInsertRows({}, 0, 0);
        m_runs = now;
        endInsertRows();
    } else {
        beginResetModel();
        m_runs = now;
        endResetModel();
    }
}

void RunListModel::setLive(qint64 run, int steps, const QString &status)
{
    if (run == m_liveRun && steps == m_liveSteps && status == m_liveStatus)
        return;
    m_liveRun = run;
    m_liveSteps = steps;
    m_liveStatus = status;
    if (const QModelIndex at = indexOf(run); at.isValid())
        Q_EMIT dataChanged(at.siblingAtColumn(0), at.siblingAtColumn(ColumnCount - 1));
}

int RunListModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_runs.size());
}
int RunListModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QModelIndex RunListModel::indexOf(qint64 run) const
{
    const auto at = std::find_if(m_runs.begin(), m_runs.end(), [run](const auto &r) { return r.id == run; });
    return at == m_runs.end() ? QModelIndex() : index(static_cast<int>(at - m_runs.begin()), 0);
}

QVariant RunListModel::text(const store::RunRecord &run, int column) const
{
    const bool live = run.id == m_liveRun && run.status == "running";
    switch (column) {
    case Run:
        return QStringLiteral("#%1").arg(run.id);
    case Name:
        return QString::fromStdString(run.name);
    case Status:
        return live && !m_liveStatus.isEmpty() ? m_liveStatus : statusText(QString::fromStdString(run.status));
    case Dataset:
        return QString::fromStdString(run.datasetName);
    case Encoder:
        return startingEncoderName(run);
    case Steps:
        if (live && run.totalSteps > 0)
            return QStringLiteral("%1 / %2").arg(m_liveSteps).arg(run.totalSteps);
        return run.totalSteps > 0 ? QString::number(run.totalSteps) : QStringLiteral("–");
    case Best:
        return run.bestStep > 0 ? QString::number(run.bestStep) : QStringLiteral("–");
    case Started:
        return format::date(run.started);
    case Took:
        return run.ended > 0 ? format::duration(static_cast<double>(run.ended - run.started)) : QStringLiteral("–");
    default:
        return {};
    }
}

QVariant RunListModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const store::RunRecord &run = m_runs[static_cast<std::size_t>(index.row())];
    const bool current = run.id == m_session->currentRun();
    switch (role) {
    case Qt::DisplayRole:
        return text(run, index.column());
    case Qt::DecorationRole:
        if (index.column() == Run)
            return swatch(Theme::instance().run(m_session->colourIndex(run.id)));
        return {};
    case Qt::FontRole:
        return current && index.column() <= Name ? QVariant(Theme::instance().strongFont()) : QVariant();
    case Qt::ForegroundRole:
        if (index.column() == Status && run.status == "failed")
            return Theme::instance().error();
        return {};
    case Qt::TextAlignmentRole:
        return index.column() == Steps || index.column() == Best || index.column() == Took
                   ? QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter)
                   : QVariant::fromValue(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ToolTipRole:
        if (index.column() == Status && !run.message.empty())
            return QString::fromStdString(run.message);
        return current && index.column() <= Name ? tr("In view on Explore and Compare") : text(run, index.column());
    case Qt::AccessibleTextRole:
        return text(run, index.column());
    case RunIdRole:
        return QVariant::fromValue<qint64>(run.id);
    default:
        return {};
    }
}

QVariant RunListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return section == Steps || section == Best || section == Took
                   ? QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter)
                   : QVariant::fromValue(Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    const QStringList names{tr("Run"),   tr("Name"),      tr("Status"),  tr("Dataset"), tr("Encoder"),
                            tr("Steps"), tr("Best step"), tr("Started"), tr("Took")};
    return names.value(section);
}

} // namespace apiary::widgets
