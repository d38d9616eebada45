#include "widgets/train/curve_table_model.h"

#include "widgets/theme/theme.h"

#include <algorithm>

namespace apiary::widgets {

namespace {

enum Fixed { Step, Epoch, Time, Loss, LearningRate, Gradient, Seconds, Tokens, Items, Resident, Allocated, FixedCount };

} // namespace

CurveTableModel::CurveTableModel(QObject *parent) : QAbstractTableModel(parent) {}

void CurveTableModel::setCurves(std::shared_ptr<const RunCurves> curves)
{
    beginResetModel();
    m_curves = std::move(curves);
    rebuild();
    endResetModel();
}

void CurveTableModel::rebuild()
{
    m_metrics.clear();
    m_lines.clear();
    if (!m_curves)
        return;
    bool zero = false;
    for (const auto &[name, metric] : m_curves->validation) {
        m_metrics.push_back(name);
        zero = zero || (!metric.step.isEmpty() && metric.step.front() == 0);
    }
    if (zero)
        m_lines.push_back({0, -1});
    for (qsizetype i = 0; i < m_curves->step.size(); ++i)
        m_lines.push_back({m_curves->step[i], i});
}

void CurveTableModel::refresh()
{
    if (!m_curves)
        return;
    const auto rowsNow = static_cast<int>(m_lines.size());
    const auto rowsThen =
        static_cast<int>(m_curves->step.size()) + (!m_lines.empty() && m_lines.front().at < 0 ? 1 : 0);
    if (m_metrics.size() != m_curves->validation.size() || rowsThen < rowsNow) {
        beginResetModel();
        rebuild();
        endResetModel();
        return;
    }
    if (rowsThen > rowsNow) {
        beginInsertRows({}, rowsNow, rowsThen - 1);
        rebuild();
        endInsertRows();
    }
    if (rowsNow > 0)
        Q_EMIT dataChanged(index(rowsNow - 1, 0), index(rowsNow - 1, columnCount() - 1));
}

int CurveTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

int CurveTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : FixedCount + static_cast<int>(m_metrics.size());
}

QVariant CurveTableModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    const RunCurves &c = *m_curves;
    const Line &line = m_lines[static_cast<std::size_t>(index.row())];
    if (index.column() >= FixedCount) {
        const RunCurves::Metric *metric = c.metric(m_metrics[static_cast<std::size_t>(index.column() - FixedCount)]);
        if (!metric)
            return {};
        const auto at = std::lower_bound(metric->step.begin(), metric->step.end(), line.step) - metric->step.begin();
        return at < metric->step.size() && metric->step[at] == line.step ? format::metric(metric->value[at])
                                                                         : QString();
    }
    const qsizetype i = line.at;
    if (i < 0)
        return index.column() == Step ? QVariant(QStringLiteral("0")) : QVariant(QString());
    switch (index.column()) {
    case Step:
        return QString::number(c.step[i]);
    case Epoch:
        return QString::number(c.epoch[i]);
    case Time:
        return format::duration(c.stepTime[i]);
    case Loss:
        return format::number(c.loss[i], 6);
    case LearningRate:
        return format::number(c.learningRate[i]);
    case Gradient:
        return format::metric(c.gradientNorm[i]);
    case Seconds:
        return format::number(c.seconds[i]);
    case Tokens:
        return format::count(static_cast<qint64>(c.tokens[i]));
    case Items:
        return format::count(static_cast<qint64>(c.items[i]));
    case Resident:
    case Allocated: {
        const auto at =
            std::lower_bound(c.memoryTime.begin(), c.memoryTime.end(), c.stepTime[i]) - c.memoryTime.begin();
        const qsizetype sample = std::min<qsizetype>(at, c.memoryTime.size() - 1);
        if (sample < 0)
            return QString();
        return format::memory(
            static_cast<qint64>(index.column() == Resident ? c.resident[sample] : c.allocated[sample]));
    }
    default:
        return {};
    }
}

QVariant CurveTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    if (section >= FixedCount)
        return section - FixedCount < static_cast<int>(m_metrics.size())
                   ? m_metrics[static_cast<std::size_t>(section - FixedCount)]
                   : QString();
    const QStringList names{tr("Step"),          tr("Epoch"),         tr("Time"),     tr("Loss"),
                            tr("Learning rate"), tr("Gradient norm"), tr("Seconds"),  tr("Tokens"),
                            tr("Items"),         tr("Resident"),      tr("Allocator")};
    return names.value(section);
}

} // namespace apiary::widgets
