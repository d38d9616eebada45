#pragma once

#include "run/run_spec.h"

#include <QMainWindow>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <vector>

class QStackedWidget;

namespace apiary::widgets {

class ComparePage;
class DataPage;
class EncodersPage;
class ExplorePage;
class MessageBar;
class NavButton;
class NavRail;
class Page;
class ProjectSession;
class RunBar;
class RunController;
class TrainPage;
struct ListedDataset;

/// The one window: the rail, the pages, the run bar. Owns the open project and its run.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    enum PageIndex { Data, Encoders, Train, Explore, Compare, Help };

    explicit MainWindow(QWidget *parent = nullptr);
    ~MainWindow() override;

    /// Opens or creates a project folder; a failure is shown in the window. False then, or while a run goes on.
    bool openProject(const std::filesystem::path &folder);
    void setPage(PageIndex page);
    PageIndex page() const;

    ProjectSession &session() const { return *m_session; }
    RunController &controller() const { return *m_controller; }
    DataPage *dataPage() const { return m_data; }
    EncodersPage *encodersPage() const { return m_encoders; }
    TrainPage *trainPage() const { return m_train; }
    ExplorePage *explorePage() const { return m_explore; }
    ComparePage *comparePage() const { return m_compare; }
    RunBar *runBar() const { return m_bar; }
    MessageBar *messages() const { return m_messages; }

protected:
    void closeEvent(QCloseEvent *event) override;

private:
    void addPage(Page *page, const QString &icon, const QString &shortcut, bool atEnd = false);
    void makeMenus();
    void openProjectDialog();
    void useDataset(const ListedDataset &dataset);
    void useEncoder(const QString &folder);
    void setField(const QString &path, const nlohmann::ordered_json &value);
    void updateTitle();
    Page *currentPage() const;

    ProjectSession *m_session;
    RunController *m_controller;
    NavRail *m_rail;
    QStackedWidget *m_stack;
    MessageBar *m_messages;
    RunBar *m_bar;
    DataPage *m_data;
    EncodersPage *m_encoders;
    TrainPage *m_train;
    ExplorePage *m_explore;
    ComparePage *m_compare;
    std::vector<NavButton *> m_buttons;
    bool m_closing = false; ///< asked once while a run went on
};

} // namespace apiary::widgets
