#include "base/error.h"
#include "run/evaluation.h"
#include "run/recommenders.h"
#include "run/runner.h"
#include "store/project.h"
#include "support/assets.h"
#include "support/registry.h"
#include "support/tiny_data.h"

#include <QTemporaryDir>
#include <QTest>
#include <set>

using namespace apiary;
using namespace apiary::run;
namespace fs = std::filesystem;

namespace {

class Silent : public RunObserver {
public:
    void onEvent(const RunEvent &) override {}
};

eval::Comparison comparison()
{
    eval::Comparison table;
    table.metrics = {"recall@20", "ndcg@100"};
    table.totals = {"coverage@20"};
    table.users = 7;
    table.resamples = 100;
    table.level = 0.95;
    table.seed = 3;
    table.rows.push_back({"un_trained", {{{0.1, 0.05, 0.15}, {0, 0, 0}}, {{0.2, 0.1, 0.3}, {0, 0, 0}}}, {0.5}});
    table.rows.push_back(
        {"a|b & c", {{{0.3, 0.2, 0.4}, {0.2, 0.1, 0.3}, 0.01, 0.02}, {{0.25, 0.2, 0.3}, {0.05, -0.1, 0.2}}}, {0.75}});
    for (eval::ComparisonRow &row : table.rows)
        for (eval::ComparisonCell &cell : row.cells)
            cell.users = 7;
    return table;
}

} // namespace

class RecommendersTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;

    fs::path root() const { return m_dir.path().toStdString(); }
    static fs::path encoder() { return tests::golden() / "tiny-bert"; }
    RunSpec spec()
    {
        RunSpec spec = parseSpec(tests::tinySpec(tests::writeTinyData(root() / "data"), encoder()), "tiny");
        spec.scenario.kind = "user-split";
        return spec;
    }

