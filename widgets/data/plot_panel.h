#pragma once

#include <QWidget>
#include <vector>

class QHBoxLayout;
class QLabel;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace apiary::widgets {

class FactPlot;
class RowsModel;

/// A plot of the Data page under its title, with the tables behind it, a table a series, and export.
class PlotPanel : public QWidget {
    Q_OBJECT
public:
    /// `stem`: of the files that it is exported to. Takes ownership of the plot.
    PlotPanel(const QString &title, FactPlot *plot, const QString &stem, QWidget *parent = nullptr);

    void addControl(QWidget *widget); ///< into the heading, before the buttons
    QTableView *addTable(RowsModel *model, const QString &accessibleName);
    void setNote(const QString &text); ///< between heading and plot; empty hides it
    void showTable(bool shown);
    bool tableShown() const;
    QToolButton *tableButton() const { return m_tableButton; }
    QToolButton *exportButton() const { return m_export; }
    void exportTo(const QString &file) const; ///< by the file's ending; throws Error

Q_SIGNALS:
    void exported(const QString &file);
    void failed(const QString &text);

private:
    void askAndExport(const QString &ending);

    FactPlot *m_plot;
    QString m_stem;
    QHBoxLayout *m_controls;
    QLabel *m_note;
    QToolButton *m_tableButton;
    QToolButton *m_export;
    QStackedWidget *m_stack;
    QHBoxLayout *m_tables;
    std::vector<QTableView *> m_views;
};

} // namespace apiary::widgets
