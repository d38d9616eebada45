#pragma once

#include <QWidget>
#include <filesystem>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace apiary::widgets {

class Debounce;
class TaskRunner;

/// A file to choose: typed, pasted, dropped or picked; of an archive with several tables, which of them. What is known of
/// it, or what is wrong, stands below.
class FileRow : public QWidget {
    Q_OBJECT
public:
    FileRow(const QString &name, const QString &hint, QWidget *parent = nullptr);

    /// What was chosen, a table inside an archive included; empty while nothing is, or while it cannot be.
    const std::filesystem::path &file() const { return m_file; }
    void setFile(const std::filesystem::path &file); ///< may lead into an archive
    void clear();
    QLineEdit *path() const { return m_path; }
    QComboBox *tables() const { return m_tables; }
    QString status() const;
    void setStatus(const QString &text, bool failed);

Q_SIGNALS:
    void chosen(); ///< file() is another

protected:
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void browse();
    void look();
    void choose(const std::filesystem::path &file);

    QString m_name;
    TaskRunner *m_looking;
    Debounce *m_typed;
    std::filesystem::path m_file;
    std::filesystem::path m_wanted; ///< a table that is to be chosen in the archive
    QLineEdit *m_path;
    QPushButton *m_browse;
    QComboBox *m_tables;
    QLabel *m_status;
    bool m_failed = false;
};

} // namespace apiary::widgets
