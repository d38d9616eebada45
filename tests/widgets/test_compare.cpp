#include "support/registry.h"

#include "support/stored_runs.h"
#include "widgets/compare/comparison_model.h"
#include "widgets/compare/comparison_text.h"
#include "widgets/compare/forest_plot.h"
#include "widgets/compare/metric_bars.h"
#include "widgets/compare_fixture.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QHeaderView>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace apiary;
using namespace apiary::widgets;

namespace {

struct Folder {
    QTemporaryDir dir;
    std::int64_t first = 0;
    std::int64_t second = 0;
    std::int64_t stopped = 0;

    Folder()
    {
        auto project = store::Project::open(path());
        first = tests::addStoredRun(*project, tests::storedRun("alpha", "1"), 0.15);
        second = tests::addStoredRun(*project, tests::storedRun("beta", "1"), 0.1001, true, 100); // fewer users
        tests::addStoredRun(*project, tests::storedRun("other split", "2"), 0.3);
        tests::addStoredRun(*project, tests::storedRun("other data", "1", "d2"), 0.3);
        stopped = tests::addStoredRun(*project, tests::storedRun("stopped", "1"), 0.3, false);
    }
    std::filesystem::path path() const { return dir.filePath(QStringLiteral("project")).toStdString(); }
};

} // namespace

class TestCompare : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void modelsWithoutCommonUsersHaveNoValue()
    {
        ScoreSet set = tests::storedScores(20);
        auto &scores = set.models[1].metrics.at("recall@20");
        std::vector<std::string> users = *scores.users;
        for (auto &user : users)
            user += "x";
        scores.users = std::make_shared<const std::vector<std::string>>(std::move(users));
        const auto shown = std::make_shared<const ComparedModels>(compareModels(set, 0));
        QCOMPARE(shown->models[1].cells[0].users, std::int64_t{0});
        ComparisonModel model;
        model.show(shown);
        QVERIFY(!model.index(1, 1).data(ComparisonModel::ValueRole).isValid());
        const std::string csv = run::exportTable(*shown, run::TableFormat::Csv);
        QCOMPARE(std::count(csv.begin(), csv.end(), '\n'), 2);
    }

    void modelsKeepTheRules()
    {
        const auto shown = std::make_shared<const ComparedModels>(compareModels(tests::storedScores(30), 0));
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

    void paleIsWhatIsNotToldApart()
    {
        auto compared = compareModels(tests::storedScores(30), 0);
        compared.models[1].cells[0].difference = {0.01, -0.001, 0.02};
        compared.models[1].cells[0].holm = 0.01;
        ComparisonModel model;
        model.show(std::make_shared<const ComparedModels>(compared));
        QVERIFY(model.index(1, 1).data(ComparisonModel::PaleRole).toBool());
        QVERIFY(!model.index(0, 1).data(ComparisonModel::PaleRole).toBool());
        QVERIFY(model.index(1, 1).data(Qt::AccessibleTextRole).toString().contains(QStringLiteral("not told apart")));
        compared.models[1].cells[0].difference.low = 0.001;
        model.show(std::make_shared<const ComparedModels>(compared));
        QVERIFY(!model.index(1, 1).data(ComparisonModel::PaleRole).toBool());
        compared.models[1].cells[0].holm = 0.2; // what stands beside it says no
        model.show(std::make_shared<const ComparedModels>(compared));
        QVERIFY(model.index(1, 1).data(ComparisonModel::PaleRole).toBool());
    }

    /// Zeros of a recommender that cannot know the items say so.
    void saysWhoRecommendsNothing()
    {
        auto compared = compareModels(tests::storedScores(30), 0);
        for (auto &cell : compared.models[1].cells)
            cell.mean = {0, 0, 0};
        ComparisonModel model;
        model.show(std::make_shared<const ComparedModels>(compared));
        QCOMPARE(model.index(1, 0).data(ComparisonModel::NoteRole).toString(),
                 QStringLiteral("recommends none of these items"));
        QCOMPARE(model.index(2, 0).data(ComparisonModel::NoteRole).toString(), QString());
    }

    void thePageComparesTheRunInView()
    {
        Folder folder;
        OPEN_COMPARISON(folder.path(), folder.first, {1100, 700});
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
        OPEN_COMPARISON(folder.path(), folder.first, {1100, 700});
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
        OPEN_COMPARISON(folder.path(), folder.first, {1100, 700});
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
        OPEN_COMPARISON(folder.path(), folder.first);
        page.matrix()->setCurrentIndex(page.matrix()->model()->index(1, 1));
        QTest::keyClick(page.matrix(), Qt::Key_Return);
        QTRY_COMPARE(page.shown()->baseline, std::size_t{1});
        QCOMPARE(page.shown()->models[1].cells[0].difference.mean, 0.0);
        QVERIFY(page.shown()->models[0].cells[0].difference.mean < 0);
        QCOMPARE(page.matrix()->currentIndex().row(), 1);

        ComparePage again(&view.project);
        again.show();
        WAIT_FOR_COMPARISON(again);
        QCOMPARE(again.shown()->baseline, std::size_t{1});
    }

    void plotsHaveATableBehindThem()
    {
        Folder folder;
        OPEN_COMPARISON(folder.path(), folder.first);
        QVERIFY(page.bars()->isVisible());
        page.toggleTable();
        QVERIFY(page.tableShown());
        QVERIFY(!page.bars()->isVisible() && !page.forest()->isVisible());
        page.toggleTable();
        QVERIFY(page.bars()->isVisible() && page.forest()->isVisible());
    }

    void readOutFindsTheCell()
    {
        Folder folder;
        OPEN_COMPARISON(folder.path(), folder.first, {1100, 700});
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
