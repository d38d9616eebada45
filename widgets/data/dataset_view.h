#pragma once

#include "widgets/data/dataset_facts.h"
#include "widgets/data/dataset_list_model.h"

#include <QWidget>
#include <optional>
#include <vector>

class QComboBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QTabWidget;
class QTableView;
class QToolButton;

namespace apiary::widgets {

class Debounce;
class EmptyState;
class EncoderOffers;
class LeftOutView;
class LengthPlot;
class MessageBar;
class PlotPanel;
class ProjectSession;
class RankPlot;
class RowsModel;
class TaskRunner;

/// One dataset of the project: what each filter left, how full it is, who chose how much, how long the texts are, and its
/// items and users to look up. Read in tasks; what is there is shown as it comes.
class DatasetView : public QWidget {
    Q_OBJECT
public:
    explicit DatasetView(ProjectSession *session, QWidget *parent = nullptr);

    /// Null: a hint.
    void present(const ListedDataset *dataset);
    void refreshEncoders();  ///< reads again which there are
    void showFromTheStart(); ///< the overview, and no search
    bool loaded() const { return m_facts != nullptr; }
    void toggleTable(); ///< the tables behind the plots
    bool tableShown() const;

    QTabWidget *tabs() const { return m_tabs; }
    RowsModel *steps() const { return m_stepModel; }
    RowsModel *items() const { return m_itemModel; }
    RowsModel *users() const { return m_userModel; }
    LeftOutView *leftOut() const { return m_leftOut; }
    RowsModel *itemCurve() const { return m_itemCurve; }
    RowsModel *userCurve() const { return m_userCurve; }
    RowsModel *lengthTable() const { return m_lengthModel; }
    PlotPanel *rankPanel() const { return m_rankPanel; }
    PlotPanel *lengthPanel() const { return m_lengthPanel; }
    QLineEdit *itemSearch() const { return m_itemSearch; }
    QLineEdit *userSearch() const { return m_userSearch; }
    EmptyState *noItem() const { return m_noItem; }
    EmptyState *noUser() const { return m_noUser; }
    QLabel *itemText() const { return m_itemText; }
    QTableView *stepList() const { return m_steps; }
    QComboBox *encoderChoice() const { return m_encoder; }
    RankPlot *ranks() const { return m_ranks; }
    LengthPlot *lengths() const { return m_lengths; }
    QPushButton *useButton() const { return m_use; }
    QToolButton *againButton() const { return m_again; }
    MessageBar *messages() const { return m_messages; }
    /// The value beside a label ("Density of X"), as shown.
    QString fact(const QString &label) const;

Q_SIGNALS:
    void useRequested();
    void removeRequested();
    void againRequested(); ///< to import it anew with other choices

private:
    struct Fact {
        QLabel *label;
        QLabel *value;
    };
    QWidget *makeHead();
    QWidget *makeOverview();
    QWidget *makeFacts();
    QWidget *makePlots();
    QWidget *makeSearch(bool items);
    QWidget *makeFound(bool items);
    void fitSteps();
    void setFact(const QString &label, const QString &value, const QString &toolTip = {});
    void load();
    void countPairs();
    void showFacts();
    void searchItems();
    void searchUsers();
    void showItem();
    void listEncoders();
    void measure();
    void fillCurves();
    void fillLengths();

    ProjectSession *m_session;
    TaskRunner *m_loading;
    TaskRunner *m_pairing;
    TaskRunner *m_measuring;
    TaskRunner *m_itemSearching;
    TaskRunner *m_userSearching;
    EncoderOffers *m_offers;
    Debounce *m_itemTyped;
    Debounce *m_userTyped;
    std::optional<ListedDataset> m_dataset;
    FactsPtr m_facts;

    QStackedWidget *m_stack;
    QLabel *m_hint;
    QLabel *m_name = nullptr;
    QLabel *m_where = nullptr;
    QPushButton *m_use = nullptr;
    QToolButton *m_open = nullptr;
    QToolButton *m_again = nullptr;
    QToolButton *m_remove = nullptr;
    MessageBar *m_messages;
    QTabWidget *m_tabs = nullptr;
    RowsModel *m_stepModel;
    QTableView *m_steps = nullptr;
    QGridLayout *m_grid = nullptr;
    std::vector<Fact> m_factRows;
    bool m_fitting = false;
    QLabel *m_warnings = nullptr;
    PlotPanel *m_rankPanel = nullptr;
    PlotPanel *m_lengthPanel = nullptr;
    RankPlot *m_ranks = nullptr;
    LengthPlot *m_lengths = nullptr;
    QComboBox *m_encoder = nullptr;
    RowsModel *m_itemCurve;
    RowsModel *m_userCurve;
    RowsModel *m_lengthModel;
    QTableView *m_itemCurveList = nullptr;
    QTableView *m_userCurveList = nullptr;
    QTableView *m_lengthList = nullptr;
    RowsModel *m_itemModel;
    RowsModel *m_userModel;
    QTableView *m_items = nullptr;
    QTableView *m_users = nullptr;
    QLineEdit *m_itemSearch = nullptr;
    QLineEdit *m_userSearch = nullptr;
    QLabel *m_itemFound = nullptr;
    QLabel *m_userFound = nullptr;
    QLabel *m_itemText = nullptr;
    QStackedWidget *m_itemStack = nullptr;
    QStackedWidget *m_userStack = nullptr;
    EmptyState *m_noItem = nullptr;
    EmptyState *m_noUser = nullptr;
    LeftOutView *m_leftOut;
};

} // namespace apiary::widgets
