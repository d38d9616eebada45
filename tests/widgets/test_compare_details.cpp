#include "support/registry.h"

#include "base/error.h"
#include "run/run_spec.h"
#include "support/stored_runs.h"
#include "widgets/compare/comparison_delegate.h"
#include "widgets/compare/comparison_model.h"
#include "widgets/compare/comparison_text.h"
#include "widgets/compare/forest_plot.h"
#include "widgets/compare/metric_bars.h"
#include "widgets/compare_fixture.h"
#include "widgets/theme/theme.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFile>
#include <QHeaderView>
#include <QImage>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QSettings>
#include <QStyleOptionViewItem>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <algorithm>

using namespace apiary;
using namespace apiary::widgets;

namespace {

/// Three runs of one experiment with different seeds, the first two with segments and totals, and one without.
struct Folder {
    QTemporaryDir dir;
    std::int64_t first = 0;
    std::int64_t plain = 0;

    Folder()
    {
        auto project = store::Project::open(path());
        first = tests::addStoredRun(*project, tests::storedRun("alpha", "1", "d1", 1), 0.15, true, 120,
                                    tests::storedDetails());
        tests::addStoredRun(*project, tests::storedRun("alpha", "1", "d1", 2), 0.17, true, 120, tests::storedDetails());
        tests::addStoredRun(*project, tests::storedRun("alpha", "1", "d1", 3), 0.1001, true, 100);
        plain = tests::addStoredRun(*project, tests::storedRun("plain", "2"), 0.3);
    }
    std::filesystem::path path() const { return dir.filePath(QStringLiteral("project")).toStdString(); }
};

QString read(const QString &file)
{
    QFile in(file);
    return in.open(QIODevice::ReadOnly) ? QString::fromUtf8(in.readAll()) : QString();
}

} // namespace

