#include "run/evaluation.h"

#include "base/cancel.h"
#include "base/error.h"
#include "recsys/recommender.h"
#include "run/dataset_place.h"
#include "run/item_embeddings.h"
#include "run/recommenders.h"
#include "run/run_files.h"
#include "run/test_records.h"

namespace apiary::run {

namespace {

void label(std::string &model, const std::vector<NamedEncoder> &encoders)
{
    for (const NamedEncoder &encoder : encoders)
        if (encoder.name == model && !encoder.label.empty()) {
            model = encoder.label;
            return;
        }
}

} // namespace

EvaluationResult evaluateEncoders(const RunSpec &spec, const std::vector<NamedEncoder> &encoders, bool keepRankings,
                                  const ProgressFn &progress, std::stop_token stop, const store::Project *project)
{
    EvaluationResult result;
    result.inputs = loadInputs(withDatasetFolder(spec, project), progress, stop);
    const data::EvaluationTask &test = result.inputs.scenario.test;
    const Csr sources = withTimes(test.sources, test.users, result.inputs.dataset.interactions);
    const eval::Task task{sources, test.targets, test.candidates};
    recsys::Embeddings first; // how alike items are is measured by the first encoder, for all models
    TestSettings settings = testSettings(spec, result.inputs, &first);
    settings.options.keepRankings = keepRankings;
    const auto evaluate = [&](const recsys::Recommender &model, const std::string &name) {
        result.evaluations.push_back(
            eval::evaluate(model, task, settings.options, renamed(progress, "evaluating " + name, "users"), stop));
        result.evaluations.back().model = name;
    };
    const auto cache = openCache();
    for (const NamedEncoder &encoder : encoders) {
        const auto opened = openEncoder(spec, encoder.folder);
        result.provenance.models.push_back({encoder.name, opened->card().hash});
        recsys::Embeddings items = encodeItemsCached(spec, result.inputs.dataset.catalog, *opened, cache.get(),
                                                     "encoding items, " + encoder.name, progress, stop);
        if (first.rows() == 0)
            first = items;
        evaluate(*recsys::contentRecommender(encoder.name, std::move(items)), encoder.name);
    }
    result.provenance.dataset = result.inputs.dataset.name;
    result.provenance.datasetHash = result.inputs.dataset.hash;
    result.provenance.scenario = data::name(result.inputs.scenario.kind);
    result.provenance.splitHash = result.inputs.scenario.hash;
    result.provenance.specHash = specHash(spec);
    fitRecommenders(
        spec, result.inputs, std::make_shared<recsys::Embeddings>(first), progress, stop,
        [&](const recsys::Recommender &model, const RecommenderChoice &choice) { evaluate(model, choice.name); });
    if (wantsFloor(spec))
        evaluate(*recsys::randomRecommender(spec.seed), "random");
    throwIfStopped(stop);
    result.comparison =
        eval::compare(result.evaluations, 0, spec.seed, spec.evaluation.bootstrapResamples, spec.evaluation.level);
    return result;
}

void labelModels(EvaluationResult &result, const std::vector<NamedEncoder> &encoders)
{
    for (eval::Evaluation &evaluation : result.evaluations)
        label(evaluation.model, encoders);
    for (eval::ComparisonRow &row : result.comparison.rows)
        label(row.model, encoders);
    for (ModelOrigin &origin : result.provenance.models)
        label(origin.model, encoders);
}

void labelModels(SeedEvaluation &result, const std::vector<NamedEncoder> &encoders)
{
    for (SeedSpread &one : result.spreads)
        label(one.model, encoders);
    for (ModelOrigin &origin : result.provenance.models)
        label(origin.model, encoders);
}

store::TestedEncoder testEncoder(store::Project &project, std::int64_t run, const NamedEncoder &encoder,
                                 const ProgressFn &progress, std::stop_token stop)
{
    const auto record = project.run(run);
    if (!record)
        throw InputError("there is no run " + std::to_string(run), project.folder().string(),
                         "list them with `apiary-cli runs`");
    const RunSpec spec = specOfRun(project, *record);
    const Inputs inputs = inputsOfRun(project, *record, spec, progress, stop);
    const data::EvaluationTask &task = inputs.scenario.test;
    const auto opened = openEncoder(spec, encoder.folder);
    throwIfStopped(stop);
    const auto cache = openCache();
    const auto encode = [&](embed::SentenceEncoder &one) {
        return encodeItemsCached(spec, inputs.dataset.catalog, one, cache.get(), "encoding items", progress, stop);
    };
    const recsys::Embeddings items = encode(*opened);
    recsys::Embeddings base; // what the run measured with, where it measured how alike items are
    for (const eval::Metric &metric : eval::parseMetrics(spec.evaluation.metrics))
        if (metric.kind == eval::MetricKind::Similarity && base.rows() == 0)
            base = encode(*openEncoder(spec, spec.encoder.folder));
    const TestSettings settings = testSettings(spec, inputs, &base);
    std::vector<eval::Evaluation> evaluations{
        eval::evaluate(*recsys::contentRecommender(encoder.name, items), view(task), settings.options,
                       renamed(progress, "evaluating on test items", "users"), stop)};
    evaluations.front().model = encoder.name;
    store::TestedEncoder tested;
    tested.run = run;
    tested.name = encoder.name;
    tested.hash = opened->card().hash;
    tested.folder = encoder.folder;
    const auto users = userIds(inputs.dataset.interactions, task.users);
    tested.metrics = metricRecords(evaluations, users);
    tested.details = testDetails(evaluations, users);
    throwIfStopped(stop);
    tested.id = project.keepTested(tested);
    return tested;
}

} // namespace apiary::run
