#include "run/job.h"

#include "base/cancel.h"
#include "base/error.h"
#include "embed/cached_encoding.h"
#include "encoder/model_folder.h"
#include "recsys/recommender.h"
#include "run/item_embeddings.h"
#include "run/npy.h"
#include "run/recommenders.h"
#include "run/recorder.h"
#include "run/run_files.h"
#include "run/test_records.h"
#include "run/trainer_config.h"

#include <algorithm>
#include <cmath>

namespace apiary::run {

Job::Job(const RunSpec &spec, store::Project &project, Recorder &recorder, PauseGate &gate, std::stop_token stop,
         store::RunRecord record)
    : m_spec(spec)
    , m_project(project)
    , m_recorder(recorder)
    , m_gate(gate)
    , m_stop(std::move(stop))
    , m_record(std::move(record))
{
}

RunResult Job::run()
{
    try {
        prepare();
        encodeUntrained();
        if (trains())
            trainOrKeep();
        else
            validate(0);
        throwIfStopped(m_stop);
        test();
    } catch (const Cancelled &) {
        return finish(RunStatus::Stopped);
    }
    return finish(RunStatus::Finished);
}

ProgressFn Job::progress(const std::string &stage, const std::string &unit)
{
    return renamed([this](const Progress &progress) { m_recorder.progress(progress); }, stage, unit);
}

void Job::prepare()
{
    m_inputs = loadInputs(
        m_spec, [this](const Progress &now) { m_recorder.progress(now); }, m_stop);
    const data::Dataset &dataset = m_inputs.dataset;
    for (const std::string &warning : dataset.warnings)
        m_recorder.log(Level::Warning, warning);
    m_project.recordDataset({dataset.name, dataset.hash, countsJson(dataset)});
    m_record.datasetName = dataset.name;
    m_record.datasetHash = dataset.hash;

    const data::Scenario &scenario = m_inputs.scenario;
    const auto count = [&scenario](data::ItemRole role) { return std::to_string(scenario.items.items(role).size()); };
    m_recorder.log(Level::Info, dataset.name + ": " + std::to_string(dataset.interactions.userCount()) + " users, " +
                                    std::to_string(dataset.interactions.itemCount()) + " items, " +
                                    std::to_string(dataset.interactions.count()) + " interactions; " +
                                    count(data::ItemRole::Train) + " items to train on, " +
                                    count(data::ItemRole::Validation) + " to validate, " + count(data::ItemRole::Test) +
                                    " to test");
    m_recorder.log(Level::Info, std::string(data::name(scenario.kind)) + ": " +
                                    std::to_string(scenario.trainingUsers.size()) + " users to train on, " +
                                    std::to_string(scenario.validation.users.size()) + " to validate, " +
                                    std::to_string(scenario.test.users.size()) + " to test; split " + scenario.hash);
    const auto trained = scenario.trainItems();
    const auto &sources = scenario.validation.sources.columns;
    m_validationItems = scenario.validation.candidates;
    m_validationItems.insert(m_validationItems.end(), trained.begin(), trained.end());
    m_validationItems.insert(m_validationItems.end(), sources.begin(), sources.end());
    std::sort(m_validationItems.begin(), m_validationItems.end());
    m_validationItems.erase(std::unique(m_validationItems.begin(), m_validationItems.end()), m_validationItems.end());

    throwIfStopped(m_stop);
    m_recorder.progress({"loading the encoder", "", 0, 0, 0, -1});
    m_encoder = openEncoder(m_spec, m_spec.encoder.folder);
    const embed::EncoderCard &card = m_encoder->card();
    m_project.recordEncoder({card.name, card.hash, m_spec.encoder.folder, cardJson(card)});
    m_record.encoderName = card.name;
    m_record.encoderHash = card.hash;
    m_project.updateRun(m_record);

    m_recorder.progress({"tokenizing", "items", 0, dataset.catalog.size(), 0, -1});
    m_tokens = m_encoder->tokenize(dataset.catalog.texts, textOptions(m_spec, *m_encoder), m_stop);
    m_recorder.progress({"tokenizing", "items", dataset.catalog.size(), dataset.catalog.size(), 0, 0});
    m_staging = m_project.stagingFolder(m_record.id);
    writeItems(m_staging / "items.csv", m_inputs);
    keepSplit(m_staging, m_project, m_inputs);
}

bool Job::trains() const
{
    return m_inputs.scenario.kind != data::ScenarioKind::ZeroShot;
}

void Job::encodeUntrained()
{
    m_untrained =
        embed::encodeCached(*m_encoder, m_tokens, openCache().get(), progress("encoding items, untrained"), m_stop);
    writeNpy(m_staging / "embeddings_base.npy", m_untrained);
}

double Job::validate(int step)
{
    const embed::Embeddings items = step == 0 ? m_untrained
                                              : encodeItems(*m_encoder, m_tokens, m_validationItems,
                                                            progress("encoding items, validation"), m_stop);
    const eval::Evaluation evaluation =
        eval::evaluate(*recsys::contentRecommender("validation", items), view(m_inputs.scenario.validation), false,
                       threadCount(m_spec), {}, m_stop);
    ValidationEvent event;
    event.step = step;
    for (const eval::MetricValues &values : evaluation.metrics)
        event.metrics[values.metric] = values.mean();
    const double value = event.metrics.at(m_spec.training.monitor);
    event.best = !m_best || value > *m_best;
    if (event.best)
        m_best = value;
    m_recorder.validation(event);
    return value;
}

void Job::waitWhilePaused()
{
    if (m_gate.paused()) {
        StatusEvent event{m_record.id, RunStatus::Running, {}, m_record.totalSteps, true};
        m_recorder.status(event);
        m_gate.wait(m_stop);
        event.paused = false;
        m_recorder.status(event);
    }
    throwIfStopped(m_stop);
}

void Job::onStep(const train::StepReport &report)
{
    StepEvent event;
    event.step = report.step;
    event.epoch = report.epoch;
    event.loss = report.loss;
    event.learningRate = report.learningRate;
    event.gradientNorm = report.gradientNorm;
    event.seconds = report.seconds;
    event.tokens = report.tokens;
    event.items = report.items;
    event.passes = report.passes;
    event.memory = m_recorder.memory();
    m_steps = report.step;
    m_recorder.step(event);

    const double passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - m_trainingBegan).count();
    const double rate = report.step / std::max(passed, 1e-9);
    m_recorder.progress(
        {"training", "steps", report.step, m_record.totalSteps, rate, (m_record.totalSteps - report.step) / rate});
}

