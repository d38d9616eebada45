#pragma once

#include "widgets/compare/metric_plot.h"
#include "widgets/explore/encoder_offers.h"
#include "widgets/shell/page.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

class QComboBox;
class QLabel;
class QMenu;
class QProgressBar;
class QSplitter;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace apiary {
struct Progress;
}

namespace apiary::widgets {

class ComparisonDelegate;
class ComparisonModel;
class ComparisonRowsModel;
class ForestPlot;
class MetricBars;
class ProjectSession;
class TaskRunner;

/// Models × metrics on test items: every model of the run in view and of the finished runs with the same data and split,
/// and any encoder that the user adds, against a pinned baseline, on the whole test or a segment of it. Values and
/// intervals are made in a task; added encoders are tested in another.
class ComparePage : public Page {
    Q_OBJECT
public:
    explicit ComparePage(ProjectSession *session, QWidget *parent = nullptr);
    ~ComparePage() override;

    /// What is shown; null until it is there.
    const ComparedModels *shown() const { return m_compared.get(); }
    /// Shows scores as if the project had given them.
    void setScores(ScoreSet scores);
    /// Makes a model the baseline, by its row.
    void pin(int row);
    bool busy() const;
    /// Tests an encoder on the run's test items in the background and keeps the result beside the run.
    void addEncoder(const EncoderOffer &offer);
    bool testing() const;
    /// Takes an added encoder out again; can be undone.
    void removeAdded(int row);

    QTableView *matrix() const { return m_matrix; }
    ForestPlot *forest() const { return m_forest; }
    MetricBars *bars() const { return m_bars; }
    QTableView *rowsTable() const { return m_table; }
    bool tableShown() const;
    void toggleTable() override;
    QWidget *firstFocus() const override;
    /// What is shown with where it comes from: see run::exportTable(). Empty where nothing is shown.
    QString table(run::TableFormat format) const;
    void copyTable(run::TableFormat format) const;
    /// Writes the table as the file's name ends, .csv, .md or .tex, or a plot: .svg, .pdf or .png. Says so, or why not.
    void saveTable(const QString &file);
    void savePlot(MetricPlot *plot, const QString &file);
    /// Chooses all users or a segment.
    QComboBox *segments() const { return m_segments; }
    const QLabel *note() const { return m_note; }

Q_SIGNALS:
    void trainRequested(); ///< the empty state's action

protected:
    void showEvent(QShowEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *makeContent();
    QWidget *makeMatrix();
    QWidget *makeExport();
    QWidget *makeTable();
    void reload();
    void load();
    void compare();
    void present(std::shared_ptr<const ComparedModels> compared);
    void failed(const QString &text);
    void pinCurrent();
    /// The matrix as wide as it needs, with p-values beside the intervals where there is room, else below them. The plot
    /// has 30% at least, but for what the matrix lacks to have every column in sight; until somebody moves the handle
    /// between them.
    void fitMatrix();
    /// The first column, of names, takes what the others leave.
    static void fitNames(QTableView *table);
    void openMenu(const QPoint &at);
    QWidget *makeAdd();
    QWidget *makeWork();
    void fillAddMenu(QMenu *menu);
    void testNext();
    void showTesting(const Progress &progress);
    void cancelTesting();
    void undoRemoval();
    void updateAdd();
    QWidget *makeSegments();
    void fillSegments();
    void chooseSegment(int index);
    /// The wanted segment where the scores have it, else none: all users.
    std::string segment() const;
    QString noteText() const;
    void addCopyActions(QMenu *menu) const;
    void askAndSaveTable();
    void askAndSavePlot(MetricPlot *plot, const QString &name);
    void report(const QString &file, const std::function<void()> &save);
    QColor colourOf(const ComparedModel &model) const;
    void setStyles(); ///< of the models shown
    ModelStyle styleOf(const ComparedModel &model) const;
    QString finishedRuns() const;

    ProjectSession *m_session;
    TaskRunner *m_task;
    ComparisonModel *m_model;
    ComparisonRowsModel *m_rows;
    QTableView *m_matrix = nullptr;
    ForestPlot *m_forest = nullptr;
    MetricBars *m_bars = nullptr;
    QTableView *m_table = nullptr; ///< behind both plots
    QStackedWidget *m_forestFrame = nullptr;
    QStackedWidget *m_barsStack = nullptr;
    QComboBox *m_segments = nullptr;
    ComparisonDelegate *m_delegate = nullptr;
    QLabel *m_note = nullptr;
    QSplitter *m_top = nullptr;
    int m_nameWidth = 0; ///< of the longest name in the matrix
    bool m_handleMoved = false;
    TaskRunner *m_testTask;
    EncoderOffers *m_offers;
    QToolButton *m_add = nullptr;
    QToolButton *m_export = nullptr;
    QWidget *m_work = nullptr; ///< what is being tested
    QLabel *m_workText = nullptr;
    QProgressBar *m_workBar = nullptr;
    std::vector<EncoderOffer> m_wanted; ///< to be tested; the first is in work while the task is busy
    std::optional<store::TestedEncoder> m_removed;
    std::shared_ptr<const ScoreSet> m_scores;
    std::shared_ptr<const ComparedModels> m_compared;
    std::map<std::string, ModelStyle> m_styles; ///< by the models' keys
    std::string m_baseline;                     ///< key of the pinned model
    std::string m_segment;                      ///< wanted; empty: all users
    QString m_loaded;                           ///< what finishedRuns() said when it was read; empty: out of date
};

} // namespace apiary::widgets
