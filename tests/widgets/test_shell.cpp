#include "base/error.h"
#include "data/scenario.h"
#include "data_fixture.h"
#include "eval/metric.h"
#include "gui_fixture.h"
#include "recsys/registry.h"
#include "support/assets.h"
#include "support/registry.h"
#include "widgets/data/data_page.h"
#include "widgets/shell/block_meter.h"
#include "widgets/shell/event_buffer.h"
#include "widgets/shell/help_page.h"
#include "widgets/shell/main_window.h"
#include "widgets/shell/nav_rail.h"
#include "widgets/shell/page.h"
#include "widgets/shell/progress_text.h"
#include "widgets/shell/project_model.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"
#include "widgets/train/config_form.h"
#include "widgets/train/estimate_panel.h"
#include "widgets/train/train_page.h"

#include <QApplication>
#include <QCheckBox>
#include <QDir>
#include <QProgressBar>
#include <QPushButton>
#include <QRadioButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QTextBrowser>
#include <QToolButton>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <nlohmann/json.hpp>
#include <thread>

namespace apiary::tests {

using namespace widgets;

class ShellTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void taskDeliversInTheGuiThread()
    {
        TaskRunner runner;
        int got = 0;
        bool sameThread = false;
        runner.run([](std::stop_token, const ProgressFn &) { return 41 + 1; },
                   [&](int value) {
                       got = value;
                       sameThread = QThread::currentThread() == qApp->thread();
                   });
        QVERIFY(runner.busy());
        QTRY_COMPARE(got, 42);
        QVERIFY(sameThread);
        QVERIFY(!runner.busy());
    }

    /// The manual names every recommender's parameters with their defaults, from the recommenders' own table.
    void helpListsRecommenders()
    {
        const HelpPage page;
        const QString text = page.findChild<QTextBrowser *>()->toPlainText();
        QVERIFY(!text.contains(QStringLiteral("@RECOMMENDERS@")));
        for (const recsys::RecommenderInfo &info : recsys::recommenders()) {
            QVERIFY2(text.contains(QString::fromStdString(info.source)), info.kind.c_str());
            const auto defaults = recsys::defaultParameters(info.kind);
            for (const recsys::ParameterInfo &parameter : info.parameters) {
                const std::string value = parameter.name + "=" + recsys::shown(defaults.at(parameter.name));
                QVERIFY2(text.contains(QString::fromStdString(value)), value.c_str());
            }
        }
    }

    /// And every scenario and metric there is.
    void helpListsScenariosAndMetrics()
    {
        const HelpPage page;
        const QString text = page.findChild<QTextBrowser *>()->toPlainText();
        for (int kind = 0; kind <= static_cast<int>(data::ScenarioKind::ReadyMade); ++kind) {
            const QString name = QLatin1String(data::name(static_cast<data::ScenarioKind>(kind)));
            QVERIFY2(text.contains(name + u':'), qPrintable(name));
        }
        for (const eval::MetricInfo &info : eval::metricInfos())
            QVERIFY2(text.contains(QString::fromStdString(info.name) + QLatin1String("@k")), info.name.c_str());
    }

    /// A text that is not there yet has no height below none.
    void emptyStateWithoutText()
    {
        QTest::failOnWarning(QRegularExpression(QStringLiteral("Negative sizes")));
        EmptyState state(QStringLiteral("data"), QStringLiteral("Nothing"), {});
        state.setText(QStringLiteral("A text"));
        state.setText({});
    }

    void latestTaskWins()
    {
        TaskRunner runner;
        std::vector<int> got;
        std::atomic<bool> begun = false;
        std::atomic<bool> stopped = false;
        runner.run(
            [&begun, &stopped](std::stop_token stop, const ProgressFn &) {
                begun = true;
                while (!stop.stop_requested())
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
                stopped = true;
                return 1;
            },
            [&](int value) { got.push_back(value); });
        QTRY_VERIFY(begun);
        runner.run([](std::stop_token, const ProgressFn &) { return 2; }, [&](int value) { got.push_back(value); });
        QTRY_VERIFY(stopped);
        QTRY_COMPARE(got.size(), 1U);
        QTest::qWait(30);
        QCOMPARE(got, std::vector<int>{2});
    }