class TestCompareDetails : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { QSettings().remove(QStringLiteral("compare/segment")); }
    void cleanup() { QSettings().remove(QStringLiteral("compare/segment")); }

    void modelsOfEverythingKeepTheRules()
    {
        const Folder folder;
        const auto project = store::Project::open(folder.path());
        const auto shown =
            std::make_shared<const ComparedModels>(compareModels(collectScores(*project, folder.first), 0));
        ComparisonModel matrix;
        ComparisonRowsModel rows;
        QAbstractItemModelTester matrixTester(&matrix, QAbstractItemModelTester::FailureReportingMode::Fatal);
        QAbstractItemModelTester rowsTester(&rows, QAbstractItemModelTester::FailureReportingMode::Fatal);
        matrix.show(shown);
        rows.show(shown);
        QCOMPARE(matrix.rowCount(), static_cast<int>(shown->models.size()) + 1);
        QCOMPARE(matrix.columnCount(), 5);
        QCOMPARE(rows.rowCount(), (static_cast<int>(shown->models.size()) + 1) * 4);
        for (int row = 0; row < rows.rowCount(); ++row)
            for (int column = 0; column < rows.columnCount(); ++column)
                rows.index(row, column).data();
        QCOMPARE(rows.index(1, ComparisonRowsModel::HolmColumn).data().toString(),
                 probabilityText(shown->models[1].cells[0].holm));
        QCOMPARE(rows.index(1, ComparisonRowsModel::ProbabilityColumn).data().toString(),
                 probabilityText(shown->models[1].cells[0].p));
        QVERIFY(!rows.index(0, ComparisonRowsModel::HolmColumn).data().isValid()); // the baseline
        QVERIFY(rows.headerData(ComparisonRowsModel::HolmColumn, Qt::Horizontal, Qt::ToolTipRole)
                    .toString()
                    .contains(QStringLiteral("Wilcoxon signed-rank")));
    }

    void everyCellSaysItsTest()
    {
        const Folder folder;
        OPEN_COMPARISON(folder.path(), folder.first);
        const auto *model = page.matrix()->model();
        const QModelIndex cell = model->index(1, 1);
        const double holm = page.shown()->models[1].cells[0].holm;
        QCOMPARE(cell.data(ComparisonModel::ProbabilityRole).toDouble(), holm);
        for (const int role : {Qt::AccessibleTextRole, Qt::ToolTipRole})
            QVERIFY2(
                cell.data(role).toString().contains(
                    QStringLiteral("p %1 by Wilcoxon's signed-rank test, Holm-corrected").arg(probabilityText(holm))),
                qPrintable(cell.data(role).toString()));
        QVERIFY(!model->index(0, 1).data(ComparisonModel::ProbabilityRole).isValid());
        QVERIFY(!model->index(0, 1).data(Qt::ToolTipRole).toString().contains(QStringLiteral("Wilcoxon")));
        QVERIFY(page.note()->text().contains(QStringLiteral("p: Wilcoxon signed-rank test over users")));
    }

    void probabilitiesAreInSightAtEveryWidth_data()
    {
        QTest::addColumn<int>("width");
        QTest::addColumn<bool>("stacked");
        QTest::newRow("narrow") << 900 << true;
        QTest::newRow("a window of 1280 px") << 1160 << true;
        QTest::newRow("wide") << 2200 << false;
    }

    void probabilitiesAreInSightAtEveryWidth()
    {
        QFETCH(int, width);
        QFETCH(bool, stacked);
        const Folder folder;
        OPEN_COMPARISON(folder.path(), folder.first, {stacked ? 2200 : 900, 700});
        const auto *delegate = qobject_cast<ComparisonDelegate *>(page.matrix()->itemDelegate());
        page.resize(width, 700);
        QTRY_COMPARE(delegate->stacked(), stacked);
        QString p = probabilityText(page.shown()->models[1].cells[0].holm);
        p = p.startsWith(u'<') ? QStringLiteral("p < ") + p.mid(1) : QStringLiteral("p = ") + p;
        const QModelIndex cell = view.matrix()->index(1, 1);
        const QStringList lines = delegate->lowerLines(cell);
        QCOMPARE(lines.size(), stacked ? 2 : 1);
        QVERIFY2(lines.last().startsWith(p), qPrintable(lines.join(u'|')));
        QVERIFY(lines.first().contains(intervalText(page.shown()->models[1].cells[0].difference)));
        QVERIFY(delegate->lowerLines(view.matrix()->index(0, 1)).isEmpty()); // the baseline
        // Rows are as high and columns as wide as that takes.
        const QSize size = delegate->sizeHint({}, cell);
        QTRY_VERIFY(page.matrix()->rowHeight(1) >= size.height() && page.matrix()->columnWidth(1) >= size.width());
        if (width > 900)
            QTRY_VERIFY(page.matrix()->horizontalHeader()->length() <= page.matrix()->viewport()->width());
    }

    void theTableBehindThePlotsShowsEveryColumn()
    {
        const Folder folder;
        OPEN_COMPARISON(folder.path(), folder.first, {1160, 700});
        page.toggleTable();
        QTRY_VERIFY(page.rowsTable()->isVisible());
        const auto *header = page.rowsTable()->horizontalHeader();
        QTRY_VERIFY2(header->length() <= page.rowsTable()->viewport()->width(),
                     qPrintable(QString::number(header->length())));
        for (const int column : {ComparisonRowsModel::ProbabilityColumn, ComparisonRowsModel::HolmColumn})
            QVERIFY(!page.rowsTable()->isColumnHidden(column));
        QVERIFY(page.rowsTable()->columnWidth(0) >= 180);
        // The matrix has the plot's place.
        const auto *delegate = qobject_cast<ComparisonDelegate *>(page.matrix()->itemDelegate());
        QTRY_VERIFY(!delegate->stacked());
        page.toggleTable();
        QTRY_VERIFY(delegate->stacked() && page.forest()->isVisible());
    }

    void totalsStandBehindTheMetrics()
    {
        const Folder folder;
        OPEN_COMPARISON(folder.path(), folder.first);
        const auto *model = page.matrix()->model();
        QCOMPARE(model->headerData(4, Qt::Horizontal).toString(), QStringLiteral("Coverage@20"));
        QCOMPARE(model->index(1, 4).data(ComparisonModel::ValueRole).toDouble(), 0.625);
        QVERIFY(!model->index(1, 4).data(ComparisonModel::DifferenceRole).isValid());
        QVERIFY(model->index(1, 4).data(Qt::AccessibleTextRole).toString().contains(QStringLiteral("0.6250")));
        const int third = view.rowOf(QStringLiteral("alpha, tuned (run 3)"));
        QVERIFY(third > 0);
        QVERIFY(!model->index(third, 4).data(ComparisonModel::ValueRole).isValid()); // that run measured none
        QCOMPARE(page.bars()->axisRectCount(), 4);
        page.bars()->replot();
        const auto *rect = page.bars()->axisRect(3);
        const auto cell =
            page.bars()->cellAt(QPointF(rect->center().x(), rect->axis(QCPAxis::atLeft)->coordToPixel(1)));
        QVERIFY(cell.has_value());
        QVERIFY(
            cellSentence(*page.shown(), cell->first, cell->second).contains(QStringLiteral("of all lists together")));
    }

    void seedsStandInARowOfTheirOwn()
    {
        const Folder folder;
        OPEN_COMPARISON(folder.path(), folder.first);
        const int row = view.rowOf(QStringLiteral("alpha, tuned × 3 seeds"));
        QCOMPARE(row, page.matrix()->model()->rowCount() - 1);
        const QModelIndex cell = page.matrix()->model()->index(row, 1);
        const eval::Spread &spread = page.shown()->spreads[0].cells[0];
        QCOMPARE(cell.data(ComparisonModel::ValueRole).toDouble(), spread.mean);
        QCOMPARE(cell.data(ComparisonModel::DeviationRole).toDouble(), spread.deviation);
        QVERIFY(cell.data(Qt::AccessibleTextRole).toString().contains(QStringLiteral("over runs 3, 2, 1")));
        QVERIFY(page.table(run::TableFormat::Markdown).contains(QStringLiteral("| alpha, tuned × 3 seeds | ")));
        QCOMPARE(cell.siblingAtColumn(0).data(ComparisonModel::NoteRole).toString(),
                 QStringLiteral("mean ± SD over runs 3, 2, 1"));
        QVERIFY(page.note()->text().contains(QStringLiteral("○ mean ± standard deviation over training seeds")));
        QVERIFY(page.note()->text().contains(QStringLiteral("every seed's run counts as one")));
        // Its marker has the colour of no run.
        const auto colours = [&](int of) {
            QImage image(400, 60, QImage::Format_RGB32);
            image.fill(Theme::instance().surface());
            QPainter painter(&image);
            QStyleOptionViewItem option;
            option.rect = image.rect();
            page.matrix()->itemDelegate()->paint(&painter, option, view.matrix()->index(of, 0));
            QSet<QRgb> found;
            for (int y = 0; y < image.height(); ++y)
                for (int x = 0; x < 20; ++x)
                    found.insert(image.pixel(x, y));
            return found;
        };
        const QRgb tuned = Theme::instance().tuned().rgb();
        QVERIFY(colours(view.rowOf(QStringLiteral("alpha, tuned (run 1)"))).contains(tuned));
        for (const QRgb colour : {tuned, Theme::instance().run(1).rgb(), Theme::instance().run(2).rgb()})
            QVERIFY(!colours(row).contains(colour));
        const QSet<QRgb> ring = colours(row);
        const int muted = qGray(Theme::instance().mutedText().rgb());
        QVERIFY(std::any_of(ring.begin(), ring.end(), [&](QRgb one) { return std::abs(qGray(one) - muted) < 30; }));
        // It is no model: neither a baseline nor something to take out.
        page.matrix()->setCurrentIndex(cell);
        QTest::keyClick(page.matrix(), Qt::Key_Return);
        QTest::keyClick(page.matrix(), Qt::Key_Delete);
        WAIT_FOR_COMPARISON(page);
        QCOMPARE(page.shown()->baseline, std::size_t{0});
        QCOMPARE(page.matrix()->model()->rowCount(), row + 1);
    }

    void segmentsAreChosenWithTheKeyboardAndKept()
    {
        const Folder folder;
        OPEN_COMPARISON(folder.path(), folder.first);
        QVERIFY(page.segments()->isEnabled());
        QVERIFY(page.segments()->focusPolicy() & Qt::TabFocus);
        const double all = page.shown()->models[1].cells[0].mean.mean;
        page.segments()->setFocus();
        QTest::keyClick(page.segments(), Qt::Key_Down); // over the separator
        QTRY_COMPARE(page.shown()->segment, std::string("items: tail"));
        WAIT_FOR_COMPARISON(page);
        QCOMPARE(page.shown()->models[1].cells[0].users, std::int64_t{40});
        QVERIFY(page.shown()->models[1].cells[0].mean.mean != all);
        QCOMPARE(page.matrix()->model()->columnCount(), 4); // without totals
        QVERIFY(page.note()->text().contains(QStringLiteral("Items: tail")));
        QVERIFY(page.forest()->accessibleDescription().startsWith(QStringLiteral("Items: tail.")));
        QVERIFY(page.table(run::TableFormat::Csv).contains(QStringLiteral(",40,items: tail,")));
        const int third = view.rowOf(QStringLiteral("alpha, tuned (run 3)"));
        QVERIFY(!page.matrix()->model()->index(third, 1).data(ComparisonModel::ValueRole).isValid());
        ComparePage again(&view.project);
        again.show();
        WAIT_FOR_COMPARISON(again);
        QCOMPARE(again.shown()->segment, std::string("items: tail"));
        QCOMPARE(again.segments()->currentText(), QStringLiteral("Items: tail"));
        // A run without segments shows all users and says why; the choice waits for one that has them.
        view.project.setCurrentRun(folder.plain);
        QTRY_VERIFY(again.shown() && !again.busy() && again.shown()->run == folder.plain);
        QVERIFY(again.shown()->segment.empty());
        QVERIFY(!again.segments()->isEnabled());
        QVERIFY2(again.note()->text().contains(QStringLiteral("no segments: segments were off")),
                 qPrintable(again.note()->text()));
        view.project.setCurrentRun(folder.first);
        QTRY_VERIFY(again.shown() && !again.busy() && again.shown()->segment == "items: tail");
    }

    void tablesAreCopiedAndSaved()
    {
        const Folder folder;
        OPEN_COMPARISON(folder.path(), folder.first);
        QVERIFY(ComparePage(&view.project).table(run::TableFormat::Csv).isEmpty());
        page.copyTable(run::TableFormat::Csv);
        const QString csv = QApplication::clipboard()->text();
        const auto &cell = page.shown()->models[1].cells[0];
        QVERIFY(
            csv.contains(QStringLiteral("\n\"alpha, tuned (run 1)\",recall@20,%1,").arg(cell.mean.mean, 0, 'g', 17)) ||
            csv.contains(QStringLiteral("\n\"alpha, tuned (run 1)\",recall@20,%1,").arg(cell.mean.mean, 0, 'g', 16)));
        for (const char *text : {"p_holm", ",films,d1,cold-start,", ",e1,"})
            QVERIFY2(csv.contains(QLatin1String(text)), text);
        for (const int seed : {1, 2}) // of both runs' experiments
            QVERIFY(csv.contains(
                QString::fromStdString(run::specHash(tests::storedRun("alpha", "1", "d1", seed).specJson, {}))));
        page.copyTable(run::TableFormat::Markdown);
        QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("- intervals: 90 %, paired bootstrap, 400")));
        page.copyTable(run::TableFormat::Latex);
        QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("\\begin{tabular}")));
        for (const auto &[end, format] : {std::pair{"csv", run::TableFormat::Csv},
                                          {"md", run::TableFormat::Markdown},
                                          {"tex", run::TableFormat::Latex}}) {
            const QString file = folder.dir.filePath(QStringLiteral("table.") + QLatin1String(end));
            page.saveTable(file);
            QCOMPARE(read(file), page.table(format));
            QCOMPARE(page.messages()->text(), QStringLiteral("Saved to %1").arg(file));
        }
        page.saveTable(folder.dir.filePath(QStringLiteral("table.xlsx")));
        QVERIFY2(page.messages()->text().contains(QStringLiteral(".csv, .md or .tex")),
                 qPrintable(page.messages()->text()));
        const QString plot = folder.dir.filePath(QStringLiteral("plot.svg"));
        page.savePlot(page.forest(), plot);
        QVERIFY(QFile::exists(plot));
        QCOMPARE(page.messages()->text(), QStringLiteral("Saved to %1").arg(plot));
        QStringList texts;
        for (const auto *button : page.findChildren<QToolButton *>())
            for (const auto *action : button->menu() ? button->menu()->actions() : QList<QAction *>())
                texts << action->text();
        for (const char *text : {"Copy as Markdown", "Copy as CSV", "Copy as LaTeX", "Save table…"})
            QVERIFY2(texts.contains(QString::fromUtf8(text)), text);
    }
};

APIARY_TEST(TestCompareDetails)

#include "test_compare_details.moc"
