#include "base/error.h"
#include "gui_fixture.h"
#include "recsys/registry.h"
#include "run/spec_fields.h"
#include "support/registry.h"
#include "widgets/shell/main_window.h"
#include "widgets/shell/page.h"
#include "widgets/shell/project_model.h"
#include "widgets/shell/run_bar.h"
#include "widgets/shell/run_controller.h"
#include "widgets/train/config_form.h"
#include "widgets/train/curve_plot.h"
#include "widgets/train/estimate_panel.h"
#include "widgets/train/field_editor.h"
#include "widgets/train/run_list_model.h"
#include "widgets/train/train_page.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QElapsedTimer>
#include <QItemSelectionModel>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QToolButton>
#include <algorithm>

namespace apiary::tests {

using namespace widgets;

class TrainTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void formKeepsASpec_data()
    {
        QTest::addColumn<QString>("preset");
        for (const char *name : {"default", "quickstart", "paper"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }

    void formKeepsASpec()
    {
        QFETCH(QString, preset);
        run::RunSpec spec = run::preset(preset.toStdString());
        spec.training.learningRate = 1.2345678901234567e-5; // every digit
        spec.training.memoryBudget = 1234567891;            // no whole number of MiB
        spec.seed = 9007199254740991;
        ConfigForm form;
        form.setSpec(spec);
        QVERIFY(form.spec() == spec);
        QCOMPARE(form.changes(), 0);
    }

    /// The settings of the split are those of the chosen scenario, in its words.
    void settingsFollowTheScenario()
    {
        ConfigForm form;
        form.resize(380, 700);
        form.show();
        const auto kind = form.editor(QStringLiteral("scenario.kind"));
        const auto shown = [&form](const char *path) {
            return !form.editor(QLatin1String("scenario.") + QLatin1String(path))->isHidden();
        };
        const auto choose = [kind](const char *name) {
            qobject_cast<QComboBox *>(kind->input())->setCurrentText(QLatin1String(name));
        };
        QVERIFY(shown("testShare") && shown("validationShare") && !shown("folds") && !shown("folder"));
        choose("ready-made");
        QVERIFY(!shown("testShare") && !shown("validationShare") && shown("folder"));
        QVERIFY(form.editor(QStringLiteral("scenario.folder"))->findChild<QToolButton *>()); // to browse
        choose("user-split");
        QVERIFY(!shown("testShare") && shown("folds") && shown("fold") && shown("sourceShare"));
        choose("time-split");
        QVERIFY(shown("testShare") && !shown("folds"));
        const auto labels = form.editor(QStringLiteral("scenario.testShare"))->findChildren<QLabel *>();
        QVERIFY(std::any_of(labels.begin(), labels.end(),
                            [](const QLabel *label) { return label->text() == QLatin1String("of the interactions"); }));
    }

    /// No field is wider than the form, folded or not.
    void cutsNoField()
    {
        ConfigForm form;
        form.resize(form.minimumSizeHint().width(), 700);
        form.show();
        for (QToolButton *button : form.findChildren<QToolButton *>())
            if (button->text().contains(QLatin1String("more field")))
                button->click();
        for (const char *kind : {"cold-start", "time-split", "user-split", "ready-made"}) {
            run::RunSpec spec;
            spec.scenario.kind = kind;
            form.setSpec(spec);
            auto *scroll = form.findChild<QScrollArea *>();
            QTRY_VERIFY2(scroll->widget()->width() <= scroll->viewport()->width(), kind);
        }
    }

    void addsRecommendersFromAMenu()
    {
        FieldEditor *editor = nullptr;
        ConfigForm form;
        editor = form.editor(QStringLiteral("evaluation.recommenders"));
        const QMenu *menu = editor->findChild<QToolButton *>()->menu();
        QCOMPARE(menu->actions().size(), qsizetype(recsys::recommenders().size()));
        run::RunSpec spec;
        spec.evaluation.recommenders = "popularity";
        form.setSpec(spec);
        for (QAction *action : menu->actions())
            if (action->text().contains(QLatin1String("(ease)"))) {
                QVERIFY(action->toolTip().contains(QLatin1String("lambda=")));
                action->trigger();
            }
        QCOMPARE(form.spec().evaluation.recommenders, std::string("popularity, ease"));
    }

    /// A failure within a field's value is told by the field's name.
    void namesTheFieldOfAPlaceWithin()
    {
        const InputError error("is no parameter of ease", "evaluation.recommenders, ease(lam=3), lam", "take lambda");
        QCOMPARE(settingOf(error), std::string("evaluation.recommenders"));
        QCOMPARE(describeSetting(error),
                 QStringLiteral("Compare with: ease(lam=3), lam: is no parameter of ease\ntake lambda"));
    }

    void formShowsEveryField()
    {
        ConfigForm form;
        for (const run::FieldInfo &field : run::fields())
            QVERIFY2(form.editor(QString::fromStdString(field.path)), field.path.c_str());
    }

    void changesAreMarkedAndReset()
    {
        ConfigForm form;
        form.setSpec(run::preset("quickstart"));
        auto *box = qobject_cast<NumberBox *>(form.editor(QStringLiteral("training.learningRate"))->input());
        QVERIFY(box);
        box->stepBy(1);
        QCOMPARE(form.changes(), 1);
        QVERIFY(std::abs(form.spec().training.learningRate - 5.1e-5) < 1e-12);
        box->stepBy(-1);
        QCOMPARE(form.changes(), 0);
        auto *dropout = qobject_cast<QCheckBox *>(form.editor(QStringLiteral("training.dropout"))->input());
        dropout->click();
        QVERIFY(!form.spec().training.dropout);
        QCOMPARE(form.changes(), 1);
        QToolButton *reset = nullptr;
        for (QToolButton *button : form.findChildren<QToolButton *>())
            if (button->accessibleName().startsWith(QLatin1String("Reset Dropout")))
                reset = button;
        QVERIFY(reset);
        reset->click();
        QCOMPARE(form.changes(), 0);
        QVERIFY(form.spec().training.dropout);
    }

    void numbersHaveBounds()
    {
        NumberBox box(false, 0.001, 0.9);
        QString text = QStringLiteral("0.95");
        int at = 0;
        QCOMPARE(box.validate(text, at), QValidator::Intermediate);
        text = QStringLiteral("0.5");
        QCOMPARE(box.validate(text, at), QValidator::Acceptable);
        text = QStringLiteral("a");
        QCOMPARE(box.validate(text, at), QValidator::Invalid);
        NumberBox whole(true, 0, 100);
        text = QStringLiteral("2.5");
        QCOMPARE(whole.validate(text, at), QValidator::Intermediate);
        box.setValue(0.9);
        box.stepBy(5);
        QCOMPARE(box.value(), 0.9);
        NumberBox rate(false, 1e-12, 1);
        rate.setValue(1e-5);
        rate.stepBy(-1);
        QCOMPARE(NumberBox::text(rate.value()), QStringLiteral("9.9e-06"));
    }

    void mistakesStandAtTheirField()
    {
        GuiFixture fixture;
        MainWindow window;
        QVERIFY(window.openProject(fixture.project()));
        run::RunSpec spec = fixture.spec();
        spec.dataset.items = fixture.folder() / "nothing.csv";
        window.trainPage()->setSpec(spec);
        window.trainPage()->start();
        QVERIFY(!window.controller().active());
        QVERIFY(!window.trainPage()->formMessages()->isHidden());
        const QString text = window.trainPage()->formMessages()->text();
        QVERIFY2(text.startsWith(QLatin1String("Items file: there is no such file")), qPrintable(text));
        QWidget *field = window.trainPage()->form()->editor(QStringLiteral("dataset.items"))->input();
        QVERIFY(field->palette().color(QPalette::Base) != window.palette().color(QPalette::Base));
        window.trainPage()->setSpec(fixture.spec()); // mended
        QVERIFY(window.trainPage()->formMessages()->isHidden());
    }

    void missingSettingsAreSaidInWords_data()
    {
        QTest::addColumn<QString>("missing");
        QTest::addColumn<QString>("failure");
        QTest::addColumn<QString>("next");
        QTest::newRow("nothing") << QString() << QString() << "Start training";
        QTest::newRow("encoder") << "encoder.folder"
                                 << "No encoder is chosen."
                                 << "Choose an encoder";
        QTest::newRow("data") << "dataset.interactions"
                              << "No dataset is chosen."
                              << "Choose a dataset";
        QTest::newRow("items") << "dataset.items"
                               << "The field Items file is empty."
                               << "Choose a dataset";
    }
    /// Before a run and on its start: which setting is missing, by its name on the page, and what to do.
    void missingSettingsAreSaidInWords()
    {
        QFETCH(QString, missing);
        QFETCH(QString, failure);
        QFETCH(QString, next);
        GuiFixture fixture;
        MainWindow window;
        QVERIFY(window.openProject(fixture.project()));
        window.show();
        TrainPage *page = window.trainPage();
        page->setSpec(fixture.spec());
        if (!missing.isEmpty()) {
            page->form()->editor(missing)->setValue("");
            Q_EMIT page->form()->editor(missing)->edited();
        }
        auto *empty = page->findChild<EmptyState *>();
        QSignalSpy checked(page->findChild<EstimatePanel *>(), &EstimatePanel::checked);
        QTRY_VERIFY(!checked.isEmpty());
        QCOMPARE(empty->actionButton()->text(), next);
        QStringList said;
        for (const QLabel *label : empty->findChildren<QLabel *>())
            said << label->text();
        QCOMPARE(said.join(u' ').contains(QLatin1String("ready to go")), missing.isEmpty());
        if (missing.isEmpty())
            return;
        QVERIFY2(said.join(u' ').contains(failure), qPrintable(said.join(u' ')));
        page->start();
        QVERIFY2(page->formMessages()->text().startsWith(failure + u'\n'), qPrintable(page->formMessages()->text()));
        QVERIFY(!page->formMessages()->text().contains(missing));
    }

    void trainingFromStartToFinish()
    {
        GuiFixture fixture;
        MainWindow window;
        QVERIFY(window.openProject(fixture.project()));
        window.resize(1200, 800);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        TrainPage *page = window.trainPage();
        QAbstractItemModelTester tester(page->runList()->model(),
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        page->setSpec(fixture.spec(6));
        QSignalSpy finished(&window.controller(), &RunController::finished);
        QTest::mouseClick(page->findChild<QPushButton *>(QStringLiteral("start")), Qt::LeftButton);
        QVERIFY(window.controller().active());
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 60000);
        const RunState &state = window.controller().state();
        QVERIFY2(state.status == run::RunStatus::Finished, qPrintable(state.message));
        QCOMPARE(state.step, 6);

        const RunCurves &live = *page->curves()->runs().front().curves;
        QCOMPARE(live.step.size(), 6);
        QVERIFY(live.validation.at(QStringLiteral("ndcg@100")).step.size() >= 3);
        QVERIFY(!live.memoryTime.isEmpty());
        QCOMPARE(window.session().runs().size(), 1U);
        QCOMPARE(window.session().currentRun(), state.run);

        // What grew live is what the store gives back.
        const RunCurves stored = loadCurves(window.session().project(), window.session().runs().front());
        QCOMPARE(stored.loss, live.loss);
        QCOMPARE(stored.bestStep, live.bestStep);

        // The run can be deleted, and that undone.
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        page->runList()->setFocus();
        QCOMPARE(page->runList()->selectionModel()->selectedRows().size(), 1);
        QTest::keyClick(page->runList(), Qt::Key_Delete);
        QVERIFY2(window.session().runs().empty(),
                 qPrintable(page->messages()->text() + QStringLiteral(" / focus: ") +
                            (QApplication::focusWidget()
                                 ? QApplication::focusWidget()->objectName() +
                                       QLatin1String(QApplication::focusWidget()->metaObject()->className())
                                 : QString())));
        QVERIFY(!page->messages()->isHidden());
        for (QPushButton *button : page->messages()->findChildren<QPushButton *>())
            button->click();
        QCOMPARE(window.session().runs().size(), 1U);

        // Its settings come back into the form.
        page->setSpec(run::preset("default"));
        for (QAction *action : page->runList()->actions())
            if (action->shortcut().isEmpty())
                action->trigger();
        QVERIFY(page->form()->spec().training.maxSteps == 6);
    }

    void pauseResumeAndStopWithinASecond()
    {
        GuiFixture fixture;
        MainWindow window;
        QVERIFY(window.openProject(fixture.project()));
        window.show();
        RunController &controller = window.controller();
        window.trainPage()->setSpec(fixture.spec(100000));
        window.trainPage()->start();
        QTRY_VERIFY_WITH_TIMEOUT(controller.state().step >= 3, 60000);
        const auto &shown = window.trainPage()->curves()->runs();
        QTRY_VERIFY(!shown.empty() && shown.front().curves->step.size() >= 3);

        // Pages change while it goes on.
        for (const auto place : {MainWindow::Explore, MainWindow::Compare, MainWindow::Help, MainWindow::Train}) {
            window.setPage(place);
            QTest::qWait(20);
            QCOMPARE(window.page(), place);
        }
        const int before = controller.state().step;
        QTRY_VERIFY(controller.state().step > before);
        QVERIFY(window.runBar()->text().contains(QLatin1String("tiny-bert")));

        QTest::mouseClick(window.findChild<QPushButton *>(QStringLiteral("pause")), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(controller.state().paused, 5000);
        const int paused = controller.state().step;
        QTest::qWait(200);
        QCOMPARE(controller.state().step, paused);
        controller.resume();
        QTRY_VERIFY_WITH_TIMEOUT(controller.state().step > paused, 5000);

        QSignalSpy finished(&controller, &RunController::finished);
        QElapsedTimer clock;
        clock.start();
        controller.stop();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 5000);
        QVERIFY2(clock.elapsed() < 1000, qPrintable(QString::number(clock.elapsed())));
        QVERIFY(controller.state().status == run::RunStatus::Stopped);
        QCOMPARE(QString::fromStdString(window.session().runs().front().status), QStringLiteral("stopped"));
    }

    void stopWakesAPausedRun()
    {
        GuiFixture fixture;
        MainWindow window;
        QVERIFY(window.openProject(fixture.project()));
        window.trainPage()->setSpec(fixture.spec(100000));
        window.trainPage()->start();
        QTRY_VERIFY_WITH_TIMEOUT(window.controller().state().step >= 1, 60000);
        window.controller().pause();
        QTRY_VERIFY_WITH_TIMEOUT(window.controller().state().paused, 5000);
        window.controller().stop();
        QTRY_VERIFY_WITH_TIMEOUT(!window.controller().active(), 2000);
    }

    void closingAsksOnceAndStops()
    {
        GuiFixture fixture;
        MainWindow window;
        QVERIFY(window.openProject(fixture.project()));
        window.show();
        window.trainPage()->setSpec(fixture.spec(100000));
        window.trainPage()->start();
        QTRY_VERIFY_WITH_TIMEOUT(window.controller().state().step >= 1, 60000);
        QVERIFY(!window.close());
        QVERIFY(!window.messages()->isHidden());
        QVERIFY(window.controller().active());
        QVERIFY(window.close());
        QVERIFY(!window.controller().active());
    }

    void failureIsShown()
    {
        GuiFixture fixture;
        MainWindow window;
        QVERIFY(window.openProject(fixture.project()));
        run::RunSpec spec = fixture.spec();
        spec.dataset.userColumn = "nobody";
        window.trainPage()->setSpec(spec);
        QSignalSpy finished(&window.controller(), &RunController::finished);
        window.trainPage()->start();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 20000);
        QVERIFY(window.controller().state().status == run::RunStatus::Failed);
        QVERIFY2(window.trainPage()->messages()->text().contains(QLatin1String("nobody")),
                 qPrintable(window.trainPage()->messages()->text()));
    }
};

} // namespace apiary::tests

using apiary::tests::TrainTest;
APIARY_TEST(TrainTest)

#include "test_train.moc"
