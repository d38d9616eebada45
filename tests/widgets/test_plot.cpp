#include "base/error.h"
#include "support/registry.h"
#include "widgets/plot/plot_export.h"
#include "widgets/train/curve_plot.h"
#include "widgets/train/curve_table_model.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QFile>
#include <QImage>
#include <QMouseEvent>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>
#include <limits>

namespace apiary::tests {

using namespace widgets;

class PlotTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void stepsAndTimesAreInverse()
    {
        const RunCurves c = *curves(5);
        for (double step = 0; step <= 5; step += 0.25)
            QVERIFY(std::abs(c.stepAt(c.timeOfStep(step)) - step) < 1e-9);
        QCOMPARE(c.timeOfStep(0), 10.0); // the first step ended at 12 and took 2
        QCOMPARE(c.timeOfStep(1), 12.0);
        QVERIFY(c.stepAt(4) < 0);     // before training
        QCOMPARE(c.stepAt(1e6), 6.0); // at most one step further
    }

    void memoryIsPlacedBeforeTheFirstStepEnds()
    {
        auto c = std::make_shared<RunCurves>();
        QCOMPARE(c->memoryStepAt(0), 0.0);
        QVERIFY(std::abs(c->memoryStepAt(30) - (1 - std::exp(-1.0))) < 1e-12);
        QVERIFY(c->memoryStepAt(1e5) < 1);
        for (double time = 0; time < 600; time += 0.5) {
            QVERIFY(c->memoryStepAt(time) < c->memoryStepAt(time + 0.5));
            QVERIFY(std::abs(c->memoryTimeAt(c->memoryStepAt(time)) - time) < 1e-3);
        }
        for (int i = 0; i < 100; ++i) {
            run::MemoryEvent event{i * 0.1, {}};
            event.memory.resident = 1 << 30;
            c->add(event);
        }
        CurvePlot plot;
        plot.setRuns({{c, 0}});
        plot.drawNow();
        const auto samples = [&] {
            QVector<double> keys;
            for (QCPGraph *graph : plot.plot()->axisRects()[2]->graphs())
                if (graph->dataCount() > 0 && keys.isEmpty())
                    for (const QCPGraphData &point : *graph->data())
                        keys.push_back(point.key);
            return keys;
        };
        QCOMPARE(samples().size(), 100);
        QVERIFY(samples().back() < 1);
        addStep(*c, 1); // began at 10 s and ended at 12 s: the real mapping takes over
        QCOMPARE(c->memoryStepAt(11), 0.5);
        QCOMPARE(c->memoryStepAt(3), 0.0);
        QCOMPARE(c->memoryTimeAt(1), 12.0);
    }

    void bestStepFollowsTheMonitor()
    {
        const auto c = curves(6);
        QCOMPARE(c->bestStep, 4);
        QVERIFY(std::abs(c->bestValue() - 0.30) < 1e-12);
        RunCurves other;
        other.monitor = QStringLiteral("recall@20");
        other.add(run::ValidationEvent{0, {{"recall@20", 0.2}}, true});
        other.add(run::ValidationEvent{2, {{"recall@20", 0.1}}, false});
        QCOMPARE(other.bestStep, 0);
    }

    void axesAreLinked()
    {
        CurvePlot plot;
        plot.setRuns({{curves(10), 0}});
        plot.drawNow();
        auto rects = plot.plot()->axisRects();
        QCOMPARE(rects.size(), 3);
        rects[0]->axis(QCPAxis::atBottom)->setRange(2, 7);
        for (QCPAxisRect *rect : rects)
            QCOMPARE(rect->axis(QCPAxis::atBottom)->range().upper, 7.0);
        plot.fit();
        QVERIFY(rects[2]->axis(QCPAxis::atBottom)->range().upper >= 10);
    }

