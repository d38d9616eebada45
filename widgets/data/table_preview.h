#pragma once

#include "data/preview.h"
#include "widgets/data/role_header.h"

#include <QWidget>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QTableView;

namespace apiary::widgets {

class MessageBar;
class RowsModel;
class TaskRunner;

/// The first rows of a table with what was found of its format and the roles of its columns, all of which can be changed.
class TablePreview : public QWidget {
    Q_OBJECT
public:
    explicit TablePreview(TableUse use, QWidget *parent = nullptr);

    /// Reads the beginning of a file in a task. `columns`: roles that are known already, by column name; without them
    /// they are guessed. An empty path clears.
    struct Named {
        std::string column;
        data::Role role;
    };
    void setFile(const std::filesystem::path &file, const data::TableFormat &format = {},
                 std::vector<Named> columns = {});
    const std::filesystem::path &file() const { return m_file; }

    bool busy() const;
    bool read() const { return m_preview.has_value(); } ///< the rows are there
    /// Why the table cannot be imported as it stands; empty where it can.
    QString problem() const;
    QLabel *badRows() const { return m_bad; } ///< what cannot be used of the first rows
    /// In one line what it is: "delimited by comma, utf-8, 4 columns, 2.31 MiB".
    QString summary() const;

    data::TableFormat format() const; ///< with all that was detected
    /// The column of a role; empty where none has it.
    std::string column(data::Role role) const;
    std::vector<std::string> columns(data::Role role) const;
    const std::optional<data::Preview> &preview() const { return m_preview; }

    RoleHeader *header() const { return m_header; }
    RowsModel *model() const { return m_model; }
    MessageBar *messages() const { return m_messages; }
    QComboBox *delimiterChoice() const { return m_delimiter; }
    QComboBox *encodingChoice() const { return m_encoding; }
    QComboBox *kindChoice() const { return m_kind; }
    QCheckBox *headerBox() const { return m_headerRow; }
    QCheckBox *quotesBox() const { return m_quotes; }
    QLineEdit *namesEdit() const { return m_names; }

Q_SIGNALS:
    void changed(); ///< rows, format, roles or a failure

private:
    QWidget *makeFormat();
    QWidget *makeNames();
    void namesEdited();
    void readAgain();
    void arrived(data::Preview preview);
    void showFormat();
    void showProblem();
    void formatEdited();

    TableUse m_use;
    TaskRunner *m_task;
    std::filesystem::path m_file;
    data::TableFormat m_given; ///< what was set by hand or came with the file; the rest is detected
    std::vector<Named> m_named;
    std::optional<data::Preview> m_preview;
    QString m_failure;

    QComboBox *m_kind = nullptr;
    QComboBox *m_encoding = nullptr;
    QComboBox *m_delimiter = nullptr;
    QCheckBox *m_headerRow = nullptr;
    QCheckBox *m_quotes = nullptr;
    QWidget *m_namesRow = nullptr;
    QLineEdit *m_names = nullptr; ///< of columns that the file does not name
    QLabel *m_what;
    QLabel *m_bad;
    MessageBar *m_messages;
    RowsModel *m_model;
    RoleHeader *m_header;
    QTableView *m_view;
};

} // namespace apiary::widgets
