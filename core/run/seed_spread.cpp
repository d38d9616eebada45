#include "base/error.h"
#include "base/number_text.h"
#include "encoder/device.h"
#include "run/evaluation.h"
#include "run/run_files.h"
#include "run/version.h"

#include <algorithm>
#include <map>
#include <utility>

namespace apiary::run {

namespace {

/// Characters of a UTF-8 text, counted by the bytes that begin one.
std::size_t width(const std::string &text)
{
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

} // namespace

SeedEvaluation evaluateSeeds(const RunSpec &spec, const std::vector<NamedEncoder> &encoders,
                             const std::vector<std::uint64_t> &seeds, const ProgressFn &progress, std::stop_token stop,
                             const store::Project *project)
{
    const data::ScenarioKind kind = scenarioOptions(spec).kind;
    if (kind != data::ScenarioKind::ColdStart && kind != data::ScenarioKind::ZeroShot &&
        kind != data::ScenarioKind::UserSplit)
        throw InputError(std::string("the scenario ") + data::name(kind) +
                             " draws nothing, so that seeds change nothing",
                         "scenario.kind", "evaluate it once, or take cold-start or user-split");
    if (seeds.empty())
        throw InputError("there are no seeds", "seeds", "name some, such as 1,2,3");
    for (auto seed = seeds.begin(); seed != seeds.end(); ++seed)
        if (std::find(seeds.begin(), seed, *seed) != seed)
            throw InputError("the seed " + std::to_string(*seed) + " stands there twice", "seeds",
                             "name each once: the same seed gives the same split");
    std::map<std::pair<std::string, std::string>, std::vector<double>> means;
    SeedEvaluation all;
    all.seeds = seeds;
    std::vector<SeedSpread> &spreads = all.spreads;
    for (const std::uint64_t seed : seeds) {
        RunSpec seeded = spec;
        seeded.scenario.seed = seed;
        const EvaluationResult result = evaluateEncoders(seeded, encoders, false, progress, stop, project);
        all.splits.push_back(result.provenance.splitHash);
        all.provenance = result.provenance;
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
    all.provenance.splitHash.clear();
    all.provenance.specHash = specHash(spec);
    return all;
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
                (one.spread.runs > 1 ? numberText(one.spread.deviation, 2) : "–") + "\n";
    }
    if (!note.empty())
        text += note + "\n";
    else if (!spreads.empty())
        text += "means over " + std::to_string(spreads.front().spread.runs) +
                (spreads.front().spread.runs == 1 ? " seed of the split\n" : " seeds of the split\n");
    return text;
}

std::string exportSpread(const SeedEvaluation &result, TableFormat format)
{
    const Provenance &from = result.provenance;
    std::string seeds, splits;
    for (std::size_t i = 0; i < result.seeds.size(); ++i) {
        seeds += (i == 0 ? "" : ", ") + std::to_string(result.seeds[i]);
        splits += (i == 0 ? "" : ", ") + (i < result.splits.size() ? result.splits[i] : std::string());
    }
    const auto encoderOf = [&from](const std::string &model) {
        for (const ModelOrigin &origin : from.models)
            if (origin.model == model)
                return origin.encoder;
        return std::string();
    };
    const std::string torch = encoder::libtorchVersion();
    std::string text;
    if (format == TableFormat::Csv) {
        text = "model,metric,mean,deviation,seeds,split_seeds,dataset,dataset_hash,scenario,split_hashes,encoder_hash,"
               "spec_hash,apiary,libtorch\n";
        for (const SeedSpread &one : result.spreads)
            text += csvField(one.model) + "," + csvField(one.metric) + "," + csvNumber(one.spread.mean) + "," +
                    (one.spread.runs > 1 ? csvNumber(one.spread.deviation) : "") + "," +
                    std::to_string(one.spread.runs) + "," + csvField(seeds) + "," + csvField(from.dataset) + "," +
                    from.datasetHash + "," + from.scenario + "," + csvField(splits) + "," + encoderOf(one.model) + "," +
                    from.specHash + "," + version + "," + torch + "\n";
        return text;
    }
    std::vector<std::pair<std::string, std::string>> lines{{"dataset", from.dataset + " (" + from.datasetHash + ")"},
                                                           {"scenario", from.scenario},
                                                           {"split seeds", seeds},
                                                           {"splits", splits}};
    for (const ModelOrigin &origin : from.models)
        lines.emplace_back("encoder of " + origin.model, origin.encoder);
    lines.emplace_back("experiment", from.specHash);
    lines.emplace_back("made by", std::string("Apiary ") + version + ", libtorch " + torch);
    const bool latex = format == TableFormat::Latex;
    const char *between = latex ? " & " : " | ", *end = latex ? " \\\\\n" : " |\n";
    const auto escaped = latex ? latexEscaped : markdownEscaped;
    std::string body;
    for (const SeedSpread &one : result.spreads)
        body += (latex ? "" : "| ") + escaped(one.model) + between + escaped(one.metric) + between +
                numberText(one.spread.mean, 4, latex ? "$-$" : "−") + between +
                (one.spread.runs > 1 ? numberText(one.spread.deviation, 2) : "") + end;
    if (!latex) {
        text = "| model | metric | mean | deviation |\n|---|---|---:|---:|\n" + body + "\n";
        for (const auto &[name, value] : lines)
            text += "- " + markdownEscaped(name) + ": " + markdownEscaped(value) + "\n";
        return text;
    }
    text = "% the rules need \\usepackage{booktabs}\n";
    for (const auto &[name, value] : lines)
        text += "% " + name + ": " + value + "\n";
    return text + "\\begin{tabular}{llrr}\n\\toprule\nmodel & metric & mean & deviation \\\\\n\\midrule\n" + body +
           "\\bottomrule\n\\end{tabular}\n";
}

std::string shortProvenance(const Provenance &provenance)
{
    const auto cut = [](const std::string &hash) { return hash.substr(0, 12); };
    std::string text = "dataset " + provenance.dataset + " " + cut(provenance.datasetHash);
    if (!provenance.splitHash.empty())
        text += ", split " + cut(provenance.splitHash);
    text += ", experiment " + cut(provenance.specHash);
    for (const ModelOrigin &origin : provenance.models)
        if (!origin.encoder.empty())
            text += "; encoder of " + origin.model + " " + cut(origin.encoder);
    return text + "\n";
}

} // namespace apiary::run
