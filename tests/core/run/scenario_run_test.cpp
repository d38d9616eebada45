#include "base/error.h"
#include "run/evaluation.h"
#include "run/explore_session.h"
#include "run/runner.h"
#include "run/stored_comparison.h"
#include "store/project.h"
#include "support/assets.h"
#include "support/registry.h"
#include "support/tiny_data.h"

#include <QStringList>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <fstream>
#include <set>

using namespace apiary;
using namespace apiary::run;
namespace fs = std::filesystem;

namespace {

class Silent : public RunObserver {
public:
    void onEvent(const RunEvent &) override {}
};

/// The tiny data with times: every line is a minute later than the one before.
tests::TinyData withTimes(const fs::path &folder)
{
    tests::TinyData data = tests::writeTinyData(folder);
    std::ifstream in(data.interactions);
    data.interactions = folder / "timed.csv";
    std::ofstream out(data.interactions);
    std::string line;
    for (std::int64_t row = -1; std::getline(in, line); ++row)
        out << line << "," << (row < 0 ? "timestamp" : std::to_string((row * 7919) % 900 * 60)) << "\n";
    return data;
}

} // namespace

class ScenarioRunTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;

    fs::path root() const { return m_dir.path().toStdString(); }
    static fs::path encoder() { return tests::golden() / "tiny-bert"; }
    RunSpec spec(const std::string &kind)
    {
        const tests::TinyData data = withTimes(root() / "data");
        RunSpec spec = parseSpec(tests::tinySpec(data, encoder()), "tiny");
        spec.dataset.timestampColumn = "timestamp";
        spec.scenario.kind = kind;
        spec.scenario.folder = root() / "ready";
        return spec;
    }