    void growthIsShownUnlessZoomed()
    {
        CurvePlot plot;
        plot.resize(700, 600);
        plot.show();
        auto c = curves(4);
        plot.setRuns({{c, 0}});
        plot.drawNow();
        QCPAxis *x = plot.plot()->axisRects()[0]->axis(QCPAxis::atBottom);
        const double before = x->range().upper;
        addStep(*c, 5);
        addStep(*c, 6);
        plot.refresh();
        QTRY_VERIFY(x->range().upper > before);

        QSignalSpy following(&plot, &CurvePlot::followingChanged);
        const QPointF middle = plot.plot()->axisRects()[0]->center();
        QWheelEvent wheel(middle, plot.plot()->mapToGlobal(middle), {}, QPoint(0, 120), Qt::NoButton, Qt::NoModifier,
                          Qt::NoScrollPhase, false);
        QApplication::sendEvent(plot.plot(), &wheel);
        QCOMPARE(following.count(), 1);
        const double zoomed = x->range().upper;
        addStep(*c, 7);
        plot.drawNow();
        QCOMPARE(x->range().upper, zoomed);
        QTest::mouseDClick(plot.plot(), Qt::LeftButton, {}, middle.toPoint());
        QVERIFY(plot.following());
        QVERIFY(x->range().upper >= 7);
    }

    void poisonedValuesLeaveTheScaleAlone()
    {
        auto c = curves(3);
        addStep(*c, 4, std::numeric_limits<double>::infinity());
        addStep(*c, 5, std::numeric_limits<double>::quiet_NaN());
        CurvePlot plot;
        plot.setRuns({{c, 0}});
        plot.drawNow();
        const QCPRange range = plot.plot()->axisRects()[0]->axis(QCPAxis::atLeft)->range();
        QVERIFY(std::isfinite(range.lower) && std::isfinite(range.upper));
        QVERIFY(range.upper < 2);
    }

    void logarithmicAxes()
    {
        auto c = curves(10);
        addStep(*c, 11, -1);
        CurvePlot plot;
        plot.setRuns({{c, 0}});
        for (const auto panel : {CurvePlot::Panel::Loss, CurvePlot::Panel::Metric, CurvePlot::Panel::Memory})
            plot.setLogarithmic(panel, true);
        plot.setLogarithmicX(true);
        plot.drawNow();
        for (QCPAxisRect *rect : plot.plot()->axisRects()) {
            QCOMPARE(rect->axis(QCPAxis::atLeft)->scaleType(), QCPAxis::stLogarithmic);
            QVERIFY(rect->axis(QCPAxis::atLeft)->range().lower > 0);
            QVERIFY(rect->axis(QCPAxis::atBottom)->range().lower > 0);
        }
    }

    void hoverReadsValuesOut()
    {
        CurvePlot plot;
        plot.resize(700, 600);
        plot.show();
        plot.setRuns({{curves(10), 0}, {curves(8), 1}});
        plot.drawNow();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        QCPAxisRect *rect = plot.plot()->axisRects()[0];
        QCPAxis *x = rect->axis(QCPAxis::atBottom);
        const QPointF at(x->coordToPixel(5.1), rect->center().y());
        QMouseEvent move(QEvent::MouseMove, at, plot.plot()->mapToGlobal(at), Qt::NoButton, Qt::NoButton,
                         Qt::NoModifier);
        QApplication::sendEvent(plot.plot(), &move);
        QStringList texts;
        for (int i = 0; i < plot.plot()->itemCount(); ++i)
            if (auto *text = qobject_cast<QCPItemText *>(plot.plot()->item(i)); text && text->visible())
                texts << text->text();
        const QString all = texts.join(QLatin1Char('\n'));
        QVERIFY2(all.contains(QLatin1String("step 5")), qPrintable(all));
        QVERIFY2(all.contains(QLatin1String("resident")), qPrintable(all));
        QVERIFY2(all.contains(QLatin1String("#7")), qPrintable(all));
    }

    void keysDoWhatTheMouseDoes()
    {
        CurvePlot plot;
        plot.resize(700, 600);
        plot.show();
        plot.setRuns({{curves(10), 0}});
        plot.drawNow();
        QCPAxis *x = plot.plot()->axisRects()[0]->axis(QCPAxis::atBottom);
        const double size = x->range().size();
        QTest::keyClick(plot.plot(), Qt::Key_Plus);
        QVERIFY(x->range().size() < size);
        QTest::keyClick(plot.plot(), Qt::Key_Home);
        QCOMPARE(x->range().size(), size);
    }

    void wordsAndNumbers()
    {
        CurvePlot plot;
        plot.setRuns({{curves(4), 0}});
        plot.drawNow();
        const QString summary = plot.summary();
        QVERIFY2(summary.contains(QLatin1String("best 0.3000 at step 4")), qPrintable(summary));
        QCOMPARE(plot.plot()->accessibleDescription(), summary);
        const QStringList lines = plot.csv().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        QCOMPARE(lines.front(), QStringLiteral("run,name,series,step,seconds,value"));
        QCOMPARE(lines.filter(QLatin1String(",loss,")).size(), 4);
        QCOMPARE(lines.filter(QLatin1String("validation ndcg@100")).size(), 3);
        QVERIFY(lines.filter(QLatin1String("resident bytes")).size() > 4);
    }