private slots:
    void listIsRead()
    {
        QVERIFY(parseRecommenders("").empty() && parseRecommenders("  ").empty());
        const auto choices = parseRecommenders(" popularity,item-knn( K = 50, shrink=1.5 ) , ease(lambda=200),ease");
        QCOMPARE(choices.size(), std::size_t{4});
        QCOMPARE(choices[0].name, std::string("popularity"));
        QCOMPARE(choices[1].kind, std::string("item-knn"));
        QCOMPARE(choices[1].parameters["K"].get<int>(), 50);
        QCOMPARE(choices[1].parameters["shrink"].get<double>(), 1.5);
        QCOMPARE(choices[1].name, std::string("item-knn(K=50, shrink=1.5)"));
        QCOMPARE(choices[2].name, std::string("ease(lambda=200)"));
        QCOMPARE(parseRecommenders("item-knn(shrink=15e-1,K=50)")[0].name, choices[1].name);
        QVERIFY(choices[3].parameters.empty());
        const auto mix =
            parseRecommenders("mix(cf=ials, cf_parameters={\"factors\": 8, \"alpha\": 2}, weight=0.7), ease");
        QCOMPARE(mix.size(), std::size_t{2});
        QCOMPARE(mix[0].parameters["cf_parameters"]["alpha"].get<int>(), 2);
        QCOMPARE(mix[0].parameters["weight"].get<double>(), 0.7);
    }

    void mistakesAreNamed_data()
    {
        QTest::addColumn<QString>("list");
        QTest::addColumn<QString>("named");
        QTest::newRow("unknown kind") << "popularity, eese"
                                      << "eese";
        QTest::newRow("unknown parameter") << "ease(lamda=3)"
                                           << "lamda";
        QTest::newRow("unknown parameter, those there are")
            << "item-knn(k=3)"
            << "known: K=200, similarity=cosine, K1=1.2, B=0.75, shrink=0";
        QTest::newRow("a default") << "ease(lambda=much)"
                                   << "The default is";
        QTest::newRow("an encoder of its own") << "content(encoder=all-MiniLM-L6-v2)"
                                               << "--encoder ENC";
        QTest::newRow("similarity") << "item-knn(similarity=jaccard)"
                                    << "one of cosine, tfidf, bm25";
        QTest::newRow("shrink without norms") << "item-knn(similarity=bm25,shrink=10)"
                                              << "shrink";
        QTest::newRow("out of bounds") << "item-knn(K=0)"
                                       << "K";
        QTest::newRow("not a number") << "ease(lambda=much)"
                                      << "lambda";
        QTest::newRow("no value") << "ease(lambda)"
                                  << "lambda";
        QTest::newRow("given twice") << "ease(lambda=1,lambda=2)"
                                     << "lambda=2";
        QTest::newRow("open") << "ease(lambda=1"
                              << "parentheses";
        QTest::newRow("closed") << "ease lambda=1)"
                                << "parentheses";
        QTest::newRow("text behind") << "ease(lambda=1) x"
                                     << "behind";
        QTest::newRow("comma too many") << "ease,,popularity"
                                        << "comma";
        QTest::newRow("stands twice") << "ease, ease"
                                      << "twice";
        QTest::newRow("twice, spelled otherwise") << "ease(lambda=1e3), ease( lambda=1000.0 )"
                                                  << "\"ease(lambda=1000)\" stands there twice";
    }
    void mistakesAreNamed()
    {
        QFETCH(QString, list);
        QFETCH(QString, named);
        RunSpec tiny;
        tiny.evaluation.recommenders = list.toStdString();
        try {
            checkSpec(tiny);
            QFAIL("it was read");
        } catch (const InputError &error) {
            QVERIFY2(QString(error.what()).contains(named), error.what());
            QVERIFY2(QString(error.what()).contains("evaluation.recommenders"), error.what());
            QVERIFY(!error.remedy().empty());
        }
    }

    void aWrongParameterIsFound()
    {
        try {
            parseSpec("{\n\"evaluation\": {\n\"recommenders\": \"ease, elsa(seed=x), ials\"\n}\n}", "e.json");
            QFAIL("it was read");
        } catch (const InputError &error) {
            QCOMPARE(error.where(), std::string("e.json:3, evaluation.recommenders, elsa(seed=x), seed"));
        }
    }

    void theFloorStandsOnce_data()
    {
        QTest::addColumn<QString>("list");
        QTest::addColumn<bool>("asked");
        QTest::addColumn<bool>("wanted");
        QTest::newRow("alone") << "" << true << true;
        QTest::newRow("beside others") << "ease, random(seed=3)" << true << true;
        QTest::newRow("in the list") << "ease, random" << true << false;
        QTest::newRow("not asked for") << "ease" << false << false;
    }
    void theFloorStandsOnce()
    {
        QFETCH(QString, list);
        QFETCH(bool, asked);
        RunSpec tiny;
        tiny.evaluation.recommenders = list.toStdString();
        tiny.evaluation.random = asked;
        QTEST(wantsFloor(tiny), "wanted");
    }

    void timesFollowTheRows()
    {
        data::Interactions interactions;
        interactions.csr.cols = 5;
        for (const std::vector<std::int32_t> &row : {std::vector<std::int32_t>{0, 2, 4}, {1}, {1, 3}})
            interactions.csr.addRow(row);
        interactions.timestamps = {10, 12, 14, 21, 31, 33};
        Csr rows;
        rows.cols = 5;
        rows.addRow(std::vector<std::int32_t>{1, 3});
        rows.addRow(std::vector<std::int32_t>{0, 4});
        const std::vector<std::int32_t> users{2, 0};
        QCOMPARE(withTimes(rows, users, interactions).times, (std::vector<std::int64_t>{31, 33, 10, 14}));
        interactions.timestamps.clear();
        QVERIFY(withTimes(rows, users, interactions).times.empty());
    }

    void runsCompareWithThem()
    {
        if (!fs::exists(encoder() / "config.json"))
            QSKIP("the tiny encoder is not there");
        RunSpec tiny = spec();
        tiny.evaluation.recommenders = "popularity, ease, item-knn(K=5)";
        const auto project = store::Project::open(root() / "project");
        Silent observer;
        PauseGate gate;
        const RunResult result = execute(tiny, *project, observer, gate, {});
        std::vector<std::string> models;
        for (const auto &row : result.comparison.rows)
            models.push_back(row.model);
        QCOMPARE(models,
                 (std::vector<std::string>{"untrained", "tuned", "popularity", "ease", "item-knn(K=5)", "random"}));
        std::set<std::string> stored;
        for (const auto &record : project->metrics(result.run))
            stored.insert(record.model);
        QVERIFY(stored.contains("item-knn(K=5)"));

        // The same values from the evaluation alone, whose provenance says what they rest on.
        const EvaluationResult again = evaluateEncoders(tiny, {{"untrained", encoder()}}, false);
        const auto valueOf = [](const eval::Comparison &table, const std::string &model) {
            for (const auto &row : table.rows)
                if (row.model == model)
                    return row.cells[2].mean.mean;
            return -1.0;
        };
        for (const char *model : {"popularity", "ease", "item-knn(K=5)"})
            QCOMPARE(valueOf(again.comparison, model), valueOf(result.comparison, model));
        QVERIFY(valueOf(again.comparison, "ease") > valueOf(again.comparison, "random"));
        QCOMPARE(again.provenance.splitHash, again.inputs.scenario.hash);
        QCOMPARE(again.provenance.datasetHash, again.inputs.dataset.hash);
        QCOMPARE(again.provenance.models.size(), std::size_t{1});
    }

    void orderNeedsTimes()
    {
        if (!fs::exists(encoder() / "config.json"))
            QSKIP("the tiny encoder is not there");
        const auto infos = recsys::recommenders();
        const bool known = std::any_of(infos.begin(), infos.end(), [](const auto &info) { return info.usesTimes; });
        if (!known)
            QSKIP("no recommender looks at the order");
        RunSpec tiny = spec();
        tiny.evaluation.recommenders = "sasrec";
        QVERIFY_EXCEPTION_THROWN(evaluateEncoders(tiny, {{"untrained", encoder()}}, false), InputError);
    }

    void tables()
    {
        const Provenance provenance{"da_ta", "d4t4", "time-split", "5p11t", "5pec", {{"un_trained", "enc0der"}}};
        const std::vector<SpreadRow> seeds{{"a × 2 seeds", {4, 2}, {{2, 0.3, 0.01}, {2, 0.25, 0.02}, {}}}};
        const std::string csv = exportTable(comparison(), provenance, TableFormat::Csv, seeds);
        const QStringList lines = QString::fromStdString(csv).split('\n');
        QCOMPARE(lines.size(), 10); // a header, 2 × 3 rows, two of seeds, the last line break
        for (const QString &line : lines.mid(0, 7))
            QCOMPARE(line.count(','), lines[0].count(','));
        QVERIFY2(
            lines[1].startsWith("un_trained,recall@20,0.1,0.05,0.15,0,0,0,1,1,,,7,,un_trained,0.95,100,3,da_ta,d4t4,"
                                "time-split,5p11t,enc0der,5pec,"),
            qPrintable(lines[1]));
        QVERIFY(lines[4].startsWith("a|b & c,recall@20,0.3,0.2,0.4,0.2,0.1,0.3,0.01,0.02,,,7,"));
        QVERIFY2(lines[6].startsWith("a|b & c,coverage@20,0.75,,,,,,,,,,,,un_trained,"), qPrintable(lines[6]));
        QVERIFY2(lines[7].startsWith("a × 2 seeds,recall@20,0.3,,,,,,,,0.01,\"4, 2\",,,un_trained,"),
                 qPrintable(lines[7]));

        const QString markdown =
            QString::fromStdString(exportTable(comparison(), provenance, TableFormat::Markdown, seeds));
        QVERIFY2(markdown.contains("| a\\|b & c | 0.3000 [0.2000, 0.4000] | 0.2500 [0.2000, 0.3000] ~ | 0.7500 |\n"),
                 qPrintable(markdown));
        QVERIFY(
            markdown.startsWith("| model | recall@20 | ndcg@100 | coverage@20 |\n|---|---:|---:|---:|\n| un\\_tra"));
        QVERIFY(markdown.contains("\n| a × 2 seeds | 0.3000 ± 0.010 | 0.2500 ± 0.020 | – |\n\nDifferences to "
                                  "un\\_trained:\n\n| model | recall@20 | ndcg@100 |\n"));
        QVERIFY2(
            markdown.contains("| a\\|b & c | +0.2000 [+0.1000, +0.3000], p = 0.02 | +0.05000 [−0.1000, +0.2000] ~, p "
                              "= 1 |\n"),
            qPrintable(markdown));
        QVERIFY(markdown.contains("5p11t") && markdown.contains("enc0der") && markdown.contains("libtorch"));
        QVERIFY(markdown.contains("- p: Wilcoxon signed-rank test over users, two-sided\n"));

        const QString latex = QString::fromStdString(exportTable(comparison(), provenance, TableFormat::Latex, seeds));
        QVERIFY2(latex.contains("a|b \\& c & 0.3000 {\\small[0.2000, 0.4000]}"), qPrintable(latex));
        QVERIFY(latex.contains("\\begin{tabular}{lrrr}") && latex.contains("% dataset: da_ta (d4t4)"));
        QVERIFY2(latex.contains("+0.2000 {\\small[+0.1000, +0.3000]}, $p=0.02$ & "), qPrintable(latex));
        QVERIFY2(latex.contains("& +0.05000 {\\small[$-$0.1000, +0.2000]}$^\\sim$, $p=1$ "), qPrintable(latex));
        QVERIFY(latex.startsWith("% the rules need \\usepackage{booktabs}\n"));
        QCOMPARE(latex.count("\\begin{tabular}"), 2);
        QVERIFY(latex.contains("a $\\times$ 2 seeds & 0.3000 $\\pm$ 0.010 &"));
        QCOMPARE(tableFormatOf("x/y.tex"), TableFormat::Latex);
        QVERIFY_EXCEPTION_THROWN(tableFormatOf("x.xlsx"), InputError);
    }
};

APIARY_TEST(RecommendersTest)

#include "recommenders_test.moc"
