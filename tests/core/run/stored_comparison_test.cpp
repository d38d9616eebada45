#include "base/error.h"
#include "eval/significance.h"
#include "run/run_spec.h"
#include "run/stored_comparison.h"
#include "support/registry.h"
#include "support/stored_runs.h"

#include <QStringList>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <numeric>

using namespace apiary;
using namespace apiary::run;

namespace {

std::vector<std::string> labels(const ScoreSet &set)
{
    std::vector<std::string> names;
    for (const auto &model : set.models)
        names.push_back(model.label);
    return names;
}

bool equal(const eval::Interval &a, const eval::Interval &b)
{
    return a.mean == b.mean && a.low == b.low && a.high == b.high;
}

double mean(const std::vector<double> &values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

} // namespace

class StoredComparisonTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    int m_number = 0;
    std::unique_ptr<store::Project> project() const
    {
        return store::Project::open(m_dir.filePath(QStringLiteral("p%1").arg(m_number)).toStdString());
    }

private slots:
    void init() { ++m_number; }

    void collectsWhatWasTestedAlike()
    {
        const auto open = project();
        const auto first = tests::addStoredRun(*open, tests::storedRun("alpha", "1"), 0.15);
        tests::addStoredRun(*open, tests::storedRun("beta", "1"), 0.1001, true, 100); // fewer users
        tests::addStoredRun(*open, tests::storedRun("other split", "2"), 0.3);
        tests::addStoredRun(*open, tests::storedRun("other data", "1", "d2"), 0.3);
        const auto stopped = tests::addStoredRun(*open, tests::storedRun("stopped", "1"), 0.3, false);
        const ScoreSet set = collectScores(*open, first);
        // Beta was tested on fewer users, so its untrained encoder has other values and stands on its own.
        QCOMPARE(labels(set), (std::vector<std::string>{"mini, untrained (run 1)", "alpha, tuned", "beta, tuned",
                                                        "mini, untrained (run 2)", "random"}));
        QCOMPARE(set.metrics, tests::storedMetrics());
        QCOMPARE(set.seed, std::uint64_t{7});
        QCOMPARE(set.resamples, 400);
        QCOMPARE(set.level, 0.9);
        QVERIFY(collectScores(*open, stopped).models.empty());
        QVERIFY(collectScores(*open, 999).models.empty());
    }

    void equalModelsStandOnce()
    {
        const auto open = project();
        tests::addStoredRun(*open, tests::storedRun("alpha", "1"), 0.15);
        const auto last = tests::addStoredRun(*open, tests::storedRun("alpha", "1"), 0.2);
        QCOMPARE(
            labels(collectScores(*open, last)),
            (std::vector<std::string>{"mini, untrained", "alpha, tuned (run 2)", "alpha, tuned (run 1)", "random"}));
    }

    void valuesEqualThoseOfEval()
    {
        const ScoreSet set = tests::storedScores(90);
        const auto &untrained = set.models[0].metrics.at("recall@20").perUser;
        const auto &tuned = set.models[1].metrics.at("recall@20").perUser;
        const auto cell = compareModels(set, 0).models[1].cells[0];
        QVERIFY(equal(cell.mean, eval::bootstrap(tuned, 11, 300, 0.95)));
        QVERIFY(equal(cell.difference, eval::pairedBootstrap(tuned, untrained, 11, 300, 0.95)));
        QCOMPARE(cell.users, std::int64_t{90});
        QCOMPARE(cell.p, eval::wilcoxon(tuned, untrained).p);
        QCOMPARE(cell.holm, cell.p); // one model: nothing to correct for
        const auto other = compareModels(set, 1);
        QVERIFY(equal(other.models[0].cells[0].difference, eval::pairedBootstrap(untrained, tuned, 11, 300, 0.95)));
    }