    void exports_data()
    {
        QTest::addColumn<QString>("ending");
        QTest::addColumn<QByteArray>("begin");
        QTest::newRow("png") << "png" << QByteArray("\x89PNG");
        QTest::newRow("svg") << "svg" << QByteArray("<?xml");
        QTest::newRow("pdf") << "pdf" << QByteArray("%PDF");
    }

    void exports()
    {
        QFETCH(QString, ending);
        QFETCH(QByteArray, begin);
        QTemporaryDir folder;
        CurvePlot plot;
        plot.setRuns({{curves(12), 0}});
        plot.drawNow();
        const QString file = folder.filePath(QStringLiteral("plot.") + ending);
        exportPlot(*plot.plot(), file, QSize(800, 600));
        QFile written(file);
        QVERIFY(written.open(QIODevice::ReadOnly));
        const QByteArray bytes = written.readAll();
        QVERIFY(bytes.startsWith(begin));
        if (ending == QLatin1String("png"))
            QCOMPARE(QImage::fromData(bytes).size(), QSize(1600, 1200));
        if (ending == QLatin1String("svg"))
            QVERIFY(bytes.contains("<path") || bytes.contains("<polyline"));
        QVERIFY_EXCEPTION_THROWN(exportPlot(*plot.plot(), folder.filePath(QStringLiteral("plot.gif"))), InputError);
        QVERIFY_EXCEPTION_THROWN(exportPlot(*plot.plot(), folder.filePath(QStringLiteral("no/plot.") + ending)), Error);
    }

    void tableGrowsByTheRules()
    {
        CurveTableModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        auto c = std::make_shared<RunCurves>();
        c->monitor = QStringLiteral("ndcg@100");
        model.setCurves(c);
        QCOMPARE(model.rowCount(), 0);
        for (int step = 1; step <= 4; ++step) {
            addStep(*c, step);
            if (step % 2 == 0)
                c->add(run::ValidationEvent{step, {{"ndcg@100", 0.1}, {"recall@20", 0.2}}, true});
            model.refresh();
        }
        QCOMPARE(model.rowCount(), 4);
        QCOMPARE(model.index(1, model.columnCount() - 1).data().toString(), QStringLiteral("0.2000"));
    }

    void manySamplesStayBounded()
    {
        RunCurves c;
        for (int i = 0; i < 450000; ++i) {
            run::MemoryEvent event{i * 0.1, {}};
            event.memory.resident = i == 1000 ? 1LL << 40 : 1 << 20;
            c.add(event);
        }
        QVERIFY(c.memoryTime.size() <= 200000);
        QCOMPARE(*std::max_element(c.resident.begin(), c.resident.end()), static_cast<double>(1LL << 40)); // peaks stay
    }

private:
    static void addStep(RunCurves &c, int step, double loss = std::numeric_limits<double>::max())
    {
        run::StepEvent event;
        event.step = step;
        event.loss = loss == std::numeric_limits<double>::max() ? 1.0 - 0.01 * step : loss;
        event.seconds = 2;
        event.tokens = 1000;
        c.add(event, 10 + 2.0 * step);
    }

    /// Ten seconds of preparation, then steps of two seconds, validated every second step; best at step 4.
    static std::shared_ptr<RunCurves> curves(int steps)
    {
        auto c = std::make_shared<RunCurves>();
        c->run = 7;
        c->name = QStringLiteral("made up");
        c->monitor = QStringLiteral("ndcg@100");
        for (int step = 1; step <= steps; ++step)
            addStep(*c, step);
        for (int step = 0; step <= steps; step += 2)
            c->add(run::ValidationEvent{step, {{"ndcg@100", 0.30 - 0.01 * std::abs(step - 4)}}, false});
        for (int i = 0; i < 100 + 20 * steps; ++i) {
            run::MemoryEvent event{i * 0.1, {}};
            event.memory.resident = (1 << 30) + i * (1LL << 20);
            event.memory.allocated = 1 << 29;
            c->add(event);
        }
        return c;
    }
};

} // namespace apiary::tests

using apiary::tests::PlotTest;
APIARY_TEST(PlotTest)

#include "test_plot.moc"