    void taskSaysWhatWentWrong()
    {
        TaskRunner runner;
        QString failure;
        runner.run(
            [](std::stop_token, const ProgressFn &) { throw InputError("it is empty", "items.csv:3", "fill it"); },
            [] {}, [&](const QString &text) { failure = text; });
        QTRY_COMPARE(failure, QStringLiteral("items.csv:3: it is empty\nfill it"));
    }

    void taskOutlivedByNothing()
    {
        std::atomic<bool> begun = false;
        std::atomic<bool> ended = false;
        bool called = false;
        {
            TaskRunner runner;
            runner.run(
                [&begun, &ended](std::stop_token stop, const ProgressFn &) {
                    begun = true;
                    while (!stop.stop_requested())
                        std::this_thread::sleep_for(std::chrono::milliseconds(1));
                    ended = true;
                    return 1;
                },
                [&](int) { called = true; });
            QTRY_VERIFY(begun);
        }
        QTRY_VERIFY(ended);
        QTest::qWait(20);
        QVERIFY(!called);
    }

    void eventBufferStaysBounded()
    {
        EventBuffer buffer(64);
        for (int i = 0; i < 10; ++i)
            buffer.onEvent(Progress{"a", "steps", i, 10, 0, 0});
        QCOMPARE(buffer.drain().size(), 1U); // a progress replaces the one before
        for (int i = 0; i < 5000; ++i) {
            buffer.onEvent(run::MemoryEvent{static_cast<double>(i), {}});
            if (i % 500 == 0)
                buffer.onEvent(run::ValidationEvent{i, {}, false});
        }
        const auto events = buffer.drain();
        QVERIFY(events.size() <= 64);
        QVERIFY(buffer.dropped() > 0);
        int validations = 0;
        double last = -1;
        for (const auto &event : events) {
            validations += std::holds_alternative<run::ValidationEvent>(event);
            if (const auto *memory = std::get_if<run::MemoryEvent>(&event)) {
                QVERIFY(memory->seconds > last);
                last = memory->seconds;
            }
        }
        QCOMPARE(validations, 10); // none of these is left out
        QCOMPARE(last, 4999.0);
    }

    void numbers_data()
    {
        QTest::addColumn<QString>("got");
        QTest::addColumn<QString>("wanted");
        QTest::newRow("four digits") << format::metric(0.123449) << "0.1234";
        QTest::newRow("small") << format::metric(0.0123449) << "0.01234";
        QTest::newRow("zero") << format::metric(0) << "0.000";
        QTest::newRow("tiny") << format::metric(1.5e-6) << "1.5e-6";
        QTest::newRow("plus") << format::signedMetric(0.5) << "+0.5000";
        QTest::newRow("minus") << format::signedMetric(-0.5) << QStringLiteral("−0.5000");
        QTest::newRow("nan") << format::metric(std::nan("")) << QStringLiteral("–");
        QTest::newRow("thousands") << format::count(1234567) << "1,234,567"; // in the C locale too
        QTest::newRow("GiB") << format::memory(2040109465) << "1.90 GiB";
        QTest::newRow("MiB") << format::memory(512LL << 20) << "512 MiB";
        QTest::newRow("none") << format::memory(-1) << QStringLiteral("–");
        QTest::newRow("one") << format::plural(1, QStringLiteral("1 file"), QStringLiteral("%1 files")) << "1 file";
        QTest::newRow("many") << format::plural(9, QStringLiteral("1 file"), QStringLiteral("%1 files")) << "9 files";
        QTest::newRow("short") << format::duration(3.14) << "3.1 s";
        QTest::newRow("minutes") << format::duration(125) << "2 min 5 s";
        QTest::newRow("hours") << format::duration(3780) << "1 h 3 min";
    }

