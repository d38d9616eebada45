#include "cli/report.h"
#include "encoder/device.h"
#include "run/version.h"

namespace apiary::cli {

nlohmann::ordered_json toJson(const eval::Comparison &comparison)
{
    using Json = nlohmann::ordered_json;
    const auto interval = [](const eval::Interval &value) {
        return Json{{"mean", value.mean}, {"low", value.low}, {"high", value.high}};
    };
    Json json;
    json["users"] = comparison.users;
    json["level"] = comparison.level;
    json["resamples"] = comparison.resamples;
    json["baseline"] = comparison.rows.empty() ? "" : comparison.rows[comparison.baseline].model;
    json["models"] = Json::object();
    for (const eval::ComparisonRow &row : comparison.rows) {
        Json metrics = Json::object();
        for (std::size_t m = 0; m < comparison.metrics.size(); ++m) {
            Json cell = interval(row.cells[m].mean);
            cell["difference"] = interval(row.cells[m].difference);
            cell["p"] = row.cells[m].p;
            cell["holm"] = row.cells[m].holm;
            metrics[comparison.metrics[m]] = cell;
        }
        for (std::size_t t = 0; t < comparison.totals.size(); ++t)
            metrics[comparison.totals[t]] = Json{{"mean", row.totals[t]}};
        json["models"][row.model] = metrics;
    }
    return json;
}

namespace {

void add(nlohmann::ordered_json &json, const run::Provenance &provenance)
{
    json["dataset"] = provenance.datasetHash;
    json["scenario"] = provenance.scenario;
    if (!provenance.splitHash.empty())
        json["split"] = provenance.splitHash;
    json["spec"] = provenance.specHash;
    for (const run::ModelOrigin &origin : provenance.models)
        json["encoders"][origin.model] = origin.encoder;
    json["apiary"] = run::version;
    json["libtorch"] = encoder::libtorchVersion();
}

} // namespace

nlohmann::ordered_json toJson(const run::EvaluationResult &result)
{
    nlohmann::ordered_json json = toJson(result.comparison);
    json["seed"] = result.comparison.seed;
    add(json, result.provenance);
    for (const eval::Evaluation &evaluation : result.evaluations)
        for (const eval::SegmentValues &segment : evaluation.segments) {
            auto &place = json["segments"][evaluation.model][segment.segment];
            place["users"] = segment.users.size();
            for (const eval::MetricValues &values : segment.metrics)
                place[values.metric] = values.mean();
        }
    return json;
}

nlohmann::ordered_json toJson(const run::SeedEvaluation &result)
{
    using Json = nlohmann::ordered_json;
    Json json;
    json["runs"] = result.seeds.size();
    json["models"] = Json::object();
    for (const run::SeedSpread &one : result.spreads)
        json["models"][one.model][one.metric] = {
            {"mean", one.spread.mean}, {"deviation", one.spread.runs > 1 ? Json(one.spread.deviation) : Json()}};
    add(json, result.provenance);
    json["splitSeeds"] = result.seeds;
    json["splits"] = result.splits;
    return json;
}

} // namespace apiary::cli
