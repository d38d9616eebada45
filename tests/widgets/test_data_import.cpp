#include "data_walk.h"
#include "support/http_server.h"
#include "support/registry.h"
#include "widgets/data/dataset_view.h"
#include "widgets/data/import_step.h"
#include "widgets/data/recipe_panel.h"
#include "widgets/data/rows_model.h"
#include "widgets/data/rules_step.h"
#include "widgets/data/table_preview.h"
#include "widgets/shell/page.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QDoubleSpinBox>
#include <QElapsedTimer>
#include <QFile>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableView>

namespace apiary::tests {

using namespace widgets;
using Reply = HttpServer::Reply;

/// The import, walked with the keyboard.
class DataImportTest : public QObject {
    Q_OBJECT

    static void press(QWidget *widget, Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
    {
        QTest::keyClick(widget, key, modifiers);
    }
    static QString cell(const QAbstractItemModel *model, int row, int column)
    {
        return model->index(row, column).data().toString();
    }

private Q_SLOTS:
    void initTestCase()
    {
        for (const char *name : {"http_proxy", "HTTP_PROXY", "HF_HUB_OFFLINE", "APIARY_OFFLINE"})
            qunsetenv(name);
    }

    void walksFromFilesToADataset()
    {
        DataFixture fixture;
        DataPage page(&fixture.session);
        ImportWizard *wizard = page.wizard();
        const QAbstractItemModelTester preview(wizard->interactions()->model());
        const QAbstractItemModelTester bad(wizard->import()->badRows());
        const QAbstractItemModelTester review(wizard->text()->review());
        openWizard(page);
        QVERIFY(!wizard->nextButton()->isEnabled());
        chooseFiles(wizard, fixture);
        QVERIFY2(wizard->source()->items()->status().contains(QLatin1String("semicolon")),
                 qPrintable(wizard->source()->items()->status()));

        goOn(wizard);
        QCOMPARE(wizard->step(), ImportWizard::Columns);
        const TablePreview *ratings = wizard->interactions();
        QCOMPARE(ratings->column(data::Role::User), std::string("user_id"));
        QCOMPARE(ratings->column(data::Role::Time), std::string("timestamp"));
        QCOMPARE(QApplication::focusWidget(), ratings->header()->choice(0));
        QCOMPARE(cell(ratings->model(), 0, 0), QLatin1String("u0"));

        goOn(wizard);
        QCOMPARE(wizard->step(), ImportWizard::Text);
        TextStep *text = wizard->text();
        QTRY_VERIFY(text->problem().isEmpty());
        QCOMPARE(text->templateEdit()->text(), QLatin1String("{title}. {description}"));
        QVERIFY(text->preview()->toPlainText().startsWith(QLatin1String("Film 0. About &amp; around <b>")));
        for (int rule = 0; rule < 4; ++rule) {
            text->cleaningBox(rule)->setFocus();
            press(text->cleaningBox(rule), Qt::Key_Space);
        }
        QVERIFY(text->preview()->toPlainText().startsWith(QLatin1String("Film 0. About & around number 0")));
        QTRY_COMPARE(text->review()->rowCount(), 1); // the refusal; the empty one has its title
        QCOMPARE(cell(text->review(), 0, 0), QLatin1String("refusal"));
        text->reviewView()->setCurrentIndex(text->review()->index(0, 0));
        QCOMPARE(text->rowChoice()->value(), 4);
        QCOMPARE(text->preview()->toPlainText(), QLatin1String("Film 3."));
        type(text->templateEdit(), QStringLiteral("{description}"));
        QTRY_COMPARE(text->review()->rowCount(), 2);

        goOn(wizard);
        QCOMPARE(wizard->step(), ImportWizard::Rules);
        RulesStep *rules = wizard->rules();
        QCOMPARE(rules->name()->text(),
                 QString::fromStdString(fixture.folder().filename().string())); // "ratings" says nothing
        QVERIFY(rules->timeExample().contains(QLatin1String("2001")));
        type(rules->name(), QStringLiteral("films"));
        rules->rated()->setFocus();
        press(rules->rated(), Qt::Key_Space);
        rules->minUser()->setValue(3);
        press(wizard->nextButton(), Qt::Key_Space);
        QTRY_VERIFY(wizard->import()->done());

        const ImportOutcome *outcome = wizard->import()->outcome();
        QCOMPARE(outcome->report.badTotal, std::int64_t{2});
        QCOMPARE(wizard->import()->badRows()->rowCount(), 2);
        QCOMPARE(cell(wizard->import()->badRows(), 0, 1), QLatin1String("242"));
        QCOMPARE(cell(wizard->import()->badRows(), 0, 2), QLatin1String("rating"));
        QCOMPARE(cell(wizard->import()->badRows(), 1, 1), QLatin1String("243"));
        QCOMPARE(outcome->counts.back().items, std::int64_t{DataFixture::itemCount - 2}); // without a text: gone
        QVERIFY(wizard->import()->summary().contains(QLatin1String("films is in the project")));
        wizard->import()->exportBadRows(fixture.path("bad.csv"));
        QFile exported(fixture.path("bad.csv"));
        QVERIFY(exported.open(QIODevice::ReadOnly));
        QVERIFY(exported.readAll().contains("\"ratings.csv\",242,\"rating\""));

        QCOMPARE(wizard->nextButton()->text(), QLatin1String("Show the dataset"));
        QCOMPARE(QApplication::focusWidget(), wizard->nextButton());
        press(wizard->nextButton(), Qt::Key_Return);
        QVERIFY(!page.wizardShown());
        QTRY_COMPARE(page.model()->rowCount(), 1);
        QCOMPARE(page.model()->dataset(0).name, QLatin1String("films"));
        QTRY_VERIFY(page.view()->loaded());
    }

    void rolesAreTakenByOneColumn()
    {
        DataFixture fixture;
        fixture.write("plain.csv", "a|b|c\nx1|y1|3\nx2|y2|4\n");
        DataPage page(&fixture.session);
        ImportWizard *wizard = page.wizard();
        openWizard(page);
        chooseFiles(wizard, fixture, "plain.csv");
        goOn(wizard);
        TablePreview *table = wizard->interactions();
        table->header()->setRole(0, data::Role::None);
        table->header()->setRole(1, data::Role::None);
        QVERIFY(!wizard->nextButton()->isEnabled());
        QVERIFY2(wizard->hint().contains(QLatin1String("user")), qPrintable(wizard->hint()));
        QVERIFY(table->messages()->isVisible());
        QComboBox *first = table->header()->choice(0);
        first->setFocus();
        press(first, Qt::Key_Down); // –, user
        QCOMPARE(table->column(data::Role::User), std::string("a"));
        table->header()->setRole(1, data::Role::User);
        QCOMPARE(table->column(data::Role::User), std::string("b"));
        QCOMPARE(table->header()->roles()[0], data::Role::None);
        table->header()->setRole(0, data::Role::Item);
        QVERIFY(wizard->nextButton()->isEnabled());

        // Another delimiter: one column, and the roles are asked for again.
        table->delimiterChoice()->setEditText(QStringLiteral(";"));
        Q_EMIT table->delimiterChoice()->activated(table->delimiterChoice()->currentIndex());
        QTRY_COMPARE(table->model()->columnCount(), 1);
        QVERIFY(!wizard->nextButton()->isEnabled());
    }

    void failuresStandBesideTheirCause()
    {
        DataFixture fixture;
        DataPage page(&fixture.session);
        ImportWizard *wizard = page.wizard();
        openWizard(page);
        type(wizard->source()->interactions()->path(), fixture.path("none.csv"));
        QTRY_VERIFY2(wizard->source()->interactions()->status().contains(QLatin1String("none.csv")),
                     qPrintable(wizard->source()->interactions()->status()));
        QVERIFY(!wizard->nextButton()->isEnabled());
        chooseFiles(wizard, fixture);
        goOn(wizard);
        goOn(wizard);
        QTRY_VERIFY(wizard->text()->problem().isEmpty());
        type(wizard->text()->templateEdit(), QStringLiteral("{titel}"));
        QVERIFY(wizard->text()->messages()->isVisible());
        QVERIFY(wizard->text()->messages()->text().contains(QLatin1String("title")));
        QVERIFY(!wizard->nextButton()->isEnabled());
        type(wizard->text()->templateEdit(), QStringLiteral("{title}"));
        QVERIFY(!wizard->text()->messages()->isVisible());
        goOn(wizard);
        QCOMPARE(wizard->step(), ImportWizard::Rules);
        wizard->rules()->duplicates()->setCurrentIndex(
            wizard->rules()->duplicates()->findData(static_cast<int>(data::Duplicates::Error)));
        wizard->rules()->minUser()->setValue(1000);
        goOn(wizard);
        QTRY_VERIFY(wizard->import()->messages()->isVisible()); // nothing is left
        QVERIFY(!wizard->import()->done());
        QVERIFY(fixture.session.project().importedDatasets().empty());
        QCOMPARE(wizard->nextButton()->text(), QLatin1String("Import again"));
        press(wizard, Qt::Key_Left, Qt::AltModifier);
        QCOMPARE(wizard->step(), ImportWizard::Rules);
        wizard->rules()->minUser()->setValue(0);
        goOn(wizard);
        QTRY_VERIFY(wizard->import()->done());

        // The next import begins with nothing chosen.
        page.showWizard(false);
        page.showWizard(true);
        QCOMPARE(wizard->step(), ImportWizard::Source);
        QVERIFY(wizard->spec().interactions.file.empty() && wizard->spec().items.file.empty());
        QVERIFY(wizard->spec().name.empty() && wizard->spec().items.textTemplate.empty());
        QVERIFY(wizard->spec().filter.duplicates == data::ImportSpec().filter.duplicates);

        // The name is taken now: said at the name, with the way out beside it.
        chooseFiles(wizard, fixture);
        goOnToRules(wizard);
        QTRY_VERIFY(!wizard->problem(ImportWizard::Rules).isEmpty());
        QVERIFY(wizard->rules()->replace()->isVisible() && !wizard->nextButton()->isEnabled());
        wizard->rules()->replace()->setChecked(true);
        QVERIFY(wizard->nextButton()->isEnabled());
    }

    void cancelsWithinASecond()
    {
        DataFixture fixture;
        std::string ratings = "user_id,item_id,rating\n";
        for (int row = 0; row < 1'500'000; ++row)
            ratings += "u" + std::to_string(row % 5000) + "," + std::to_string(row % 29) + ",5\n";
        fixture.write("many.csv", ratings);
        DataPage page(&fixture.session);
        ImportWizard *wizard = page.wizard();
        openWizard(page);
        chooseFiles(wizard, fixture, "many.csv");
        goOn(wizard);
        goOn(wizard);
        QTRY_VERIFY(wizard->text()->problem().isEmpty());
        goOn(wizard);
        goOn(wizard);
        QVERIFY(wizard->running());
        QCOMPARE(QApplication::focusWidget(), wizard->import()->cancelButton());
        QElapsedTimer clock;
        clock.start();
        press(wizard->import()->cancelButton(), Qt::Key_Space);
        QTRY_VERIFY_WITH_TIMEOUT(!wizard->running(), 1000);
        QVERIFY(clock.elapsed() < 1000);
        QVERIFY(!wizard->import()->done());
        QVERIFY(wizard->import()->messages()->text().startsWith(QLatin1String("Stopped")));
        QVERIFY(fixture.session.project().importedDatasets().empty());
    }

    void fetchesAKnownDataset()
    {
        DataFixture fixture;
        QFile ratings(fixture.path("ratings.csv")), items(fixture.path("items.csv"));
        QVERIFY(ratings.open(QIODevice::ReadOnly) && items.open(QIODevice::ReadOnly));
        const std::map<std::string, std::string> files{{"/ratings.csv", ratings.readAll().toStdString()},
                                                       {"/items.csv", items.readAll().toStdString()}};
        std::atomic<int> pauseMs = 30;
        std::atomic<int> requests = 0;
        std::atomic<bool> resumed = false;
        HttpServer server([&](const HttpServer::Request &request) {
            ++requests;
            resumed = resumed || !request.header("range").empty();
            const auto found = files.find(request.path);
            if (found == files.end())
                return Reply{.status = 404};
            Reply reply{.body = found->second, .etag = "\"one\""};
            reply.pieceBytes = 200;
            reply.pauseMs = pauseMs;
            return reply;
        });
        const std::string base = server.url();
        using Json = nlohmann::json;
        const Json interactions{
            {"file", "ratings.csv"}, {"user", "user_id"}, {"item", "item_id"}, {"rating", "rating"}};
        const Json catalog{
            {"file", "items.csv"}, {"id", "item_id"}, {"title", "title"}, {"textTemplate", "{title}: {description}"}};
        const auto length = files.at("/ratings.csv").size();
        const Json recipe{
            {"name", "small"},
            {"title", "Small films"},
            {"about", "made up"},
            {"home", "http://localhost"},
            {"licence", "For tests only."},
            {"files", Json::array({Json{{"file", "ratings.csv"}, {"url", base + "/ratings.csv"}, {"bytes", length}},
                                   Json{{"file", "items.csv"},
                                        {"url", base + "/items.csv"},
                                        {"bytes", files.at("/items.csv").size()}}})},
            {"import", Json{{"interactions", interactions}, {"items", catalog}}}};
        Json other = recipe;
        other["name"] = "other";
        other["title"] = "Other films with a title that is much longer than the list is wide, and then some";
        const std::string json = Json{{"recipes", Json::array({recipe, other})}}.dump();
        const QByteArray before = qgetenv("APIARY_HOME");
        qputenv("APIARY_HOME", fixture.path("home").toUtf8());

        DataPage page(&fixture.session);
        ImportWizard *wizard = page.wizard();
        openWizard(page);
        RecipePanel *panel = wizard->source()->recipes();
        QVERIFY(panel->list()->count() > 3); // the built-in ones
        panel->setRecipes(data::parseRecipes(json, "test"));
        wizard->source()->showRecipes(true);
        QCOMPARE(panel->licence(), QLatin1String("For tests only."));
        QCOMPARE(requests, 0);                       // nothing before the terms are accepted
        QVERIFY(!wizard->nextButton()->isVisible()); // the one way on is to get it
        wizard->goTo(ImportWizard::Columns);
        QCOMPARE(wizard->step(), ImportWizard::Source);
        panel->getButton()->setFocus();
        press(panel->getButton(), Qt::Key_Space);
        QTRY_VERIFY2(panel->amount().contains(QLatin1String(" of ")) && !panel->amount().startsWith(u'0'),
                     qPrintable(panel->amount()));
        QCOMPARE(QApplication::focusWidget(), panel->cancelButton()); // in the other's place
        press(panel->cancelButton(), Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(!panel->fetching(), 1000);
        QCOMPARE(QApplication::focusWidget(), panel->getButton());
        QVERIFY(panel->messages()->text().startsWith(QLatin1String("Stopped")));
        QVERIFY(panel->messages()->isVisible());
        panel->list()->setCurrentRow(1);
        QVERIFY(!panel->messages()->isVisible()); // it was of the other
        QVERIFY(panel->list()->visualItemRect(panel->list()->item(1)).height() >
                panel->list()->visualItemRect(panel->list()->item(0)).height()); // no title is cut
        panel->list()->setCurrentRow(0);
        pauseMs = 0;
        panel->getButton()->setFocus();
        press(panel->getButton(), Qt::Key_Space);
        QTRY_COMPARE(wizard->step(), ImportWizard::Columns);
        QVERIFY(resumed);
        QCOMPARE(wizard->items()->column(data::Role::Title), std::string("title"));
        QCOMPARE(wizard->spec().items.textTemplate, std::string("{title}: {description}"));
        QCOMPARE(wizard->spec().recipe, std::string("small"));
        wizard->goTo(ImportWizard::Text);
        QTRY_VERIFY(wizard->text()->problem().isEmpty());
        QVERIFY2(wizard->text()->preview()->toPlainText().startsWith(QLatin1String("Film 0: ")),
                 qPrintable(wizard->text()->templateEdit()->text() + wizard->text()->preview()->toPlainText()));
        qputenv("APIARY_HOME", before);
    }
};

} // namespace apiary::tests

using apiary::tests::DataImportTest;
APIARY_TEST(DataImportTest)

#include "test_data_import.moc"
