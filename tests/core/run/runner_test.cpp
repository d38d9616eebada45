#include "base/error.h"
#include "embed/sentence_encoder.h"
#include "run/evaluation.h"
#include "run/explore_session.h"
#include "run/npy.h"
#include "run/runner.h"
#include "store/project.h"
#include "support/assets.h"
#include "support/registry.h"
#include "support/tiny_data.h"

#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <cmath>
#include <functional>
#include <mutex>
#include <thread>

using namespace apiary;
using namespace apiary::run;
namespace fs = std::filesystem;

namespace {

class Listener : public RunObserver {
public:
    void onEvent(const RunEvent &event) override
    {
        {
            const std::lock_guard lock(m_mutex);
            events.push_back(event);
        }
        if (react)
            react(event);
    }
    template <typename Event>
    std::vector<Event> of() const
    {
        std::vector<Event> out;
        for (const RunEvent &event : events)
            if (const auto *value = std::get_if<Event>(&event))
                out.push_back(*value);
        return out;
    }
    std::vector<RunEvent> events;
    std::function<void(const RunEvent &)> react;

private:
    std::mutex m_mutex;
};

} // namespace

class RunnerTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    int m_number = 0;

    fs::path root() const { return m_dir.path().toStdString(); }
    fs::path folder() const { return root() / ("project" + std::to_string(m_number)); }
    static fs::path encoder() { return tests::golden() / "tiny-bert"; }
    RunSpec spec(const std::string &training = {})
    {
        return parseSpec(tests::tinySpec(tests::writeTinyData(root() / "data"), encoder(), training), "tiny");
    }

