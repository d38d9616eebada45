#pragma once

#include "run/explore_session.h"
#include "widgets/shell/page.h"

#include <memory>

class QLabel;
class QProgressBar;
class QStackedWidget;

namespace apiary {
struct Progress;
}

namespace apiary::widgets {

class ExploreView;
class ProjectSession;
class TaskRunner;

/// What the run in view did to an item's neighbours. Loads the run's data and embeddings in a task when the page is
/// first seen, and again when its encoder is there.
class ExplorePage : public Page {
    Q_OBJECT
public:
    explicit ExplorePage(ProjectSession *session, QWidget *parent = nullptr);
    ~ExplorePage() override;

    ExploreView *view() const { return m_view; }
    /// Shows a session as if the project had loaded it.
    void setLoaded(std::shared_ptr<const run::ExploreSession> loaded);
    bool loading() const;
    QWidget *firstFocus() const override;

Q_SIGNALS:
    void trainRequested(); ///< the empty state's action

protected:
    void showEvent(QShowEvent *event) override;

private:
    void reload(); ///< what was loaded is out of date
    void load();
    void showProgress(const Progress &progress);
    void failed(const QString &text);
    QString tunedHint() const;

    ProjectSession *m_session;
    TaskRunner *m_task;
    ExploreView *m_view;
    QStackedWidget *m_stack;
    QLabel *m_stage;
    QProgressBar *m_bar;
    qint64 m_loadedRun = 0; ///< 0: nothing, or out of date
};

} // namespace apiary::widgets
