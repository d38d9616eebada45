#pragma once

#include "widgets/data/dataset_list_model.h"
#include "widgets/shell/page.h"

#include <memory>
#include <string>
#include <vector>

class QSplitter;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace apiary::widgets {

class DatasetView;
class ImportWizard;
class ProjectSession;
class TaskRunner;

/// The datasets of the project: what is in each, and bringing in another.
class DataPage : public Page {
    Q_OBJECT
public:
    explicit DataPage(ProjectSession *session, QWidget *parent = nullptr);
    ~DataPage() override; ///< deletes for good what was removed

    DatasetListModel *model() const { return m_model; }
    QTableView *list() const { return m_list; }
    QToolButton *importButton() const { return m_importButton; }
    DatasetView *view() const { return m_view; }
    ImportWizard *wizard() const { return m_wizard; }
    bool wizardShown() const;

    /// Reads the list again, and selects the dataset of that hash where one is given.
    void refresh(const std::string &select = {});
    void showWizard(bool shown);
    void removeSelected();
    QWidget *firstFocus() const override;
    void toggleTable() override;

Q_SIGNALS:
    void useRequested(const apiary::widgets::ListedDataset &dataset); ///< as the data of the Train page

protected:
    void showEvent(QShowEvent *event) override;

private:
    QWidget *makeList();
    void projectChanged();
    void arrived(std::vector<ListedDataset> datasets, const std::string &select);
    void present();
    void stateChanged();
    void purge();
    const ListedDataset *selected() const;
    void use();

    ProjectSession *m_session;
    TaskRunner *m_listing;
    DatasetListModel *m_model;
    QStackedWidget *m_stack;
    QTableView *m_list = nullptr;
    DatasetView *m_view;
    ImportWizard *m_wizard;
    QToolButton *m_importButton;
    bool m_listed = false;
    std::vector<ListedDataset> m_all;          ///< those removed included
    std::vector<std::string> m_removed;        ///< hashes that the list hides; their files go with the project
    std::shared_ptr<store::Project> m_purging; ///< the project that they are in
    std::string m_lastRemoved;
};

} // namespace apiary::widgets
