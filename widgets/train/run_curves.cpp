#include "widgets/train/run_curves.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace apiary::widgets {

namespace {

constexpr double waitingScale = 30;       ///< seconds, of memoryStepAt() before the first step has ended
constexpr qsizetype mostSamples = 200000; ///< of memory in the window; the store keeps all

/// Halves the samples, keeping the larger of each two: peaks stay.
void halve(QVector<double> &values, bool larger)
{
    qsizetype out = 0;
    for (qsizetype i = 0; i + 1 < values.size(); i += 2)
        values[out++] = larger ? std::max(values[i], values[i + 1]) : values[i];
    values.resize(out);
}

void addMemory(RunCurves &curves, double time, std::int64_t resident, std::int64_t allocated, std::int64_t gpuAllocated,
               std::int64_t gpuReserved)
{
    curves.memoryTime.push_back(time);
    curves.resident.push_back(static_cast<double>(resident));
    curves.allocated.push_back(static_cast<double>(allocated));
    if (gpuAllocated >= 0 || !curves.gpuAllocated.isEmpty()) {
        curves.gpuAllocated.resize(curves.memoryTime.size());
        curves.gpuReserved.resize(curves.memoryTime.size());
        curves.gpuAllocated.back() = static_cast<double>(std::max<std::int64_t>(gpuAllocated, 0));
        curves.gpuReserved.back() = static_cast<double>(std::max<std::int64_t>(gpuReserved, 0));
    }
    if (curves.memoryTime.size() <= mostSamples)
        return;
    halve(curves.memoryTime, false);
    for (QVector<double> *column : {&curves.resident, &curves.allocated, &curves.gpuAllocated, &curves.gpuReserved})
        halve(*column, true);
}

void updateBest(RunCurves &curves)
{
    const RunCurves::Metric *metric = curves.metric(curves.monitor);
    if (!metric || metric->value.isEmpty())
        return;
    const auto best = std::max_element(metric->value.begin(), metric->value.end()) - metric->value.begin();
    curves.bestStep = static_cast<int>(metric->step[best]);
}

} // namespace

void RunCurves::add(const run::StepEvent &event, double time)
{
    step.push_back(event.step);
    stepTime.push_back(stepTime.isEmpty() ? time : std::max(time, stepTime.back()));
    loss.push_back(event.loss);
    learningRate.push_back(event.learningRate);
    gradientNorm.push_back(event.gradientNorm);
    seconds.push_back(event.seconds);
    tokens.push_back(static_cast<double>(event.tokens));
    items.push_back(static_cast<double>(event.items));
    epoch.push_back(event.epoch);
    passes.push_back(event.passes);
}

void RunCurves::add(const run::ValidationEvent &event)
{
    for (const auto &[name, value] : event.metrics) {
        Metric &metric = validation[QString::fromStdString(name)];
        metric.step.push_back(event.step);
        metric.value.push_back(value);
    }
    updateBest(*this);
}

void RunCurves::add(const run::MemoryEvent &event)
{
    addMemory(*this, event.seconds, event.memory.resident, event.memory.allocated, event.memory.gpuAllocated,
              event.memory.gpuReserved);
}

double RunCurves::timeOfStep(double wanted) const
{
    if (step.isEmpty())
        return 0;
    const double begin = stepTime.front() - seconds.front();
    if (wanted <= step.front()) // the first step began at step.front() − 1
        return begin + std::max(0.0, wanted - (step.front() - 1)) * (stepTime.front() - begin);
    const auto after = std::lower_bound(step.begin(), step.end(), wanted) - step.begin();
    if (after >= step.size())
        return stepTime.back() + (wanted - step.back()) * seconds.back();
    const double share = (wanted - step[after - 1]) / (step[after] - step[after - 1]);
    return stepTime[after - 1] + share * (stepTime[after] - stepTime[after - 1]);
}

double RunCurves::stepAt(double time) const
{
    if (step.isEmpty())
        return -1;
    if (time <= stepTime.front()) {
        const double took = std::max(seconds.front(), 1e-9);
        return step.front() - (stepTime.front() - time) / took;
    }
    const auto after = std::lower_bound(stepTime.begin(), stepTime.end(), time) - stepTime.begin();
    if (after >= stepTime.size()) {
        const double took = std::max(seconds.back(), 1e-9);
        return step.back() + std::min(1.0, (time - stepTime.back()) / took);
    }
    const double span = stepTime[after] - stepTime[after - 1];
    const double share = span > 0 ? (time - stepTime[after - 1]) / span : 1;
    return step[after - 1] + share * (step[after] - step[after - 1]);
}

double RunCurves::memoryStepAt(double time) const
{
    if (!step.isEmpty())
        return std::max(0.0, stepAt(time));
    // exp() underflows the difference to 1 after some 18 minutes; the cap keeps those samples below step 1.
    return std::min(-std::expm1(-std::max(0.0, time) / waitingScale), std::nextafter(1.0, 0.0));
}

double RunCurves::memoryTimeAt(double wanted) const
{
    if (!step.isEmpty())
        return timeOfStep(wanted);
    return -waitingScale * std::log1p(-std::clamp(wanted, 0.0, std::nextafter(1.0, 0.0)));
}

const RunCurves::Metric *RunCurves::metric(const QString &name) const
{
    const auto at = validation.find(name);
    return at == validation.end() ? nullptr : &at->second;
}

double RunCurves::bestValue() const
{
    const Metric *values = metric(monitor);
    return values && !values->value.isEmpty() ? *std::max_element(values->value.begin(), values->value.end())
                                              : std::numeric_limits<double>::quiet_NaN();
}

QString monitorOf(const std::string &specJson)
{
    const auto json = nlohmann::json::parse(specJson, nullptr, false);
    if (json.is_object() && json.contains("training") && json["training"].is_object())
        if (const auto monitor = json["training"].find("monitor");
            monitor != json["training"].end() && monitor->is_string())
            return QString::fromStdString(monitor->get<std::string>());
    return QStringLiteral("ndcg@100");
}

RunCurves loadCurves(const store::Project &project, const store::RunRecord &run)
{
    RunCurves curves;
    curves.run = run.id;
    curves.name = QString::fromStdString(run.name);
    curves.monitor = monitorOf(run.specJson);
    for (const store::StepRecord &r : project.steps(run.id)) {
        run::StepEvent event;
        event.step = r.step;
        event.epoch = r.epoch;
        event.loss = r.loss;
        event.learningRate = r.learningRate;
        event.gradientNorm = r.gradientNorm;
        event.seconds = r.seconds;
        event.tokens = r.tokens;
        event.items = r.items;
        event.passes = r.passes;
        curves.add(event, r.time);
    }
    for (const store::ValidationRecord &r : project.validation(run.id)) {
        RunCurves::Metric &metric = curves.validation[QString::fromStdString(r.metric)];
        metric.step.push_back(r.step);
        metric.value.push_back(r.value);
    }
    updateBest(curves);
    for (const store::MemoryRecord &r : project.memory(run.id))
        addMemory(curves, r.time, r.resident, r.allocated, r.gpuAllocated, r.gpuReserved);
    return curves;
}

} // namespace apiary::widgets
