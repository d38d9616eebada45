#include "base/error.h"
#include "base/number_text.h"
#include "run/evaluation.h"

#include <algorithm>
#include <map>

namespace apiary::run {

namespace {

/// Characters of a UTF-8 text, counted by the bytes that begin one.
std::size_t width(const std::string &text)
{
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

} // namespace

std::vector<SeedSpread> evaluateSeeds(const RunSpec &spec, const std::vector<NamedEncoder> &encoders,
                                      const std::vector<std::uint64_t> &seeds, const ProgressFn &progress,
                                      std::stop_token stop, const store::Project *project)
{
    const data::ScenarioKind kind = scenarioOptions(spec).kind;
    if (kind != data::ScenarioKind::ColdStart && kind != data::ScenarioKind::ZeroShot &&
        kind != data::ScenarioKind::UserSplit)
        throw InputError(std::string("the scenario ") + data::name(kind) +
                             " draws nothing, so that seeds change nothing",
                         "scenario.kind", "evaluate it once, or take cold-start or user-split");
    if (seeds.empty())
        throw InputError("there are no seeds", "seeds", "name some, such as 1,2,3");
    std::map<std::pair<std::string, std::string>, std::vector<double>> means;
    std::vector<SeedSpread> spreads;
    for (const std::uint64_t seed : seeds) {
        RunSpec seeded = spec;
        seeded.scenario.seed = seed;
        const EvaluationResult result = evaluateEncoders(seeded, encoders, false, progress, stop, project);
        const auto add = [&](const std::string &model, const std::string &metric, double value) {
            auto &values = means[{model, metric}];
            if (values.empty())
                spreads.push_back({model, metric, {}});
            values.push_back(value);
        };
        for (const eval::Evaluation &evaluation : result.evaluations) {
            for (const eval::MetricValues &values : evaluation.metrics)
                add(evaluation.model, values.metric, values.mean());
            for (const eval::TotalValue &total : evaluation.totals)
                add(evaluation.model, total.metric, total.value);
        }
    }
    for (SeedSpread &one : spreads)
        one.spread = eval::spread(means[{one.model, one.metric}]);
    return spreads;
}

std::string formatSpread(const std::vector<SeedSpread> &spreads, const std::string &note)
{
    std::size_t metric = 6, model = 5;
    for (const SeedSpread &one : spreads) {
        metric = std::max(metric, one.metric.size());
        model = std::max(model, width(one.model));
    }
    const auto padded = [](const std::string &text, std::size_t to) {
        return text + std::string(std::max(to, width(text)) - width(text) + 2, ' ');
    };
    std::string text = padded("metric", metric) + padded("model", model) + "mean      deviation\n";
    for (const SeedSpread &one : spreads) {
        text += padded(one.metric, metric) + padded(one.model, model) + padded(numberText(one.spread.mean, 4, "-"), 8) +
                numberText(one.spread.deviation, 2) + "\n";
    }
    if (!note.empty())
        text += note + "\n";
    else if (!spreads.empty())
        text += "means over " + std::to_string(spreads.front().spread.runs) + " seeds of the split\n";
    return text;
}

} // namespace apiary::run
