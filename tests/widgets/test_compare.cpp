#include "support/registry.h"

#include "base/random.h"
#include "eval/bootstrap.h"
#include "widgets/compare/compare_page.h"
#include "widgets/compare/comparison_model.h"
#include "widgets/compare/comparison_text.h"
#include "widgets/compare/forest_plot.h"
#include "widgets/compare/metric_bars.h"
#include "widgets/shell/project_model.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include <numeric>

using namespace apiary;
using namespace apiary::widgets;

namespace {

const std::vector<std::string> metricNames{"recall@20", "recall@50", "ndcg@100"};

/// A value a user between 0 and 1, lifted by `lift`; users u<first> … u<last - 1>.
store::MetricRecord values(const std::string &model, const std::string &metric, double lift, int first = 0,
                           int last = 120)
{
    store::MetricRecord record{model, metric, {}, {}};
    for (int user = first; user < last; ++user) {
        CounterRng random(mixKey(static_cast<std::uint64_t>(user), metric.size(), metric[0]));
        CounterRng own(mixKey(static_cast<std::uint64_t>(user), model.size(), static_cast<std::uint64_t>(lift * 1000)));
        record.users.push_back("u" + std::to_string(user));
        record.perUser.push_back(0.6 * random.uniform() + lift + 0.02 * own.uniform());
    }
    return record;
}

store::RunRecord runRecord(const std::string &name, const std::string &scenario, const std::string &data = "d1")
{
    store::RunRecord run;
    run.name = name;
    run.specJson = R"({"seed":7,"scenario":{"kind":"cold-start","seed":)" + scenario +
                   R"(},"evaluation":{"bootstrapResamples":400,"level":0.9}})";
    run.datasetName = "films";
    run.datasetHash = data;
    run.encoderName = "mini";
    run.encoderHash = "e1";
    return run;
}

std::int64_t addRun(store::Project &project, store::RunRecord run, double lift, bool finished = true, int last = 120)
{
    run.id = project.beginRun(run);
    std::vector<store::MetricRecord> metrics;
    for (const auto &metric : metricNames) {
        metrics.push_back(values("untrained", metric, 0.1, 0, last));
        metrics.push_back(values("tuned", metric, lift, 0, last));
        metrics.push_back(values("random", metric, 0.0, 0, last));
    }
    run.status = finished ? "finished" : "stopped";
    project.finishRun(run, finished ? metrics : std::vector<store::MetricRecord>{});
    return run.id;
}

struct Folder {
    QTemporaryDir dir;
    std::int64_t first = 0;
    std::int64_t second = 0;
    std::int64_t stopped = 0;

    Folder()
    {
        auto project = store::Project::open(path());
        first = addRun(*project, runRecord("alpha", "1"), 0.15);
        second = addRun(*project, runRecord("beta", "1"), 0.1001, true, 100); // fewer users
        addRun(*project, runRecord("other split", "2"), 0.3);
        addRun(*project, runRecord("other data", "1", "d2"), 0.3);
        stopped = addRun(*project, runRecord("stopped", "1"), 0.3, false);
    }
    std::filesystem::path path() const { return dir.filePath(QStringLiteral("project")).toStdString(); }
};

ScoreSet twoModels(int users)
{
    ScoreSet set;
    set.run = 1;
    set.seed = 11;
    set.resamples = 300;
    set.metrics = {"recall@20"};
    for (const char *name : {"untrained", "tuned"}) {
        ModelScores model;
        model.key = name;
        model.label = QString::fromUtf8(name);
        model.kind = model.key == "tuned" ? ModelKind::Tuned : ModelKind::Untrained;
        model.run = 1;
        const auto record = values(name, "recall@20", model.kind == ModelKind::Tuned ? 0.2 : 0.1, 0, users);
        model.metrics["recall@20"] = {record.users, record.perUser};
        set.models.push_back(std::move(model));
    }
    return set;
}

void compareIntervals(const eval::Interval &got, const eval::Interval &wanted)
{
    QCOMPARE(got.mean, wanted.mean);
    QCOMPARE(got.low, wanted.low);
    QCOMPARE(got.high, wanted.high);
}

#define WAIT_FOR_COMPARISON(page) QTRY_VERIFY((page).shown() && !(page).busy())

} // namespace