    void numbers()
    {
        QFETCH(QString, got);
        QFETCH(QString, wanted);
        QCOMPARE(got, wanted);
    }

    void progressIsInItsOwnUnit_data()
    {
        QTest::addColumn<Progress>("progress");
        QTest::addColumn<QString>("text");
        const auto half = [](const char *unit, std::int64_t scale) {
            return Progress{"reading", unit, 2 * scale, 4 * scale, static_cast<double>(scale), 1.2};
        };
        QTest::newRow("bytes") << half("bytes", 1 << 20) << "2.00 MiB of 4.00 MiB · 1.00 MiB/s · 2 s left";
        QTest::newRow("items") << half("items", 1000) << "2,000 of 4,000 items · 1,000 a second · 2 s left";
        QTest::newRow("no end") << Progress{"reading", "rows", 1500, 0, 0, -1} << "1,500 rows";
        QTest::newRow("the end") << Progress{"reading", "rows", 1500, 1500, 0, 0} << "1,500 of 1,500 rows";
        QTest::newRow("long") << Progress{"reading", "rows", 1, 10, 0, 125} << "1 of 10 rows · 2 min 5 s left";
    }

    void progressIsInItsOwnUnit()
    {
        QFETCH(Progress, progress);
        QTEST(progressText(progress), "text");
    }

    void themes()
    {
        Theme &theme = Theme::instance();
        QSignalSpy changed(&theme, &Theme::changed);
        theme.setMode(Theme::Mode::Dark);
        QVERIFY(theme.dark());
        QCOMPARE(theme.accent(), QColor(0xf2, 0xb6, 0x32));
        QVERIFY(contrast(theme.mutedText(), theme.ground()) >= 4.5);
        QVERIFY(contrast(theme.onAccent(), theme.accent()) >= 4.5);
        QVERIFY(contrast(theme.error(), theme.messageGround(theme.error())) >= 3);
        theme.setMode(Theme::Mode::Light);
        QVERIFY(!theme.dark());
        QCOMPARE(theme.accent(), QColor(0xc9, 0x8a, 0x00));
        QVERIFY(contrast(theme.mutedText(), theme.ground()) >= 4.5);
        QVERIFY(contrast(theme.onAccent(), theme.accent()) >= 4.5);
        QVERIFY(changed.count() >= 2);
        theme.setMode(Theme::Mode::System);
    }