    void usersAreJoinedById()
    {
        ScoreSet set = tests::storedScores(90);
        const UserScores &base = set.models[0].metrics.at("recall@20");
        UserScores &tuned = set.models[1].metrics.at("recall@20");
        // Another order, ten users missing, five unknown to the baseline.
        auto users = *tuned.users;
        std::reverse(users.begin(), users.end());
        std::reverse(tuned.perUser.begin(), tuned.perUser.end());
        users.resize(80);
        tuned.perUser.resize(80);
        for (int i = 0; i < 5; ++i) {
            users.push_back("stranger" + std::to_string(i));
            tuned.perUser.push_back(1);
        }
        tuned.users = std::make_shared<const std::vector<std::string>>(users);
        std::vector<double> a, b;
        for (std::size_t u = 0; u < 80; ++u) {
            a.push_back(tuned.perUser[u]);
            b.push_back(base.perUser[89 - u]);
        }
        const auto cell = compareModels(set, 0).models[1].cells[0];
        QCOMPARE(cell.users, std::int64_t{80});
        QVERIFY(equal(cell.difference, eval::pairedBootstrap(a, b, 11, 300, 0.95)));
        QVERIFY(equal(cell.mean, eval::bootstrap(a, 11, 300, 0.95)));
    }

    /// The family is all models of a metric, those that share fewer users with the baseline included.
    void holmCountsEveryModel()
    {
        const auto open = project();
        const auto first = tests::addStoredRun(*open, tests::storedRun("alpha", "1"), 0.1002);
        tests::addStoredRun(*open, tests::storedRun("beta", "1"), 0.1001, true, 100);
        const auto compared = compareModels(collectScores(*open, first), 0);
        for (std::size_t m = 0; m < compared.metrics.size(); ++m) {
            std::vector<double> p, holm;
            for (std::size_t i = 1; i < compared.models.size(); ++i) {
                QVERIFY(compared.models[i].cells[m].users >= 100);
                p.push_back(compared.models[i].cells[m].p);
                holm.push_back(compared.models[i].cells[m].holm);
            }
            QCOMPARE(p.size(), std::size_t{4});
            QCOMPARE(holm, eval::holm(p));
            QCOMPARE(compared.models[0].cells[m].holm, 1.0);
        }
        QVERIFY(compared.models[1].cells[0].holm > compared.models[1].cells[0].p);
    }

    void segmentsHoldTheirUsers()
    {
        const auto open = project();
        const auto details = tests::storedDetails();
        const auto run = tests::addStoredRun(*open, tests::storedRun("alpha", "1"), 0.15, true, 120, details);
        const ScoreSet set = collectScores(*open, run);
        QCOMPARE(set.segments, (std::vector<std::string>{"items: tail", "users: heavy"}));
        QVERIFY(set.noSegments.empty());
        QCOMPARE(set.totals, std::vector<std::string>{"coverage@20"});

        const auto tail = compareModels(set, 0, "items: tail");
        QCOMPARE(tail.models[1].cells[0].users, std::int64_t{40});
        QCOMPARE(tail.models[1].cells[0].mean.mean,
                 mean(tests::storedValues("tuned", "recall@20", 0.0625, 0, 40).perUser)); // (0.5 + 0.125) / 10
        QVERIFY(tail.totals.empty()); // they are of all lists together
        const auto heavy = compareModels(set, 0, "users: heavy");
        QCOMPARE(heavy.models[1].cells[2].users, std::int64_t{60});
        QVERIFY(std::abs(heavy.models[1].cells[2].mean.mean -
                         mean(tests::storedValues("tuned", "ndcg@100", 0.15, 60, 120).perUser)) < 1e-12);
        const auto all = compareModels(set, 0);
        QCOMPARE(all.models[2].totals, std::vector<double>{0.75});
        QVERIFY(compareModels(set, 0, "users: none such").metrics.empty());
    }

    void saysWhyThereAreNoSegments()
    {
        const auto open = project();
        auto record = tests::storedRun("alpha", "1");
        const auto off = tests::addStoredRun(*open, record, 0.15);
        QVERIFY(collectScores(*open, off).noSegments.find("evaluation.segments") != std::string::npos);
        record.specJson.insert(record.specJson.find("\"level\""), "\"segments\":true,");
        const auto old = tests::addStoredRun(*open, record, 0.15);
        QVERIFY(collectScores(*open, old).noSegments.find("kept no segments") != std::string::npos);
    }

