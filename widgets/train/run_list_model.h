#pragma once

#include "store/project.h"

#include <QAbstractTableModel>

namespace apiary::widgets {

class ProjectSession;

/// The project's runs, newest first, with the colour that each has on every page.
class RunListModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Run, Name, Status, Dataset, Encoder, Steps, Best, Started, Took, ColumnCount };
    enum Role { RunIdRole = Qt::UserRole };

    explicit RunListModel(ProjectSession *session, QObject *parent = nullptr);
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    QModelIndex indexOf(qint64 run) const;
    /// Steps done of the run that executes, which the store's row does not say.
    void setLive(qint64 run, int steps, const QString &status);

private:
    void reload();
    QVariant text(const store::RunRecord &run, int column) const;

    ProjectSession *m_session;
    std::vector<store::RunRecord> m_runs;
    qint64 m_liveRun = 0;
    int m_liveSteps = 0;
    QString m_liveStatus;
};

} // namespace apiary::widgets