    void boxesAndBarsStandOut_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }

    void boxesAndBarsStandOut()
    {
        QFETCH(bool, dark);
        Theme::instance().setMode(dark ? Theme::Mode::Dark : Theme::Mode::Light, false);
        QCheckBox check;
        QRadioButton radio;
        for (QAbstractButton *button :
             {static_cast<QAbstractButton *>(&check), static_cast<QAbstractButton *>(&radio)}) {
            button->resize(button->sizeHint());
            const double open = strongest(*button, button->rect());
            QVERIFY2(open >= 3, qPrintable(QString::number(open)));
            button->setChecked(true);
            QVERIFY(strongest(*button, button->rect()) > open); // the mark
        }
        QProgressBar bar;
        bar.setTextVisible(false);
        bar.resize(200, 8);
        bar.setRange(0, 100);
        bar.setValue(50);
        QVERIFY(strongest(bar, QRect(10, 4, 80, 1)) >= 3);
        QVERIFY(strongest(bar, QRect(110, 4, 80, 1)) < 2.5); // not done yet
        QPushButton button(QStringLiteral("Download"));
        QVERIFY(button.sizeHint().width() >= button.fontMetrics().horizontalAdvance(button.text()) + 24);
        Theme::instance().setMode(Theme::Mode::System, false);
    }

    void everyIconDraws()
    {
        const QStringList names = QDir(QStringLiteral(":/icons")).entryList({QStringLiteral("*.svg")});
        QVERIFY(names.size() > 20);
        for (const QString &file : names) {
            const QImage image = Theme::instance().icon(file.chopped(4)).pixmap(24, 24).toImage();
            bool drawn = false;
            for (int y = 0; y < image.height(); ++y)
                for (int x = 0; x < image.width(); ++x)
                    drawn = drawn || qAlpha(image.pixel(x, y)) > 0;
            QVERIFY2(drawn, qPrintable(file));
        }
    }

    void messageBarOffersAndDismisses()
    {
        MessageBar bar;
        QSignalSpy dismissed(&bar, &MessageBar::dismissed);
        bar.show(MessageBar::Tone::Info, QStringLiteral("one"), QStringLiteral("Undo"));
        QVERIFY(!bar.isHidden());
        bar.show(MessageBar::Tone::Error, QStringLiteral("two"));
        QCOMPARE(dismissed.count(), 1); // the offer before is gone
        bar.dismiss();
        QCOMPARE(dismissed.count(), 2);
        bar.dismiss();
        QCOMPARE(dismissed.count(), 2);
    }

    void windowWalksByKeyboard()
    {
        GuiFixture fixture;
        MainWindow window;
        QVERIFY(window.openProject(fixture.project()));
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        window.activateWindow();
        QCOMPARE(window.page(), MainWindow::Train);
        QTest::keyClick(&window, Qt::Key_1, Qt::ControlModifier);
        QCOMPARE(window.page(), MainWindow::Data);
        QTest::keyClick(&window, Qt::Key_2, Qt::ControlModifier);
        QCOMPARE(window.page(), MainWindow::Encoders);
        QTest::keyClick(&window, Qt::Key_4, Qt::ControlModifier);
        QCOMPARE(window.page(), MainWindow::Explore);
        QTest::keyClick(&window, Qt::Key_5, Qt::ControlModifier);
        QCOMPARE(window.page(), MainWindow::Compare);
        QTest::keyClick(&window, Qt::Key_F1);
        QCOMPARE(window.page(), MainWindow::Help);
        QTest::keyClick(&window, Qt::Key_3, Qt::ControlModifier);
        QCOMPARE(window.page(), MainWindow::Train);
    }

    void windowImportsFromAnywhere()
    {
        DataFixture fixture;
        fixture.import("films");
        MainWindow window;
        QVERIFY(window.openProject(fixture.folder() / "project"));
        window.show();
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        window.setPage(MainWindow::Train);
        QTest::keyClick(&window, Qt::Key_I, Qt::ControlModifier);
        QCOMPARE(window.page(), MainWindow::Data);
        QVERIFY(window.dataPage()->wizardShown());
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
        QVERIFY(!window.dataPage()->wizardShown());

        // Tab comes upon the page's action before its content.
        QTRY_COMPARE(window.dataPage()->model()->rowCount(), 1);
        window.messages()->dismiss();
        window.findChild<NavButton *>()->setFocus();
        QWidget *at = QApplication::focusWidget();
        for (int i = 0; i < 10 && !window.dataPage()->isAncestorOf(at); ++i) {
            QTest::keyClick(at, Qt::Key_Tab);
            at = QApplication::focusWidget();
        }
        QCOMPARE(at, window.dataPage()->importButton());
        QTest::keyClick(at, Qt::Key_Tab);
        QCOMPARE(QApplication::focusWidget(), window.dataPage()->list());
    }

    void windowTakesADatasetToTheTrainPage()
    {
        DataFixture fixture;
        fixture.import("films", 5);
        MainWindow window;
        QVERIFY(window.openProject(fixture.folder() / "project")); // read-only: the fixture holds it
        window.show();
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QTest::keyClick(&window, Qt::Key_1, Qt::ControlModifier);
        QTRY_COMPARE(window.dataPage()->model()->rowCount(), 1);
        window.dataPage()->list()->setFocus();
        QTest::keyClick(window.dataPage()->list(), Qt::Key_Return);
        QCOMPARE(window.page(), MainWindow::Train);
        const run::RunSpec spec = window.trainPage()->form()->spec();
        QCOMPARE(spec.dataset.name, std::string("films"));
        QCOMPARE(spec.dataset.imported, std::filesystem::path("films")); // by its name: the project may be moved
        QCOMPARE(spec.filter.minRating, 5.0);

        // There is no encoder yet: said in words, with the way to one.
        auto *next = window.trainPage()->findChild<EmptyState *>();
        QTRY_COMPARE(next->actionButton()->text(), QStringLiteral("Choose an encoder"));
        next->actionButton()->setFocus();
        QTest::keyClick(next->actionButton(), Qt::Key_Return);
        QCOMPARE(window.page(), MainWindow::Encoders);
    }

    /// Settings may name a dataset of the project: the window finds it as the command line does.
    void windowReadsADatasetByItsName()
    {
        DataFixture fixture;
        fixture.import("films");
        const std::string encoder = (golden() / "tiny-bert").string();
        const auto settings = [&](const std::string &name) {
            fixture.write("run.json", "{\"dataset\": {\"imported\": \"" + name + "\"}, \"encoder\": {\"folder\": \"" +
                                          encoder + "\"}, \"filter\": {\"minUserInteractions\": 2}}");
            return fixture.path("run.json");
        };
        MainWindow window;
        QVERIFY(window.openProject(fixture.folder() / "project"));
        window.show();
        window.setPage(MainWindow::Train);
        TrainPage *page = window.trainPage();
        EstimatePanel *estimate = page->findChild<EstimatePanel *>();
        QVERIFY(page->openSpec(settings("films")));
        QTRY_VERIFY2(estimate->text().startsWith(QLatin1String("About ")), qPrintable(estimate->text()));
        QVERIFY(page->openSpec(settings("books")));
        QTRY_VERIFY2(estimate->text().contains(QLatin1String("the project has no dataset \"books\"")),
                     qPrintable(estimate->text()));
        QVERIFY2(estimate->text().contains(QLatin1String("it has: films")), qPrintable(estimate->text()));
    }

    void windowRestoresItsPlace()
    {
        GuiFixture fixture;
        QSize size;
        {
            MainWindow window;
            window.openProject(fixture.project());
            window.resize(1111, 777);
            window.show();
            window.setPage(MainWindow::Compare);
            size = window.size();
            window.close();
        }
        MainWindow again;
        QCOMPARE(again.page(), MainWindow::Compare);
        QCOMPARE(again.size(), size);
    }

    void windowSaysWhyAProjectDoesNotOpen()
    {
        GuiFixture fixture;
        MainWindow window;
        QVERIFY(!window.openProject(fixture.folder() / "items.csv"));
        QVERIFY(!window.messages()->isHidden());
        QVERIFY(!window.messages()->text().isEmpty());
    }

    void blockMeterSeesABlock()
    {
        BlockMeter meter;
        meter.start();
        QTest::qWait(30);
        std::this_thread::sleep_for(std::chrono::milliseconds(80));
        QTest::qWait(20);
        QVERIFY(meter.longestMs() >= 70);
        QVERIFY(meter.longestCpuMs() < 60); // it slept: that was no work
        QVERIFY(meter.percentileMs(0.5) < 70);
    }

private:
    static double luminance(const QColor &colour)
    {
        const auto linear = [](double c) { return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
        return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
    }

    static double contrast(const QColor &a, const QColor &b)
    {
        const double la = luminance(a);
        const double lb = luminance(b);
        return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
    }

    /// The largest contrast between a pixel of the widget and the theme's ground, where `part` says to look.
    static double strongest(QWidget &widget, const QRect &part)
    {
        const QImage image = widget.grab().toImage();
        double most = 1;
        for (int y = part.top(); y <= part.bottom(); ++y)
            for (int x = part.left(); x <= part.right(); ++x)
                most = std::max(most, contrast(image.pixelColor(x, y), Theme::instance().ground()));
        return most;
    }
};

} // namespace apiary::tests

using apiary::tests::ShellTest;
APIARY_TEST(ShellTest)

#include "test_shell.moc"