private slots:
    void initTestCase()
    {
        if (!fs::exists(encoder() / "config.json"))
            QSKIP("the tiny encoder is not there");
        const Inputs inputs = loadInputs(spec("user-split"), {}, {});
        data::saveScenario(inputs.scenario, inputs.dataset.interactions, root() / "ready");
    }

    void everyScenarioRuns_data()
    {
        QTest::addColumn<QString>("kind");
        for (const char *kind : {"cold-start", "zero-shot", "time-split", "user-split", "leave-last-out", "ready-made"})
            QTest::newRow(kind) << kind;
    }
    void everyScenarioRuns()
    {
        QFETCH(QString, kind);
        const RunSpec tiny = spec(kind.toStdString());
        const auto project = store::Project::open(root() / ("project-" + kind.toStdString()));
        Silent observer;
        PauseGate gate;
        const RunResult result = execute(tiny, *project, observer, gate, {});
        QCOMPARE(result.status, RunStatus::Finished);
        const bool trained = kind != QLatin1String("zero-shot");
        QCOMPARE(result.comparison.rows.size(), trained ? std::size_t{3} : std::size_t{2});
        QCOMPARE(result.encoderFolder.empty(), !trained);
        QVERIFY(!project->validation(result.run).empty());

        // The split is kept under its hash, and is the one that a separate evaluation makes.
        const auto record = *project->run(result.run);
        const Inputs inputs = loadInputs(tiny, {}, {});
        const fs::path stored = project->folder() / "splits" / inputs.scenario.hash;
        QVERIFY(fs::exists(stored / "test_targets.csv"));
        QCOMPARE(result.comparison.users, static_cast<std::int64_t>(inputs.scenario.test.users.size()));
        const auto evaluation = evaluateEncoders(tiny, {{"untrained", encoder()}}, true);
        for (std::size_t m = 0; m < 3; ++m)
            QVERIFY(std::abs(evaluation.comparison.rows[0].cells[m].mean.mean -
                             result.comparison.rows[0].cells[m].mean.mean) < 1e-6);
        for (std::size_t u = 0; u < inputs.scenario.test.users.size(); ++u) {
            const auto known = inputs.scenario.test.sources.view().row(static_cast<std::int64_t>(u));
            for (const std::int32_t item : evaluation.evaluations[0].rankings[u].items) {
                QVERIFY(!std::binary_search(known.begin(), known.end(), item));
                QVERIFY(std::binary_search(inputs.scenario.test.candidates.begin(),
                                           inputs.scenario.test.candidates.end(), item));
            }
        }

        // Further encoders and Explore read the same split.
        const auto tested = testEncoder(*project, result.run, {"again", encoder()});
        QCOMPARE(tested.metrics[0].perUser, project->metrics(result.run)[0].perUser);
        const auto session = loadExploreSession(*project, result.run);
        QVERIFY(session->split.roles == inputs.scenario.items.roles);
        QCOMPARE(session->encoder(EncoderRole::Tuned) != nullptr, trained);

        // A stored split that was changed is refused.
        std::ofstream(stored / "test_targets.csv") << "user,item\n";
        QVERIFY_EXCEPTION_THROWN(testEncoder(*project, result.run, {"again", encoder()}), InputError);
    }

    void metricsAndSegmentsOfTheSpec()
    {
        RunSpec tiny = spec("time-split");
        tiny.evaluation.metrics = "hit@5, novelty@10, similarity@10, coverage@10, gini@10, recall@20";
        tiny.evaluation.segments = true;
        const auto project = store::Project::open(root() / "project-metrics");
        Silent observer;
        PauseGate gate;
        const RunResult result = execute(tiny, *project, observer, gate, {});
        QCOMPARE(result.comparison.metrics,
                 (std::vector<std::string>{"hit@5", "novelty@10", "similarity@10", "recall@20"}));
        QCOMPARE(result.comparison.totals, (std::vector<std::string>{"coverage@10", "gini@10"}));
        const auto metrics = project->metrics(result.run);
        QCOMPARE(metrics.size(), std::size_t{12});
        const auto record = *project->run(result.run);
        QVERIFY(fs::exists(record.folder / "totals.csv") && fs::exists(record.folder / "segments.csv"));
        std::ifstream segments(record.folder / "segments.csv");
        std::set<std::string> seen;
        for (std::string line; std::getline(segments, line);)
            seen.insert(line.substr(0, line.find(',', line.find(',') + 1)));
        QVERIFY(seen.count("tuned,items: tail") && seen.count("random,users: heavy"));
        const auto tested = testEncoder(*project, result.run, {"again", encoder()});
        for (std::size_t m = 0; m < 4; ++m)
            QCOMPARE(tested.metrics[m].perUser, metrics[m].perUser);

        // Both keep totals and segments: those of the untrained encoder once more.
        const store::TestDetails own = project->details(result.run), other = project->tested(result.run)[0].details;
        QCOMPARE(own.totals.size(), std::size_t{6});
        QCOMPARE(other.totals.size(), std::size_t{2});
        QCOMPARE(other.totals[0].value, own.totals[0].value);
        QCOMPARE(own.segments.size(), std::size_t{6});
        for (std::size_t s = 0; s < 6; ++s) {
            QCOMPARE(own.segments[s].ofUsers, s >= 3);
            QCOMPARE(own.segments[s].users, other.segments[s].users);
            QCOMPARE(own.segments[s].metrics.size(), s < 3 ? std::size_t{6} : std::size_t{0}); // 3 models, 2 of targets
            for (std::size_t m = 0; m < other.segments[s].metrics.size(); ++m)
                QCOMPARE(other.segments[s].metrics[m].perUser, own.segments[s].metrics[m].perUser);
        }
        const ScoreSet scores = collectScores(*project, result.run);
        const auto valueOf = [&](const std::string &model, const std::string &segment) {
            const auto compared = compareModels(scores, 0, segment);
            for (const ComparedModel &one : compared.models)
                if (one.label.find(model) != std::string::npos)
                    return one.cells[0].mean.mean; // recall@20 everywhere
            return -1.0;
        };
        std::ifstream again(record.folder / "segments.csv");
        int compared = 0;
        for (std::string line; std::getline(again, line);)
            if (const QStringList cells = QString::fromStdString(line).split(',');
                cells[2] == "recall@20" && cells[3] != "0") {
                QVERIFY(std::abs(valueOf(cells[0].toStdString(), cells[1].toStdString()) - cells[4].toDouble()) < 1e-9);
                ++compared;
            }
        QVERIFY(compared >= 12);
    }

    void spreadsOverSplitSeeds()
    {
        const RunSpec tiny = spec("cold-start");
        SeedEvaluation result = evaluateSeeds(tiny, {{"untrained", encoder(), "tiny_bert"}}, {42, 43, 44});
        const auto &spreads = result.spreads;
        QCOMPARE(spreads.size(), std::size_t{6}); // two models, three metrics
        double sum = 0;
        for (const std::uint64_t seed : {42, 43, 44}) {
            RunSpec seeded = tiny;
            seeded.scenario.seed = seed;
            sum += evaluateEncoders(seeded, {{"untrained", encoder()}}, false).evaluations[0].metrics[2].mean();
        }
        QCOMPARE(spreads[2].model, std::string("untrained"));
        QCOMPARE(spreads[2].metric, std::string("ndcg@100"));
        QCOMPARE(spreads[2].spread.runs, std::int64_t{3});
        QVERIFY(std::abs(spreads[2].spread.mean - sum / 3) < 1e-9);
        QVERIFY(spreads[2].spread.deviation > 0);
        QVERIFY(formatSpread(spreads).find("means over 3 seeds of the split\n") != std::string::npos);
        QVERIFY_EXCEPTION_THROWN(evaluateSeeds(tiny, {{"untrained", encoder()}}, {}), InputError);
        QVERIFY_EXCEPTION_THROWN(evaluateSeeds(tiny, {{"untrained", encoder()}}, {1, 2, 1}), InputError);
        QCOMPARE(result.provenance.specHash, specHash(tiny));
        QCOMPARE(std::set(result.splits.begin(), result.splits.end()).size(), std::size_t{3});

        labelModels(result, {{"untrained", encoder(), "tiny_bert"}});
        const QString csv = QString::fromStdString(exportSpread(result, TableFormat::Csv));
        QCOMPARE(csv.count('\n'), 7);
        const QString row = csv.section('\n', 3, 3);
        QVERIFY2(row.startsWith("tiny_bert,ndcg@100,") && row.contains(",3,\"42, 43, 44\",tiny,"), qPrintable(row));
        for (const std::string &hash :
             {result.splits[1], specHash(tiny), result.provenance.datasetHash, result.provenance.models[0].encoder})
            QVERIFY(row.contains(QString::fromStdString(hash)));
        QVERIFY(exportSpread(result, TableFormat::Markdown).find("| tiny\\_bert | ndcg@100 | ") != std::string::npos);
        QVERIFY(exportSpread(result, TableFormat::Latex).find("tiny\\_bert & ndcg@100 & ") != std::string::npos);

        // A single seed has no deviation.
        const SeedEvaluation one = evaluateSeeds(tiny, {{"untrained", encoder()}}, {5});
        QVERIFY(formatSpread(one.spreads).find("means over 1 seed of the split\n") != std::string::npos);
        QVERIFY(formatSpread(one.spreads).find("  –\n") != std::string::npos);
        QVERIFY(exportSpread(one, TableFormat::Csv).find(",,1,5,tiny,") != std::string::npos);
        QVERIFY_EXCEPTION_THROWN(evaluateSeeds(spec("time-split"), {{"untrained", encoder()}}, {1}), InputError);
    }

    void refusesWhatTheScenarioLacks()
    {
        RunSpec tiny = spec("time-split");
        tiny.dataset.timestampColumn.clear();
        QVERIFY_EXCEPTION_THROWN(loadInputs(tiny, {}, {}), InputError);
        QVERIFY_EXCEPTION_THROWN(checkInputs(tiny), InputError);
        for (const char *list : {"sasrec", "popularity, mix(cf=sasrec)"}) {
            tiny = spec("user-split");
            tiny.evaluation.recommenders = list;
            checkInputs(tiny);
            tiny.dataset.timestampColumn.clear();
            QVERIFY_EXCEPTION_THROWN(checkInputs(tiny), InputError);
        }
        tiny = spec("ready-made");
        tiny.scenario.folder = root() / "nowhere";
        QVERIFY_EXCEPTION_THROWN(checkInputs(tiny), InputError);
    }
};

APIARY_TEST(ScenarioRunTest)
#include "scenario_run_test.moc"
