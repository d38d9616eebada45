#pragma once

#include "widgets/data/dataset_list_model.h"

#include <QWidget>
#include <optional>

class QLabel;
class QStackedWidget;
class QTableView;

namespace apiary::widgets {

class RowsModel;
class TaskRunner;

/// What an import left out or wants looked at: every kind of row with its count and reason, from the dataset's card, then the
/// rows that could not be used and the texts, from the lists beside it. Those are read in a task when it is shown.
class LeftOutView : public QWidget {
    Q_OBJECT
public:
    explicit LeftOutView(QWidget *parent = nullptr);

    void present(const ListedDataset &dataset);
    RowsModel *kinds() const { return m_kindModel; }
    RowsModel *badRows() const { return m_badModel; }
    RowsModel *texts() const { return m_textModel; }
    QString textHead() const;
    bool nothing() const; ///< says that nothing was left out

protected:
    void showEvent(QShowEvent *event) override;

private:
    QWidget *makeLists();
    void showKinds();
    void read();

    TaskRunner *m_task;
    std::optional<ListedDataset> m_dataset;
    bool m_read = false;
    RowsModel *m_kindModel;
    RowsModel *m_badModel;
    RowsModel *m_textModel;
    QStackedWidget *m_stack;
    QLabel *m_kindHead = nullptr;
    QLabel *m_badHead = nullptr;
    QLabel *m_textHead = nullptr;
    QTableView *m_kinds = nullptr;
    QTableView *m_bad = nullptr;
    QTableView *m_text = nullptr;
};

} // namespace apiary::widgets