void Job::train()
{
    const encoder::PackedTokens tokens = packed(m_tokens);
    train::Trainer trainer(m_encoder->transformer(), m_inputs.scenario.training, tokens, m_inputs.scenario.trainItems(),
                           trainerConfig(m_spec));
    m_record.totalSteps = trainer.plannedSteps();
    m_project.updateRun(m_record);
    m_recorder.status({m_record.id, RunStatus::Running, {}, m_record.totalSteps, m_gate.paused()});
    m_recorder.progress({"training", "steps", 0, m_record.totalSteps, 0, -1});

    train::TrainerHooks hooks;
    hooks.step = [this](const train::StepReport &report) { onStep(report); };
    hooks.validate = [this](int step) { return validate(step); };
    hooks.best = [this](int step, double) { m_record.bestStep = step; };
    hooks.log = [this](const std::string &text) { m_recorder.log(Level::Warning, text); };
    hooks.pause = [this] { waitWhilePaused(); };
    m_trainingBegan = std::chrono::steady_clock::now();
    const train::TrainerResult result = trainer.train(hooks, m_stop);
    m_record.bestStep = result.bestStep;
    m_record.totalSteps = result.steps; // what was planned no longer matters
    if (result.cancelled)
        throw Cancelled();
    if (result.stoppedEarly)
        m_recorder.log(Level::Info, "Stopped early after step " + std::to_string(result.steps) + ": " +
                                        m_spec.training.monitor + " on validation items was best at step " +
                                        std::to_string(result.bestStep));
    if (result.bestStep == 0)
        m_recorder.log(Level::Warning,
                       "No step was better than the untrained encoder on validation items, so its weights "
                       "are kept");
}

void Job::trainOrKeep()
{
    try {
        train();
    } catch (const Error &) {
        // A loss that is not finite, most likely: the weights are those of the last good step.
        m_keepOnFailure = m_steps > 0;
        throw;
    }
}

void Job::test()
{
    if (trains()) {
        // Past the cache, which knows the weights of the folder that was opened: publish() keeps these under their own hash.
        m_tuned = m_encoder->encode(m_tokens, progress("encoding items, tuned"), m_stop);
        writeNpy(m_staging / "embeddings_tuned.npy", m_tuned);
    }
    m_recorder.progress({"evaluating on test items", "models", 0, 3, 0, -1});
    std::vector<eval::Evaluation> evaluations;
    evaluateOnTest(testSettings(m_spec, m_inputs, &m_untrained), evaluations);
    writeTestFiles(m_staging, evaluations);
    m_comparison =
        eval::compare(evaluations, 0, m_spec.seed, m_spec.evaluation.bootstrapResamples, m_spec.evaluation.level);
    const auto users = userIds(m_inputs.dataset.interactions, m_inputs.scenario.test.users);
    m_metrics = metricRecords(evaluations, users);
    m_details = testDetails(evaluations, users);
    m_recorder.progress({"evaluating on test items", "models", 3, 3, 0, 0});
    throwIfStopped(m_stop);
    m_complete = true;
}

