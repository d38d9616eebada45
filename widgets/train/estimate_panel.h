#pragma once

#include "run/runner.h"

#include <QWidget>

class QLabel;

namespace apiary::widgets {

class Debounce;
class ProjectSession;
class TaskRunner;

/// What a step of a spec will cost, kept up to date while the form is edited. The time is judged by the project's latest
/// run with the same encoder folder, where there is one.
class EstimatePanel : public QWidget {
    Q_OBJECT
public:
    explicit EstimatePanel(ProjectSession *session, QWidget *parent = nullptr);
    void setSpec(const run::RunSpec &spec); ///< estimates soon
    QString text() const;
    bool busy() const;
    /// What stands against a run with the latest spec, in the user's words, and the setting that it is about; empty where
    /// nothing is known against it.
    QString problem() const { return m_problem; }
    std::string problemField() const { return m_problemField; }
    /// What an estimate came upon that a run would end at as well, if it was of that very spec. Asking makes it look again.
    QString failureOf(const run::RunSpec &spec);

Q_SIGNALS:
    void checked(); ///< problem() is that of the latest spec
    void estimated();

protected:
    void showEvent(QShowEvent *event) override;

private:
    struct Result;
    void start();
    void show(const Result &result);

    ProjectSession *m_session;
    TaskRunner *m_task;
    Debounce *m_soon;
    run::RunSpec m_spec;
    std::string textOf(const run::RunSpec &spec) const;
    void fail(const QString &problem, const std::string &field);

    std::string m_failedFor; ///< as m_shownFor, where the estimate failed
    std::string m_shownFor;  ///< the spec's hash and the project that the shown text belongs to
    QString m_problem;
    std::string m_problemField;
    QLabel *m_first;
    QLabel *m_second;
};

} // namespace apiary::widgets
