#pragma once

#include "base/random.h"
#include "run/stored_scores.h"
#include "store/project.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace apiary::tests {

inline const std::vector<std::string> &storedMetrics()
{
    static const std::vector<std::string> names{"recall@20", "recall@50", "ndcg@100"};
    return names;
}

/// A value a user between 0 and 1, lifted by `lift`; users u<first> … u<last - 1>.
inline store::MetricRecord storedValues(const std::string &model, const std::string &metric, double lift, int first = 0,
                                        int last = 120)
{
    store::MetricRecord record{model, metric, {}, {}};
    for (int user = first; user < last; ++user) {
        CounterRng random(mixKey(static_cast<std::uint64_t>(user), metric.size(), metric[0]));
        CounterRng own(mixKey(static_cast<std::uint64_t>(user), model.size(), static_cast<std::uint64_t>(lift * 1000)));
        record.users.push_back("u" + std::to_string(user));
        record.perUser.push_back(0.6 * random.uniform() + lift + 0.02 * own.uniform());
    }
    return record;
}

/// An untrained and a tuned model with recall@20 of users u0 … u<users - 1>, as read from a project.
inline run::ScoreSet storedScores(int users)
{
    run::ScoreSet set;
    set.run = 1;
    set.seed = 11;
    set.resamples = 300;
    set.metrics = {"recall@20"};
    for (const auto kind : {run::ModelKind::Untrained, run::ModelKind::Tuned}) {
        const bool tuned = kind == run::ModelKind::Tuned;
        const std::string name = tuned ? "tuned" : "untrained";
        run::ModelScores model{name, name};
        model.kind = kind;
        model.run = 1;
        auto record = storedValues(name, "recall@20", tuned ? 0.2 : 0.1, 0, users);
        model.metrics["recall@20"] = {std::make_shared<const std::vector<std::string>>(std::move(record.users)),
                                      std::move(record.perUser)};
        set.models.push_back(std::move(model));
    }
    return set;
}

inline store::RunRecord storedRun(const std::string &name, const std::string &scenario, const std::string &data = "d1",
                                  int seed = 7)
{
    store::RunRecord run;
    run.name = name;
    run.specJson = R"({"name":")" + name + R"(","seed":)" + std::to_string(seed) +
                   R"(,"scenario":{"kind":"cold-start","seed":)" + scenario +
                   R"(},"evaluation":{"bootstrapResamples":400,"level":0.9}})";
    run.specHash = "spec-" + name + "-" + std::to_string(seed);
    run.environment = R"({"apiary":"0.0.9","libtorch":"2.0"})";
    run.datasetName = "films";
    run.datasetHash = data;
    run.encoderName = "mini";
    run.encoderHash = "e1";
    return run;
}

/// A run of an untrained, a tuned and a random model, tested on users u0 … u<last - 1>.
inline std::int64_t addStoredRun(store::Project &project, store::RunRecord run, double lift, bool finished = true,
                                 int last = 120, const store::TestDetails &details = {})
{
    run.id = project.beginRun(run);
    std::vector<store::MetricRecord> metrics;
    for (const auto &metric : storedMetrics()) {
        metrics.push_back(storedValues("untrained", metric, 0.1, 0, last));
        metrics.push_back(storedValues("tuned", metric, lift, 0, last));
        metrics.push_back(storedValues("random", metric, 0.0, 0, last));
    }
    run.status = finished ? "finished" : "stopped";
    project.finishRun(run, finished ? metrics : std::vector<store::MetricRecord>{}, {},
                      finished ? details : store::TestDetails());
    return run.id;
}

/// Totals, a segment of items (users u0 … u39, values of their own) and one of users (u60 … u119).
inline store::TestDetails storedDetails()
{
    store::TestDetails details;
    store::SegmentRecord tail{"items: tail", false, {}, {}};
    store::SegmentRecord heavy{"users: heavy", true, {}, {}};
    tail.users = storedValues("", "x", 0, 0, 40).users;
    heavy.users = storedValues("", "x", 0, 60, 120).users;
    double value = 0.5;
    for (const char *model : {"untrained", "tuned", "random"}) {
        details.totals.push_back({model, "coverage@20", value});
        for (const auto &metric : storedMetrics())
            tail.metrics.push_back({model, metric, storedValues(model, metric, value / 10, 0, 40).perUser, {}});
        value += 0.125;
    }
    details.segments = {tail, heavy};
    return details;
}

} // namespace apiary::tests
