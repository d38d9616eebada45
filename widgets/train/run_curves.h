#pragma once

#include "run/run_event.h"
#include "store/project.h"

#include <QString>
#include <QVector>
#include <map>

namespace apiary::widgets {

/// The curves of one run, as read from the store or as they grow while it runs. Columns of equal length within each
/// group; times are seconds since the run began.
struct RunCurves {
    qint64 run = 0;
    QString name;
    QString monitor;   ///< the metric that chose the best step
    int bestStep = -1; ///< by the monitor, of the validations so far; −1 while there are none

    QVector<double> step, stepTime, loss, learningRate, gradientNorm, seconds, tokens, items;
    QVector<int> epoch, passes;

    struct Metric {
        QVector<double> step, value;
    };
    std::map<QString, Metric> validation;

    QVector<double> memoryTime, resident, allocated, gpuAllocated, gpuReserved; ///< bytes; GPU columns may be empty

    bool empty() const { return step.isEmpty() && validation.empty() && memoryTime.isEmpty(); }

    void add(const run::StepEvent &event, double time);
    void add(const run::ValidationEvent &event);
    void add(const run::MemoryEvent &event);

    /// Time at which a step ended: step 0 is the moment the first one began; between steps by straight lines.
    double timeOfStep(double step) const;
    /// The inverse: how many steps were done at a time, with the part of the step under way. Negative before the first
    /// step began. After the last one it goes on at that step's pace, at most one step further.
    double stepAt(double time) const;
    /// Place of a memory sample on the axis of steps: stepAt(), and while no step has ended 1 − exp(−time / 30 s), which
    /// rises and stays below 1, so that memory is seen from the start. Never negative.
    double memoryStepAt(double time) const;
    /// The inverse, for reading at the cursor.
    double memoryTimeAt(double step) const;
    const Metric *metric(const QString &name) const;
    double bestValue() const; ///< NaN without validations
};

/// Reads a run's curves; for a task's thread.
RunCurves loadCurves(const store::Project &project, const store::RunRecord &run);
/// The metric that a stored spec watches ("ndcg@100").
QString monitorOf(const std::string &specJson);

} // namespace apiary::widgets
