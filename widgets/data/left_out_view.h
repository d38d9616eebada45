#pragma once

#include <QWidget>
#include <filesystem>

class QLabel;
class QTableView;

namespace apiary::widgets {

class RowsModel;
class TaskRunner;

/// What an import left out or wants looked at, from the lists beside a stored dataset. Read in a task when it is shown.
class LeftOutView : public QWidget {
    Q_OBJECT
public:
    explicit LeftOutView(QWidget *parent = nullptr);

    void present(const std::filesystem::path &folder, qint64 badRows, qint64 texts);
    RowsModel *badRows() const { return m_badModel; }
    RowsModel *texts() const { return m_textModel; }

protected:
    void showEvent(QShowEvent *event) override;

private:
    void read();

    TaskRunner *m_task;
    std::filesystem::path m_folder;
    bool m_read = false;
    qint64 m_badRows = 0;
    qint64 m_texts = 0;
    RowsModel *m_badModel;
    RowsModel *m_textModel;
    QLabel *m_badHead;
    QLabel *m_textHead;
    QTableView *m_bad;
    QTableView *m_text;
};

} // namespace apiary::widgets