class TestCompare : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void collectsWhatWasTestedAlike()
    {
        Folder folder;
        auto project = store::Project::open(folder.path());
        const ScoreSet set = collectScores(*project, folder.first);
        QStringList labels;
        for (const auto &model : set.models)
            labels << model.label;
        // Beta was tested on fewer users, so its untrained encoder has other values and stands on its own.
        QCOMPARE(labels, QStringList({QStringLiteral("mini, untrained (run 1)"), QStringLiteral("alpha, tuned"),
                                      QStringLiteral("beta, tuned"), QStringLiteral("mini, untrained (run 2)"),
                                      QStringLiteral("random")}));
        QCOMPARE(set.metrics, metricNames);
        QCOMPARE(set.seed, std::uint64_t{7});
        QCOMPARE(set.resamples, 400);
        QCOMPARE(set.level, 0.9);
        QVERIFY(collectScores(*project, folder.stopped).models.empty());
        QVERIFY(collectScores(*project, 999).models.empty());
    }

    void equalUntrainedEncodersStandOnce()
    {
        QTemporaryDir dir;
        auto project = store::Project::open(dir.filePath(QStringLiteral("p")).toStdString());
        addRun(*project, runRecord("alpha", "1"), 0.15);
        const auto last = addRun(*project, runRecord("alpha", "1"), 0.2);
        const ScoreSet set = collectScores(*project, last);
        QStringList labels;
        for (const auto &model : set.models)
            labels << model.label;
        QCOMPARE(labels, QStringList({QStringLiteral("mini, untrained"), QStringLiteral("alpha, tuned (run 2)"),
                                      QStringLiteral("alpha, tuned (run 1)"), QStringLiteral("random")}));
    }

    void valuesEqualThoseOfEval()
    {
        const ScoreSet set = twoModels(90);
        const auto &untrained = set.models[0].metrics.at("recall@20").perUser;
        const auto &tuned = set.models[1].metrics.at("recall@20").perUser;
        const auto got = compareModels(set, 0);
        compareIntervals(got.models[0].cells[0].mean, eval::bootstrap(untrained, 11, 300, 0.95));
        compareIntervals(got.models[1].cells[0].mean, eval::bootstrap(tuned, 11, 300, 0.95));
        compareIntervals(got.models[1].cells[0].difference, eval::pairedBootstrap(tuned, untrained, 11, 300, 0.95));
        QCOMPARE(got.models[1].cells[0].users, std::int64_t{90});
        const auto other = compareModels(set, 1);
        compareIntervals(other.models[0].cells[0].difference, eval::pairedBootstrap(untrained, tuned, 11, 300, 0.95));
    }

    void usersAreJoinedById()
    {
        ScoreSet set = twoModels(90);
        auto &tuned = set.models[1].metrics.at("recall@20");
        const auto &base = set.models[0].metrics.at("recall@20");
        // Another order, ten users missing, five unknown to the baseline.
        std::reverse(tuned.users.begin(), tuned.users.end());
        std::reverse(tuned.perUser.begin(), tuned.perUser.end());
        tuned.users.resize(80);
        tuned.perUser.resize(80);
        for (int i = 0; i < 5; ++i) {
            tuned.users.push_back("stranger" + std::to_string(i));
            tuned.perUser.push_back(1);
        }
        std::vector<double> a;
        std::vector<double> b;
        for (std::size_t u = 0; u < 80; ++u) {
            a.push_back(tuned.perUser[u]);
            b.push_back(base.perUser[89 - u]);
        }
        const auto cell = compareModels(set, 0).models[1].cells[0];
        QCOMPARE(cell.users, std::int64_t{80});
        compareIntervals(cell.difference, eval::pairedBootstrap(a, b, 11, 300, 0.95));
        compareIntervals(cell.mean, eval::bootstrap(a, 11, 300, 0.95));
    }

    void modelsWithoutCommonUsersHaveNoValue()
    {
        ScoreSet set = twoModels(20);
        for (auto &user : set.models[1].metrics.at("recall@20").users)
            user += "x";
        const auto shown = std::make_shared<const ComparedModels>(compareModels(set, 0));
        QCOMPARE(shown->models[1].cells[0].users, std::int64_t{0});
        ComparisonModel model;
        model.show(shown);
        QVERIFY(!model.index(1, 1).data(ComparisonModel::ValueRole).isValid());
        QCOMPARE(comparisonCsv(*shown).count(u'\n'), 2);
    }

    void modelsKeepTheRules()
    {
        const auto shown = std::make_shared<const ComparedModels>(compareModels(twoModels(30), 0));
        ComparisonModel matrix;
        ComparisonRowsModel rows;
        QAbstractItemModelTester matrixTester(&matrix, QAbstractItemModelTester::FailureReportingMode::Fatal);
        QAbstractItemModelTester rowsTester(&rows, QAbstractItemModelTester::FailureReportingMode::Fatal);
        matrix.show(shown);
        rows.show(shown);
        QCOMPARE(matrix.rowCount(), 2);
        QCOMPARE(matrix.columnCount(), 2);
        QCOMPARE(rows.rowCount(), 2);
        QCOMPARE(rows.index(1, ComparisonRowsModel::DifferenceColumn).data().toString(),
                 differenceText(shown->models[1].cells[0].difference.mean));
        matrix.show(nullptr);
        rows.show(nullptr);
        QCOMPARE(matrix.rowCount(), 0);
    }

    void paleIsWhatHoldsZero()
    {
        auto compared = compareModels(twoModels(30), 0);
        compared.models[1].cells[0].difference = {0.01, -0.001, 0.02};
        ComparisonModel model;
        model.show(std::make_shared<const ComparedModels>(compared));
        QVERIFY(model.index(1, 1).data(ComparisonModel::PaleRole).toBool());
        QVERIFY(!model.index(0, 1).data(ComparisonModel::PaleRole).toBool());
        QVERIFY(model.index(1, 1).data(Qt::AccessibleTextRole).toString().contains(QStringLiteral("not told apart")));
        compared.models[1].cells[0].difference.low = 0.001;
        model.show(std::make_shared<const ComparedModels>(compared));
        QVERIFY(!model.index(1, 1).data(ComparisonModel::PaleRole).toBool());
    }

    void thePageComparesTheRunInView()
    {
        Folder folder;
        ProjectSession project;
        project.open(folder.path());
        project.setCurrentRun(folder.first);
        ComparePage page(&project);
        page.resize(1100, 700);
        page.show();
        WAIT_FOR_COMPARISON(page);
        QCOMPARE(page.matrix()->model()->rowCount(), 5);
        QCOMPARE(page.matrix()->model()->columnCount(), 4);
        QVERIFY(page.matrix()->model()->index(0, 0).data(ComparisonModel::BaselineRole).toBool());
        QCOMPARE(page.shown()->models[2].cells[0].users, std::int64_t{100}); // beta's
        QCOMPARE(page.forest()->graphCount(), 3 * 3); // the random floor lies beyond the axis and is written out
        QCOMPARE(page.bars()->axisRectCount(), 3);
        QVERIFY(page.forest()->accessibleDescription().contains(QStringLiteral("Recall@20")));
    }

    void thePlotWritesNothingOverItsZeroLine()
    {
        Folder folder;
        ProjectSession project;
        project.open(folder.path());
        project.setCurrentRun(folder.first);
        ComparePage page(&project);
        page.resize(1100, 700);
        page.show();
        WAIT_FOR_COMPARISON(page);
        auto *forest = page.forest();
        forest->replot();
        const auto *x = forest->axisRect(0)->axis(QCPAxis::atBottom);
        const double zero = x->coordToPixel(0);
        int beyond = 0;
        for (int i = 0; i < forest->itemCount(); ++i) {
            const auto *note = qobject_cast<QCPItemText *>(forest->item(i));
            if (!note || !note->text().contains(QRegularExpression(QStringLiteral("[◂▸]"))))
                continue;
            ++beyond;
            QVERIFY(note->left->pixelPosition().x() >= zero || note->right->pixelPosition().x() <= zero);
        }
        QCOMPARE(beyond, 3);
        // Numbers of the axis keep apart.
        const QFontMetrics metrics(x->tickLabelFont());
        const auto ticks = x->tickVector();
        const auto labels = x->tickVectorLabels();
        QVERIFY(ticks.size() >= 2);
        for (int i = 1; i < ticks.size(); ++i)
            QVERIFY(x->coordToPixel(ticks[i]) - x->coordToPixel(ticks[i - 1]) >=
                    (metrics.horizontalAdvance(labels[i]) + metrics.horizontalAdvance(labels[i - 1])) / 2 + 8);
    }

    void allMetricsAreInSightBesideThePlot()
    {
        Folder folder;
        ProjectSession project;
        project.open(folder.path());
        project.setCurrentRun(folder.first);
        ComparePage page(&project);
        page.resize(1100, 700);
        page.show();
        WAIT_FOR_COMPARISON(page);
        for (const int width : {1100, 1400, 1180}) {
            page.resize(width, 700);
            QTRY_VERIFY(page.matrix()->horizontalHeader()->length() <= page.matrix()->viewport()->width());
            QVERIFY(page.matrix()->columnWidth(0) >= 180);
            QVERIFY(page.forest()->width() + 4 >= (page.forest()->width() + page.matrix()->width()) * 0.3);
        }
    }

    void enterPinsAnotherBaselineForGood()
    {
        Folder folder;
        ProjectSession project;
        project.open(folder.path());
        project.setCurrentRun(folder.first);
        ComparePage page(&project);
        page.show();
        WAIT_FOR_COMPARISON(page);
        page.matrix()->setCurrentIndex(page.matrix()->model()->index(1, 1));
        QTest::keyClick(page.matrix(), Qt::Key_Return);
        QTRY_COMPARE(page.shown()->baseline, std::size_t{1});
        QCOMPARE(page.shown()->models[1].cells[0].difference.mean, 0.0);
        QVERIFY(page.shown()->models[0].cells[0].difference.mean < 0);
        QCOMPARE(page.matrix()->currentIndex().row(), 1);

        ComparePage again(&project);
        again.show();
        WAIT_FOR_COMPARISON(again);
        QCOMPARE(again.shown()->baseline, std::size_t{1});
    }

    void plotsHaveATableBehindThem()
    {
        Folder folder;
        ProjectSession project;
        project.open(folder.path());
        project.setCurrentRun(folder.first);
        ComparePage page(&project);
        page.show();
        WAIT_FOR_COMPARISON(page);
        QVERIFY(page.bars()->isVisible());
        page.toggleTable();
        QVERIFY(page.tableShown());
        QVERIFY(!page.bars()->isVisible() && !page.forest()->isVisible());
        page.toggleTable();
        QVERIFY(page.bars()->isVisible() && page.forest()->isVisible());
    }

    void exportsWhatIsShown()
    {
        Folder folder;
        ProjectSession project;
        project.open(folder.path());
        project.setCurrentRun(folder.first);
        ComparePage page(&project);
        page.show();
        WAIT_FOR_COMPARISON(page);
        page.copyCsv();
        const QStringList lines = QApplication::clipboard()->text().split(u'\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 1 + 5 * 3);
        QVERIFY(lines[1].startsWith(QStringLiteral("\"mini, untrained (run 1)\",1,recall@20,")));
        QCOMPARE(lines[1].split(u',')[4].toDouble(), page.shown()->models[0].cells[0].mean.mean);
        page.copyMarkdown();
        const QString markdown = QApplication::clipboard()->text();
        QCOMPARE(markdown.count(QStringLiteral("\n| ")), 6);
        QVERIFY(markdown.contains(metricText(page.shown()->models[1].cells[2].mean.mean)));
        QVERIFY(markdown.contains(QStringLiteral("90% intervals")));
    }

    void readOutFindsTheCell()
    {
        Folder folder;
        ProjectSession project;
        project.open(folder.path());
        project.setCurrentRun(folder.first);
        ComparePage page(&project);
        page.resize(1100, 700);
        page.show();
        WAIT_FOR_COMPARISON(page);
        QTest::qWait(50); // the queued replot lays the axes out
        const auto *rect = page.bars()->axisRect(1);
        const double y = rect->axis(QCPAxis::atLeft)->coordToPixel(2);
        const auto cell = page.bars()->cellAt(QPointF(rect->center().x(), y));
        QVERIFY(cell.has_value());
        QCOMPARE(cell->first, std::size_t{2});
        QCOMPARE(cell->second, std::size_t{1});
        QVERIFY(!page.bars()->cellAt(QPointF(-5, -5)).has_value());
    }

    void emptyStatesSayWhatComes()
    {
        Folder folder;
        ProjectSession project;
        ComparePage page(&project);
        page.show();
        QVERIFY(page.isEmpty());
        QSignalSpy asked(&page, &ComparePage::trainRequested);
        QTest::mouseClick(page.emptyState()->findChild<QPushButton *>(), Qt::LeftButton);
        QCOMPARE(asked.count(), 1);
        project.open(folder.path());
        project.setCurrentRun(folder.first);
        WAIT_FOR_COMPARISON(page);
        QVERIFY(!page.isEmpty());
        project.setCurrentRun(folder.stopped);
        QTRY_VERIFY(page.isEmpty());
        project.setCurrentRun(folder.second);
        WAIT_FOR_COMPARISON(page);
        QVERIFY(!page.isEmpty());
    }
};

APIARY_TEST(TestCompare)

#include "test_compare.moc"
