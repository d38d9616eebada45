#pragma once

#include "widgets/train/run_curves.h"

#include <QAbstractTableModel>
#include <memory>

namespace apiary::widgets {

/// The table behind the curves of one run: a row a step (row 0 of a validated untrained encoder is step 0).
class CurveTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    explicit CurveTableModel(QObject *parent = nullptr);
    void setCurves(std::shared_ptr<const RunCurves> curves);
    void refresh(); ///< the curves have grown
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Line {
        double step = 0;
        qsizetype at = -1; ///< index into the curves' steps; −1 for step 0
    };
    void rebuild();

    std::shared_ptr<const RunCurves> m_curves;
    std::vector<QString> m_metrics;
    std::vector<Line> m_lines;
};

} // namespace apiary::widgets