void Job::evaluateOnTest(const TestSettings &settings, std::vector<eval::Evaluation> &evaluations)
{
    const data::EvaluationTask &test = m_inputs.scenario.test;
    const Csr sources = withTimes(test.sources, test.users, m_inputs.dataset.interactions);
    const auto evaluate = [&](const recsys::Recommender &model, const std::string &name) {
        evaluations.push_back(
            eval::evaluate(model, {sources, test.targets, test.candidates}, settings.options, {}, m_stop));
        evaluations.back().model = name;
    };
    evaluate(*recsys::contentRecommender("untrained", m_untrained), "untrained");
    if (trains())
        evaluate(*recsys::contentRecommender("tuned", m_tuned), "tuned");
    const std::shared_ptr<const recsys::Embeddings> embeddings(std::shared_ptr<void>(), &m_untrained); // borrowed
    fitRecommenders(
        m_spec, m_inputs, embeddings, [this](const Progress &now) { m_recorder.progress(now); }, m_stop,
        [&](const recsys::Recommender &model, const RecommenderChoice &choice) {
            const bool cold = m_inputs.scenario.kind == data::ScenarioKind::ColdStart ||
                              m_inputs.scenario.kind == data::ScenarioKind::ZeroShot;
            if (cold && !recsys::recommenderInfo(choice.kind).coldItems)
                m_recorder.log(Level::Info, choice.name + " knows nothing of held-out items: it recommends "
                                                          "none of them");
            evaluate(model, choice.name);
        });
    if (wantsFloor(m_spec))
        evaluate(*recsys::randomRecommender(m_spec.seed), "random");
}

void Job::saveEncoder()
{
    m_recorder.progress({"saving the encoder", "", 0, 0, 0, -1});
    encoder::saveModel(m_encoder->transformer(), m_spec.encoder.folder, m_staging / "encoder",
                       modelCard(m_spec, m_encoder->card(), m_inputs.dataset, m_steps, m_record.bestStep,
                                 m_complete ? &m_comparison : nullptr));
}

store::EncoderRecord Job::publishEncoder()
{
    saveEncoder();
    embed::EncoderCard card = m_encoder->card();
    card.name = "run-" + std::to_string(m_record.id);
    card.hash = encoder::loadModel(m_staging / "encoder").hash;
    if (m_tuned.rows() == m_tokens.size())
        embed::keepEncoded(*openCache(), card.hash, *m_encoder, m_tokens, m_tuned);
    return {card.name, card.hash, m_project.folder() / "models" / std::to_string(m_record.id) / "encoder",
            cardJson(card)};
}

void Job::publish(RunStatus status, bool keepFiles)
{
    m_recorder.stopSampling();
    std::vector<store::EncoderRecord> encoders;
    if (keepFiles) {
        writeText(m_staging / "steps.csv", scalarsCsv(m_project, m_record.id));
        if (m_steps > 0)
            encoders.push_back(publishEncoder());
    } else {
        m_project.discardStaging(m_record.id);
    }
    m_record.status = name(status);
    m_project.finishRun(m_record, m_complete ? m_metrics : std::vector<store::MetricRecord>(), encoders,
                        m_complete ? m_details : store::TestDetails());
}

void Job::fail(const std::string &message)
{
    try {
        m_recorder.log(Level::Error, message);
    } catch (const Error &) {
        // The store itself may be what failed: the first trouble is the one to report.
    }
    m_record.message = message;
    m_complete = false;
    for (const bool keep : {true, false}) {
        if (keep && !m_keepOnFailure)
            continue;
        try {
            publish(RunStatus::Failed, keep);
            break;
        } catch (const std::exception &) {
            // Without its files then; a row that cannot be written becomes "interrupted" at the next opening.
        }
    }
    m_recorder.status({m_record.id, RunStatus::Failed, message, m_record.totalSteps, false});
}

RunResult Job::finish(RunStatus status)
{
    // Encoder, events and rows of a stopped run are kept, unless no step was made; a zero-shot run makes none.
    publish(status, m_steps > 0 || m_complete);

    RunResult result;
    result.run = m_record.id;
    result.status = status;
    result.steps = m_steps;
    result.bestStep = m_record.bestStep;
    if (m_steps > 0)
        result.encoderFolder = m_project.run(m_record.id)->folder / "encoder";
    if (m_complete)
        result.comparison = m_comparison;
    return result;
}

} // namespace apiary::run
