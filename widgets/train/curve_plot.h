#pragma once

#include "widgets/plot/plot_style.h"
#include "widgets/train/run_curves.h"

#include <QPointer>
#include <QWidget>
#include <array>
#include <map>
#include <memory>
#include <vector>

class QTimer;

namespace apiary::widgets {

/// A run as the plot shows it: its curves and its colour index (Theme::run()).
struct ShownRun {
    std::shared_ptr<const RunCurves> curves;
    int colour = 0;
};

/// Loss over validation metric over memory, their x axes linked. Wheel zooms along x (with Ctrl along y), drag pans,
/// double-click fits; hovering reads values out. Colours follow the theme.
class CurvePlot : public QWidget {
    Q_OBJECT
public:
    enum class Abscissa { Step, Time };
    enum class Panel { Loss, Metric, Memory };

    explicit CurvePlot(QWidget *parent = nullptr);

    /// The runs to draw; the first is the one in focus, drawn last. Redraws soon (at most about 15 times a second).
    void setRuns(std::vector<ShownRun> runs);
    void refresh(); ///< the curves behind the pointers have grown
    const std::vector<ShownRun> &runs() const { return m_runs; }

    void setAbscissa(Abscissa abscissa);
    Abscissa abscissa() const { return m_abscissa; }
    void setMetric(const QString &name); ///< empty: what the first run watches
    QString metric() const;
    void setLogarithmic(Panel panel, bool on);
    bool logarithmic(Panel panel) const { return m_log[static_cast<std::size_t>(panel)]; }
    void setLogarithmicX(bool on);
    bool logarithmicX() const { return m_logX; }
    /// A line in the middle of the empty plot ("encoding items …"); shown only while no step is there.
    void setHint(const QString &text);
    void fit(); ///< shows everything and follows growth again
    bool following() const { return m_following; }

    QCustomPlot *plot() const { return m_plot; }
    /// Draws at once what is pending; for export and tests.
    void drawNow();
    /// In words, for screen readers and tooltips.
    QString summary() const;
    /// Everything drawn, a row a step, validation or memory sample: run, kind, step, seconds, name, value.
    QString csv() const;

Q_SIGNALS:
    void followingChanged(bool following);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    struct PanelParts {
        QCPAxisRect *rect = nullptr;
        QCPTextElement *title = nullptr;
        QCPItemStraightLine *cursor = nullptr;
        QCPItemText *readout = nullptr;
    };

    void build();
    void restyle();
    void draw();
    QCPGraph *drawLoss(const ShownRun &shown);
    void drawMetric(const ShownRun &shown, bool focus);
    void drawMemory(const ShownRun &shown, bool focus);
    QCPGraph *graph(Panel panel, const QVector<double> &x, const QVector<double> &y, const QPen &pen);
    void addMark(double x, double y, const QColor &colour, const QString &text);
    void setTitles();
    void rescale();
    void fitY(Panel panel);
    void applyScale(QCPAxis *axis, bool logarithmic);
    void setFollowing(bool following);
    void hover(const QPointF &at);
    void leave();
    void hoverAt(double x);
    bool key(class QKeyEvent *event);
    QString readout(Panel panel, double x) const;
    QVector<double> xOf(const RunCurves &curves, const QVector<double> &steps) const;
    PanelParts &parts(Panel panel) { return m_panels[static_cast<std::size_t>(panel)]; }
    const PanelParts &parts(Panel panel) const { return m_panels[static_cast<std::size_t>(panel)]; }
    QColor colourOf(const ShownRun &shown) const;

    QCustomPlot *m_plot;
    QTimer *m_soon;
    std::array<PanelParts, 3> m_panels;
    std::vector<QCPAbstractItem *> m_marks;
    QSharedPointer<MemoryTicker> m_memoryTicker;
    std::vector<ShownRun> m_runs;
    QCPLegend *m_legend = nullptr;
    QCPItemText *m_hint = nullptr;
    QString m_metric;
    double m_cursor = 0;
    Abscissa m_abscissa = Abscissa::Step;
    std::array<bool, 3> m_log{};
    bool m_logX = false;
    bool m_following = true;
    bool m_linking = false;
};

} // namespace apiary::widgets