    void seedsSpread()
    {
        const auto open = project();
        std::int64_t run = 0;
        std::vector<double> means;
        const std::vector<double> lifts{0.15, 0.18, 0.21};
        for (std::size_t i = 0; i < lifts.size(); ++i) {
            const int seed = static_cast<int>(i) + 1;
            // A name of its own does not make it another experiment.
            run =
                tests::addStoredRun(*open, tests::storedRun("seed " + std::to_string(seed), "1", "d1", seed), lifts[i]);
            means.push_back(mean(tests::storedValues("tuned", "recall@20", lifts[i]).perUser));
        }
        auto other = tests::storedRun("other rate", "1", "d1", 9);
        other.specJson.insert(1, "\"training\":{\"learningRate\":0.5},");
        tests::addStoredRun(*open, other, 0.9);
        tests::addStoredRun(*open, tests::storedRun("again", "1", "d1", 3),
                            0.21); // seed 3 once more: the newest counts
        const auto compared = compareModels(collectScores(*open, run), 0);
        QCOMPARE(compared.spreads.size(), std::size_t{1});
        const SpreadRow &row = compared.spreads[0];
        QCOMPARE(row.label, std::string("again, tuned × 3 seeds"));
        QCOMPARE(row.runs, (std::vector<std::int64_t>{5, 2, 1}));
        const eval::Spread expected = eval::spread(means);
        QVERIFY(std::abs(row.cells[0].mean - expected.mean) < 1e-12);
        QVERIFY(std::abs(row.cells[0].deviation - expected.deviation) < 1e-12);
        QVERIFY(row.cells[0].deviation > 0.02);
        const std::string csv = exportTable(compared, TableFormat::Csv);
        QVERIFY(csv.find("\"again, tuned × 3 seeds\",recall@20,") != std::string::npos);
        QVERIFY(csv.find(",\"5, 2, 1\",") != std::string::npos);
        const std::string markdown = exportTable(compared, TableFormat::Markdown);
        QVERIFY(markdown.find(" ± ") != std::string::npos);
        QVERIFY2(markdown.find("each metric by itself; every seed's run counts as one\n") != std::string::npos,
                 markdown.c_str());
    }

    void tablesSayWhereTheyComeFrom()
    {
        const auto open = project();
        const auto run =
            tests::addStoredRun(*open, tests::storedRun("alpha", "1"), 0.15, true, 120, tests::storedDetails());
        store::RunRecord beta = tests::storedRun("beta", "1");
        beta.specJson.insert(1, R"("training":{"epochs":7},)");
        const auto other = tests::addStoredRun(*open, beta, 0.2, true, 100);
        open->recordEncoder({"run-" + std::to_string(other), "tuned-hash", "models", "{}"});
        const std::string experiment = specHash(tests::storedRun("alpha", "1").specJson, {});
        const std::string ofBeta = "- experiment of beta, tuned: " + specHash(beta.specJson, {});
        const auto set = collectScores(*open, run);
        const auto compared = compareModels(set, 0, "items: tail");
        const std::string csv = exportTable(compared, TableFormat::Csv);
        QVERIFY(csv.find("\n\"alpha, tuned\",recall@20,") != std::string::npos);
        QVERIFY(csv.find(",40,items: tail,") != std::string::npos);
        QVERIFY(csv.find(",films,d1,cold-start,") != std::string::npos);
        QVERIFY(csv.find("," + experiment + ",0.0.9,2.0\n") != std::string::npos);
        QVERIFY(csv.find("beta, tuned") == std::string::npos); // it has no segments
        const std::string markdown = exportTable(compareModels(set, 0), TableFormat::Markdown);
        for (const char *text : {"- encoder of beta, tuned: tuned-hash", ofBeta.c_str(),
                                 "Wilcoxon signed-rank test over users, two-sided, Holm's correction for the 4 "
                                 "comparisons with the baseline, each metric by itself\n",
                                 "of beta, tuned 100", "Differences to mini, untrained", "p ",
                                 "Apiary 0.0.9, libtorch 2.0", "| coverage@20 |"})
            QVERIFY2(markdown.find(text) != std::string::npos, (std::string(text) + "\n" + markdown).c_str());
        QVERIFY(exportTable(ComparedModels(), TableFormat::Csv).empty());
    }
};

APIARY_TEST(StoredComparisonTest)
#include "stored_comparison_test.moc"
