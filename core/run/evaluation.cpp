#include "run/evaluation.h"

#include "base/cancel.h"
#include "recsys/recommender.h"

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
    for (const NamedEncoder &encoder : encoders) {
        const auto opened = openEncoder(spec, encoder.folder);
        const auto tokens = opened->tokenizer().encodeAll(result.inputs.dataset.catalog.texts,
                                                          maxTokens(spec, opened->card().maxTokens), threads, stop);
        evaluate(*recsys::contentRecommender(
                     encoder.name, opened->encode(tokens, renamed(progress, "encoding items, " + encoder.name), stop)),
                 encoder.name);
    }
    if (spec.evaluation.random)
        evaluate(*recsys::randomRecommender(spec.seed), "random");
    throwIfStopped(stop);
    result.comparison =
        eval::compare(result.evaluations, 0, spec.seed, spec.evaluation.bootstrapResamples, spec.evaluation.level);
    return result;
}

} // namespace apiary::run
