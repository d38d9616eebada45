#include "run/evaluation.h"

#include "base/cancel.h"
#include "base/error.h"
#include "recsys/recommender.h"
#include "run/item_embeddings.h"

namespace apiary::run {

EvaluationResult evaluateEncoders(const RunSpec &spec, const std::vector<NamedEncoder> &encoders, bool keepRankings,
                                  const ProgressFn &progress, std::stop_token stop)
{
    EvaluationResult result;
    result.inputs = loadInputs(spec, renamed(progress, "reading data", "rows"), stop);
    result.task = taskOf(result.inputs, data::ItemRole::Test);
    const int threads = threadCount(spec);
    const auto evaluate = [&](const recsys::Recommender &model, const std::string &name) {
        result.evaluations.push_back(eval::evaluate(model, view(result.task), keepRankings, threads,
                                                    renamed(progress, "evaluating " + name, "users"), stop));
        result.evaluations.back().model = name;
    };
    const auto cache = openCache();
    for (const NamedEncoder &encoder : encoders) {
        const auto opened = openEncoder(spec, encoder.folder);
        evaluate(*recsys::contentRecommender(
                     encoder.name, encodeItemsCached(spec, result.inputs.dataset.catalog, *opened, cache.get(),
                                                     "encoding items, " + encoder.name, progress, stop)),
                 encoder.name);
    }
    if (spec.evaluation.random)
        evaluate(*recsys::randomRecommender(spec.seed), "random");
    throwIfStopped(stop);
    result.comparison =
        eval::compare(result.evaluations, 0, spec.seed, spec.evaluation.bootstrapResamples, spec.evaluation.level);
    return result;
}

store::TestedEncoder testEncoder(store::Project &project, std::int64_t run, const NamedEncoder &encoder,
                                 const ProgressFn &progress, std::stop_token stop)
{
    const auto record = project.run(run);
    if (!record)
        throw InputError("there is no run " + std::to_string(run), project.folder().string(),
                         "list them with `apiary-cli runs`");
    const RunSpec spec = parseSpec(record->specJson, "run " + std::to_string(run));
    const Inputs inputs = loadInputs(spec, renamed(progress, "reading data", "rows"), stop);
    if (!record->datasetHash.empty() && inputs.dataset.hash != record->datasetHash)
        throw InputError("the data has changed since run " + std::to_string(run), spec.dataset.interactions.string(),
                         "put the original files back, or run again");
    const data::ColdStartTask task = taskOf(inputs, data::ItemRole::Test);
    const auto opened = openEncoder(spec, encoder.folder);
    throwIfStopped(stop);
    const auto model = recsys::contentRecommender(
        encoder.name,
        encodeItemsCached(spec, inputs.dataset.catalog, *opened, openCache().get(), "encoding items", progress, stop));
    const eval::Evaluation evaluation = eval::evaluate(*model, view(task), false, threadCount(spec),
                                                       renamed(progress, "evaluating on test items", "users"), stop);
    store::TestedEncoder tested;
    tested.run = run;
    tested.name = encoder.name;
    tested.hash = opened->card().hash;
    tested.folder = encoder.folder;
    std::vector<std::string> users;
    for (const std::int32_t user : task.users)
        users.push_back(inputs.dataset.interactions.users[static_cast<std::size_t>(user)]);
    for (const eval::MetricValues &values : evaluation.metrics)
        tested.metrics.push_back({encoder.name, values.metric, values.perUser, users});
    throwIfStopped(stop);
    tested.id = project.keepTested(tested);
    return tested;
}

} // namespace apiary::run
