#pragma once

#include "run/explore_session.h"
#include "widgets/shell/page.h"

#include <memory>
#include <string>
#include <vector>

class QLabel;
class QProgressBar;
class QStackedWidget;

namespace apiary {
struct Progress;
}

namespace apiary::widgets {

class EncoderOffers;
struct EncoderOffer;
struct ExploreColumn;
class ExploreView;
class ProjectSession;
class TaskRunner;

/// What the run in view did to an item's neighbours, beside any other encoders. Loads the run's data and embeddings in a
/// task when the page is first seen, and again when its encoder is there; further encoders one by one after it.
class ExplorePage : public Page {
    Q_OBJECT
public:
    explicit ExplorePage(ProjectSession *session, QWidget *parent = nullptr);
    ~ExplorePage() override;

    ExploreView *view() const { return m_view; }
    /// Shows a session as if the project had loaded it.
    void setLoaded(std::shared_ptr<const run::ExploreSession> loaded);
    bool loading() const;
    bool loadingEncoders() const;
    /// Takes an encoder in beside the others, as the menu of columns does.
    void addEncoder(const std::string &key, const QString &name = {});
    QWidget *firstFocus() const override;

Q_SIGNALS:
    void trainRequested(); ///< the empty state's action

protected:
    void showEvent(QShowEvent *event) override;

private:
    void reload(); ///< what was loaded is out of date
    void load();
    void showProgress(const Progress &progress);
    void makeColumnMenu();
    void describeColumn(ExploreColumn &column, const EncoderOffer &offer);
    void restoreChoice();
    void storeChoice();
    void wantEncoder(const std::string &key);
    void dropEncoder(const std::string &key);
    void loadNextEncoder();
    void failed(const QString &text);
    QString tunedHint() const;

    ProjectSession *m_session;
    TaskRunner *m_task;
    TaskRunner *m_encoderTask;
    EncoderOffers *m_offers;
    ExploreView *m_view;
    QStackedWidget *m_stack;
    QLabel *m_stage;
    QProgressBar *m_bar;
    qint64 m_loadedRun = 0; ///< 0: nothing, or out of date
    std::shared_ptr<const run::ExploreSession> m_loaded;
    std::vector<std::string> m_wanted; ///< keys of encoders to load, in order
    std::string m_inWork;              ///< the one that is being loaded
    bool m_approximate = false;        ///< columns that are added are
};

} // namespace apiary::widgets
