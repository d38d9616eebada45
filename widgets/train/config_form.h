#pragma once

#include "run/run_spec.h"

#include <QWidget>
#include <vector>

class QGridLayout;
class QLabel;
class QScrollArea;
class QToolButton;
class QVBoxLayout;

namespace apiary::widgets {

class FieldEditor;

/// A form over all fields of a RunSpec, made from run::fields(): groups, with the fields that are seldom touched folded
/// away; what differs from the spec that was opened carries a dot and a way back.
class ConfigForm : public QWidget {
    Q_OBJECT
public:
    explicit ConfigForm(QWidget *parent = nullptr);

    run::RunSpec spec() const;
    /// Shows a spec; changes are counted from here.
    void setSpec(const run::RunSpec &spec);
    const run::RunSpec &opened() const { return m_opened; }
    int changes() const;
    /// Marks the field that a failure names ("training.learningRate"), unfolds and shows it; empty clears. False where no
    /// field has that path.
    bool showFailure(const QString &path);
    FieldEditor *editor(const QString &path) const;

Q_SIGNALS:
    void changed();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    struct Row {
        FieldEditor *editor = nullptr;
        QLabel *dot = nullptr;
        QLabel *label = nullptr;
        QToolButton *reset = nullptr;
        std::size_t binding = 0; ///< index into run::bindings()
        int group = 0;
        bool folded = false; ///< belongs to the part that can be folded
        bool applies = true; ///< has an effect in the chosen scenario
    };
    struct Group {
        QGridLayout *grid = nullptr;
        QToolButton *more = nullptr;
        bool open = false;
    };

    int addGroup(QVBoxLayout *layout, const QString &title);
    void addRow(int group, std::size_t binding);
    void setOpen(int group, bool open);
    bool isShown(const Row &row) const;
    void showRow(Row &row);
    void followScenario();
    void refreshRow(Row &row);
    void updateMore(int group);
    void showHelp(const Row &row);

    std::vector<Row> m_rows;
    std::vector<Group> m_groups;
    run::RunSpec m_opened;
    QScrollArea *m_scroll;
    QLabel *m_help;
};

} // namespace apiary::widgets