private slots:
    void init()
    {
        ++m_number;
        if (!fs::exists(encoder() / "config.json"))
            QSKIP("the tiny encoder is not there");
    }

    void runsFromDataToComparison()
    {
        const auto project = store::Project::open(folder());
        Listener listener;
        PauseGate gate;
        const RunSpec tiny = spec();
        const RunResult result = execute(tiny, *project, listener, gate, {});
        QCOMPARE(result.status, RunStatus::Finished);
        QCOMPARE(result.comparison.rows.size(), std::size_t{3});
        QCOMPARE(result.comparison.rows[0].model, std::string("untrained"));
        QCOMPARE(result.comparison.rows[1].model, std::string("tuned"));
        QCOMPARE(result.comparison.rows[2].model, std::string("random"));

        const auto statuses = listener.of<StatusEvent>();
        QCOMPARE(statuses.front().status, RunStatus::Running);
        QCOMPARE(statuses.front().run, result.run);
        QCOMPARE(statuses.back().status, RunStatus::Finished);
        const auto steps = listener.of<StepEvent>();
        QCOMPARE(static_cast<int>(steps.size()), result.steps);
        QVERIFY(result.steps >= 2);
        QCOMPARE(statuses.back().totalSteps, 6); // 80 users in steps of 32, twice
        for (std::size_t i = 0; i < steps.size(); ++i) {
            QCOMPARE(steps[i].step, static_cast<int>(i) + 1);
            QVERIFY(std::isfinite(steps[i].loss) && steps[i].loss > 0 && steps[i].tokens > 0 && steps[i].items > 0);
            QVERIFY(steps[i].memory.resident > 0);
        }
        const auto validations = listener.of<ValidationEvent>();
        QCOMPARE(validations.front().step, 0);
        QVERIFY(validations.front().best);
        QVERIFY(!listener.of<MemoryEvent>().empty());
        QVERIFY(!listener.of<Progress>().empty());
        for (const Progress &progress : listener.of<Progress>())
            if (progress.stage.starts_with("reading"))
                QCOMPARE(progress.unit, std::string("bytes")); // as they are counted

        // What the project holds.
        const auto record = *project->run(result.run);
        QCOMPARE(record.status, std::string("finished"));
        QCOMPARE(record.bestStep, result.bestStep);
        QCOMPARE(record.totalSteps, 6);
        QCOMPARE(record.datasetName, std::string("tiny"));
        QVERIFY(!record.datasetHash.empty() && !record.encoderHash.empty());
        QVERIFY(parseSpec(record.specJson, "stored") == tiny);
        QCOMPARE(project->steps(result.run).size(), steps.size());
        QCOMPARE(project->steps(result.run).back().loss, steps.back().loss);
        QVERIFY(!project->memory(result.run).empty());
        QCOMPARE(project->validation(result.run).size(), validations.size() * 3);
        QCOMPARE(project->metrics(result.run).size(), std::size_t{9});
        QVERIFY(!project->log(result.run).empty());
        QCOMPARE(project->encoders().size(), std::size_t{2});
        for (const char *name : {"embeddings_base.npy", "embeddings_tuned.npy", "steps.csv", "items.csv", "encoder"})
            QVERIFY2(fs::exists(record.folder / name), name);

        // Means of the stored metrics are those of the comparison.
        const auto stored = project->metrics(result.run);
        double sum = 0;
        for (const double value : stored[3].perUser)
            sum += value;
        QCOMPARE(stored[3].model, std::string("tuned"));
        QVERIFY(std::abs(sum / static_cast<double>(stored[3].perUser.size()) -
                         result.comparison.rows[1].cells[0].mean.mean) < 1e-12);

        // The saved encoder gives the stored embeddings.
        embed::SentenceEncoder saved(result.encoderFolder);
        const auto inputs = loadInputs(tiny, {}, {});
        const Matrix again = saved.encode(inputs.dataset.catalog.texts);
        const Matrix tuned = readNpy(record.folder / "embeddings_tuned.npy");
        QVERIFY((again - tuned).cwiseAbs().maxCoeff() < 1e-5F);
        if (result.bestStep > 0)
            QVERIFY((readNpy(record.folder / "embeddings_base.npy") - tuned).cwiseAbs().maxCoeff() > 1e-4F);

        // A separate evaluation reaches the same figures.
        const auto evaluation =
            evaluateEncoders(tiny, {{"untrained", encoder()}, {"tuned", result.encoderFolder}}, true);
        for (std::size_t model = 0; model < 3; ++model)
            for (std::size_t metric = 0; metric < 3; ++metric)
                QVERIFY(std::abs(evaluation.comparison.rows[model].cells[metric].mean.mean -
                                 result.comparison.rows[model].cells[metric].mean.mean) < 1e-6);
        for (const eval::Ranking &ranking : evaluation.evaluations[1].rankings)
            for (const std::int32_t item : ranking.items)
                QCOMPARE(inputs.scenario.items.roles[static_cast<std::size_t>(item)], data::ItemRole::Test);
    }

    void sameSpecGivesTheSameLosses()
    {
        std::vector<double> losses[2];
        for (auto &kept : losses) {
            ++m_number;
            const auto project = store::Project::open(folder());
            Listener listener;
            PauseGate gate;
            execute(spec(), *project, listener, gate, {});
            for (const StepEvent &step : listener.of<StepEvent>())
                kept.push_back(step.loss);
        }
        QVERIFY(!losses[0].empty());
        QVERIFY(losses[0] == losses[1]);
    }

    void stopKeepsTheEncoderAndTestsNothing()
    {
        const auto project = store::Project::open(folder());
        std::stop_source stop;
        Listener listener;
        listener.react = [&](const RunEvent &event) {
            if (const auto *step = std::get_if<StepEvent>(&event); step && step->step == 2)
                stop.request_stop();
        };
        PauseGate gate;
        const RunResult result =
            execute(spec("\"usersPerStep\": 8, \"epochs\": 100, \"patience\": 0, \"learningRate\": 0.001"), *project,
                    listener, gate, stop.get_token());
        QCOMPARE(result.status, RunStatus::Stopped);
        QVERIFY(result.steps >= 2 && result.steps <= 3);
        QVERIFY(fs::exists(result.encoderFolder / "model.safetensors"));
        QVERIFY(result.comparison.rows.empty());
        const auto record = *project->run(result.run);
        QCOMPARE(record.status, std::string("stopped"));
        QVERIFY(project->metrics(result.run).empty());
        QVERIFY(!fs::exists(record.folder / "embeddings_tuned.npy"));
        QCOMPARE(listener.of<StatusEvent>().back().status, RunStatus::Stopped);
        // Explore encodes what the run did not.
        const auto session = loadExploreSession(*project, result.run);
        QVERIFY(session->encoder(EncoderRole::Tuned) != nullptr);
    }

    void stopBeforeTheFirstStepKeepsNothing()
    {
        const auto project = store::Project::open(folder());
        std::stop_source stop;
        stop.request_stop();
        Listener listener;
        PauseGate gate;
        const RunResult result = execute(spec(), *project, listener, gate, stop.get_token());
        QCOMPARE(result.status, RunStatus::Stopped);
        QVERIFY(result.encoderFolder.empty());
        QVERIFY(project->run(result.run)->folder.empty());
        QVERIFY(fs::is_empty(folder() / "models"));
    }

    void pausesUntilResumed()
    {
        const auto project = store::Project::open(folder());
        PauseGate gate;
        std::atomic<bool> paused = false;
        std::jthread waker;
        Listener listener;
        listener.react = [&](const RunEvent &event) {
            if (const auto *step = std::get_if<StepEvent>(&event); step && step->step == 1) {
                gate.pause();
            } else if (const auto *status = std::get_if<StatusEvent>(&event); status && status->paused && !paused) {
                paused = true;
                waker = std::jthread([&gate] {
                    std::this_thread::sleep_for(std::chrono::milliseconds(200));
                    gate.resume();
                });
            }
        };
        const RunResult result = execute(spec(), *project, listener, gate, {});
        QCOMPARE(result.status, RunStatus::Finished);
        QVERIFY(paused);
        const auto steps = project->steps(result.run);
        QVERIFY(steps[1].time - steps[0].time >= 0.19);
    }

    void stopWakesAPausedRun()
    {
        const auto project = store::Project::open(folder());
        PauseGate gate;
        gate.pause();
        std::stop_source stop;
        std::jthread stopper;
        Listener listener;
        listener.react = [&](const RunEvent &event) {
            if (const auto *status = std::get_if<StatusEvent>(&event); status && status->paused && !stopper.joinable())
                stopper = std::jthread([&] {
                    std::this_thread::sleep_for(std::chrono::milliseconds(50));
                    stop.request_stop();
                });
        };
        QCOMPARE(execute(spec(), *project, listener, gate, stop.get_token()).status, RunStatus::Stopped);
    }

    void failureIsRecordedAndThrown()
    {
        const auto project = store::Project::open(folder());
        Listener listener;
        PauseGate gate;
        RunSpec broken = spec();
        broken.dataset.textTemplate = "{no_such_column}";
        QVERIFY_EXCEPTION_THROWN(execute(broken, *project, listener, gate, {}), InputError);
        const auto record = project->runs().at(0);
        QCOMPARE(record.status, std::string("failed"));
        QVERIFY(record.message.find("no_such_column") != std::string::npos);
        QVERIFY(record.folder.empty());
        QCOMPARE(listener.of<StatusEvent>().back().status, RunStatus::Failed);
        QVERIFY(!project->log(record.id).empty());
    }

    void whatCannotStartLeavesNoRun()
    {
        const auto project = store::Project::open(folder());
        Listener listener;
        PauseGate gate;
        RunSpec broken = spec();
        broken.encoder.folder = "/nowhere";
        QVERIFY_EXCEPTION_THROWN(execute(broken, *project, listener, gate, {}), InputError);
        QVERIFY(project->runs().empty());
        QVERIFY(listener.events.empty());
    }

    void estimatesAStep()
    {
        const RunSpec tiny = spec();
        const StepEstimate e = estimate(tiny);
        const auto inputs = loadInputs(tiny, {}, {});
        QCOMPARE(e.items, static_cast<std::int64_t>(inputs.scenario.trainItems().size()));
        QCOMPARE(e.itemsPerStep, e.items); // m is larger than the catalogue
        QVERIFY(e.users > 70 && e.users <= 80);
        QCOMPARE(e.steps, 6);
        QVERIFY(e.longest >= 8 && e.longest <= 48);
        QVERIFY(e.tokensPerStep > 8 * e.items && e.tokensPerStep <= e.longest * e.items);
        QVERIFY(e.bytesOnePass >= e.bytesTwoPass && e.bytesTwoPass > 0);
        QCOMPARE(e.passes, 1);
        RunSpec two = tiny;
        two.training.passes = Passes::Two;
        QCOMPARE(estimate(two).passes, 2);

        // Few items a step: the expectation is what steps do on average.
        RunSpec few =
            spec("\"usersPerStep\": 4, \"itemsPerStep\": 5, \"epochs\": 4, \"patience\": 0, \"evaluateEvery\": 1000");
        const auto expected = estimate(few).itemsPerStep;
        const auto project = store::Project::open(folder());
        Listener listener;
        PauseGate gate;
        execute(few, *project, listener, gate, {});
        double sum = 0;
        const auto steps = listener.of<StepEvent>();
        for (const StepEvent &step : steps)
            sum += static_cast<double>(step.items);
        const double mean = sum / static_cast<double>(steps.size());
        QVERIFY2(std::abs(mean - static_cast<double>(expected)) < 0.1 * mean + 0.5,
                 qPrintable(QString("%1 %2").arg(mean).arg(expected)));
    }

    void exploreSessionIsWhatTheRunSaw()
    {
        const auto project = store::Project::open(folder());
        Listener listener;
        PauseGate gate;
        const RunResult result = execute(spec(), *project, listener, gate, {});
        const auto reader = store::Project::open(folder(), store::Project::Mode::ReadOnly);
        const auto session = loadExploreSession(*reader, result.run);
        const auto base = session->encoder(EncoderRole::Base);
        QCOMPARE(base->name, std::string("tiny-bert"));
        QVERIFY(session->encoder(EncoderRole::Tuned) != nullptr);
        QCOMPARE(session->dataset.catalog.size(), std::int64_t{60});
        const auto item = session->find("i7");
        QVERIFY(item && !session->find("i700"));
        QVERIFY(session->search("NUMBER 7", 1) == std::vector<std::int32_t>{*item} ||
                session->search("number 7", 10).size() >= 1);
        QVERIFY(session->search("moon number 59", 10).empty());
        QVERIFY(session->search("   ", 10).empty());
        const auto bees = session->search("bee", 3);
        QCOMPARE(bees.size(), std::size_t{3});
        for (const std::int32_t bee : bees)
            QVERIFY(session->dataset.catalog.titles[static_cast<std::size_t>(bee)].starts_with("bee"));
        QVERIFY(session->interactions->popularityRank(bees[0]) < session->interactions->popularityRank(bees[1]));
        QCOMPARE(base->index->nearest(*item, 5).size(), std::size_t{5});
        QVERIFY(base->overlap.items[0] > 0 && session->encoder(EncoderRole::Tuned)->overlap.items[2] > 0);
        const auto other = loadExploreEncoder(*session, "again", spec().encoder.folder);
        QCOMPARE(other->role, EncoderRole::Other);
        QVERIFY((other->index->embeddings() - base->index->embeddings()).cwiseAbs().maxCoeff() < 1e-6F);
        QCOMPARE(other->overlap.mean[0], base->overlap.mean[0]);
        QVERIFY(!other->agreement);
        const auto quick = loadExploreEncoder(*session, "quick", spec().encoder.folder, embed::Precision::Int8);
        QVERIFY(quick->agreement && quick->agreement->texts == 60);
        QVERIFY(quick->agreement->leastCosine > 0.9 && quick->agreement->meanCosine < 1 - 1e-7);
        QVERIFY(quick->agreement->leastCosine < quick->agreement->meanCosine);
        QVERIFY_EXCEPTION_THROWN(loadExploreEncoder(*session, "none", root() / "data"), InputError);

        // The run's own base encoder as a further one gives the run's own numbers, and they stay.
        const store::TestedEncoder tested = testEncoder(*project, result.run, {"again", spec().encoder.folder});
        const auto kept = project->tested(result.run);
        QCOMPARE(kept.size(), std::size_t{1});
        QCOMPARE(kept[0].id, tested.id);
        QCOMPARE(kept[0].hash, project->run(result.run)->encoderHash);
        const auto own = project->metrics(result.run);
        for (std::size_t i = 0; i < kept[0].metrics.size(); ++i) {
            QCOMPARE(own[i].model, std::string("untrained"));
            QCOMPARE(kept[0].metrics[i].metric, own[i].metric);
            QCOMPARE(kept[0].metrics[i].users, own[i].users);
            QCOMPARE(kept[0].metrics[i].perUser, own[i].perUser);
        }

        tests::writeTinyData(root() / "data", 79);
        QVERIFY_EXCEPTION_THROWN(loadExploreSession(*reader, result.run), InputError);
        QVERIFY_EXCEPTION_THROWN(loadExploreSession(*reader, 999), InputError);
        QVERIFY_EXCEPTION_THROWN(testEncoder(*project, result.run, {"again", encoder()}), InputError);
    }

    void npyFilesSurviveAndBadOnesAreRefused()
    {
        Matrix matrix = Matrix::Random(7, 3);
        const fs::path file = root() / "a.npy";
        writeNpy(file, matrix);
        QVERIFY(readNpy(file) == matrix);
        QCOMPARE((fs::file_size(file) - 7 * 3 * 4) % 64, std::uintmax_t{0});
        writeNpy(file, Matrix(0, 3));
        QCOMPARE(readNpy(file).rows(), Eigen::Index{0});
        writeNpy(file, matrix);
        fs::resize_file(file, fs::file_size(file) - 1);
        QVERIFY_EXCEPTION_THROWN(readNpy(file), InputError);
        fs::resize_file(file, 9);
        QVERIFY_EXCEPTION_THROWN(readNpy(file), InputError);
        QVERIFY_EXCEPTION_THROWN(readNpy(root() / "none.npy"), InputError);
        QVERIFY_EXCEPTION_THROWN(writeNpy(root() / "no" / "such" / "folder.npy", matrix), Error);
    }
};

APIARY_TEST(RunnerTest)
#include "runner_test.moc"
