#include "core/data/import_files.h"
#include "data_walk.h"
#include "support/registry.h"
#include "widgets/data/dataset_view.h"
#include "widgets/data/import_step.h"
#include "widgets/data/rules_step.h"
#include "widgets/data/table_preview.h"

#include <QApplication>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTabWidget>
#include <QToolButton>
#include <QWindow>

namespace apiary::tests {

using namespace widgets;
using Json = nlohmann::ordered_json;

/// Whatever an import can be told is in the wizard, and what comes out is what the engine makes of the same spec.
class DataWizardTest : public QObject {
    Q_OBJECT

    /// Leaves of the JSON by their paths.
    static std::map<std::string, std::string> leaves(const Json &json)
    {
        std::map<std::string, std::string> result;
        const Json flat = json.flatten();
        for (const auto &[path, value] : flat.items())
            result[path] = value.dump();
        return result;
    }
    static data::ImportSpec filesOf(const DataFixture &fixture)
    {
        data::ImportSpec spec;
        spec.name = "films";
        spec.interactions.file = fixture.folder() / "ratings.csv";
        spec.items.file = fixture.folder() / "items.csv";
        return spec;
    }

private Q_SLOTS:
    /// Two tables in a zip, and texts in a file of their own with ids under another name.
    void archivesAndDescriptions()
    {
        DataFixture fixture;
        std::string items = "id,name,year\n", texts = "book;text;lang\n";
        for (int i = 0; i < DataFixture::itemCount; ++i)
            items += std::to_string(i) + ",Film " + std::to_string(i) + "," + std::to_string(1990 + i) + "\n";
        for (int i = 0; i < DataFixture::itemCount - 2; ++i)
            texts += std::to_string(i) + ";A long description of the film by number " + std::to_string(i) + ";en\n";
        const QByteArray packed = zipped({{"set/README.md", "x"},
                                          {"set/films.csv", QByteArray::fromStdString(items)},
                                          {"set/texts.csv", QByteArray::fromStdString(texts)}});
        fixture.write("set.zip", packed.toStdString());
        DataPage page(&fixture.session);
        ImportWizard *wizard = page.wizard();
        openWizard(page);
        SourceStep *source = wizard->source();
        type(source->interactions()->path(), fixture.path("ratings.csv"));
        for (FileRow *row : {source->items(), source->descriptions()})
            type(row->path(), fixture.path("set.zip"));
        QTRY_COMPARE(source->descriptions()->tables()->count(), 2);
        QTRY_VERIFY(source->items()->tables()->isVisible());
        QCOMPARE(source->items()->tables()->currentText(), QLatin1String("set/films.csv"));
        QCOMPARE(source->items()->file(), fixture.folder() / "set.zip/set/films.csv");
        QComboBox *tables = source->descriptions()->tables();
        tables->setFocus();
        QTest::keyClick(tables, Qt::Key_Down);
        QCOMPARE(source->descriptions()->file(), fixture.folder() / "set.zip/set/texts.csv");
        QTRY_VERIFY2(wizard->problem(ImportWizard::Source).isEmpty(),
                     qPrintable(wizard->problem(ImportWizard::Source)));
        QTRY_VERIFY(source->descriptions()->status().contains(QLatin1String("semicolon")));

        goOn(wizard);
        QCOMPARE(wizard->tables()->count(), 3);
        QCOMPARE(wizard->step(), ImportWizard::Columns);
        TablePreview *descriptions = wizard->descriptions();
        if (descriptions->column(data::Role::Item).empty()) { // "book" says nothing to the guess
            wizard->tables()->setCurrentWidget(descriptions);
            QVERIFY2(wizard->hint().startsWith(QLatin1String("Descriptions: ")), qPrintable(wizard->hint()));
            choose(descriptions->header()->choice(0), data::Role::Item);
        }
        QCOMPARE(descriptions->column(data::Role::Item), std::string("book"));
        choose(descriptions->header()->choice(1), data::Role::Text);
        goOnToText(wizard);
        TextStep *text = wizard->text();
        QCOMPARE(text->titleEdit()->text(), QLatin1String("{name}"));
        QCOMPARE(text->templateEdit()->text(), QLatin1String("{name}. {text}"));
        QCOMPARE(text->preview()->toPlainText(), QLatin1String("Film 0. A long description of the film by number 0"));
        type(text->titleEdit(), QStringLiteral("{name} ({year})"));
        flip(text->allColumns());
        goOn(wizard);
        goOn(wizard);
        QTRY_VERIFY2(wizard->import()->done(), qPrintable(wizard->import()->messages()->text()));
        const data::Dataset dataset = data::readDataset(wizard->import()->outcome()->stored.folder);
        const auto at = static_cast<std::size_t>(
            std::find(dataset.catalog.ids.begin(), dataset.catalog.ids.end(), "5") - dataset.catalog.ids.begin());
        QCOMPARE(dataset.catalog.titles[at], std::string("Film 5 (1995)"));
        QCOMPARE(dataset.catalog.texts[at], std::string("Film 5. A long description of the film by number 5"));
        QVERIFY(dataset.catalog.fields.empty() || dataset.catalog.fields.size() < 4); // those of the templates only
        QVERIFY2(wizard->import()->summary().contains(QLatin1String("2 of 30 items have no description")),
                 qPrintable(wizard->import()->summary()));
    }

    void namesTheDataset_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("name");
        QTest::newRow("by its file") << "books.csv"
                                     << "books";
        QTest::newRow("packed") << "Amazon_2018.csv.gz"
                                << "Amazon_2018";
        QTest::newRow("by its folder") << "my films/interactions.csv"
                                       << "my films";
        QTest::newRow("by a folder further up") << "books/data/ratings.csv"
                                                << "books";
        QTest::newRow("by its archive") << "ml-tiny.zip"
                                        << "ml-tiny"; // not after the folder within
    }
    /// What is offered as a name says what the data are, and not that they are interactions.
    void namesTheDataset()
    {
        QFETCH(QString, file);
        DataFixture fixture;
        const QByteArray rows = "user_id,item_id,rating\nu1,1,5\nu2,2,4\n";
        const std::filesystem::path place = fixture.folder() / file.toStdString();
        std::filesystem::create_directories(place.parent_path());
        const QByteArray bytes = file.endsWith(QLatin1String(".zip"))  ? zipped({{"x/ratings.csv", rows}})
                                 : file.endsWith(QLatin1String(".gz")) ? gzipped(rows)
                                                                       : rows;
        fixture.write(qPrintable(file), bytes.toStdString());
        DataPage page(&fixture.session);
        openWizard(page);
        chooseFiles(page.wizard(), fixture, qPrintable(file));
        goOn(page.wizard());
        QTEST(page.wizard()->rules()->name()->text(), "name");
    }

    void duplicatePolicies_data()
    {
        QTest::addColumn<data::Duplicates>("policy");
        for (const auto policy : {data::Duplicates::Last, data::Duplicates::First, data::Duplicates::Sum,
                                  data::Duplicates::Any, data::Duplicates::Error})
            QTest::newRow(data::nameOf(policy).c_str()) << policy;
    }
    /// What each policy leaves is what the engine makes of it.
    void duplicatePolicies()
    {
        QFETCH(data::Duplicates, policy);
        DataFixture fixture;
        std::string rows = "user_id,item_id,rating,timestamp\n";
        for (int user = 0; user < 20; ++user)
            for (int item = 0; item < 6; ++item)
                for (int again = 0; again <= item % 3; ++again)
                    rows += "u" + std::to_string(user) + "," + std::to_string(item) + "," +
                            std::to_string(1 + (user + 2 * again) % 4) + "," +
                            std::to_string(1'000'000'000 + (again * 7 + user) % 5) + "\n";
        fixture.write("ratings.csv", rows);
        data::ImportSpec spec = filesOf(fixture);
        spec.filter.duplicates = policy;
        spec.filter.minRating = 3;
        DataPage page(&fixture.session);
        ImportWizard *wizard = page.wizard();
        openWizard(page);
        chooseFiles(wizard, fixture);
        goOnToRules(wizard);
        RulesStep *rules = wizard->rules();
        QVERIFY(rules->duplicates()->isVisible());
        choose(rules->duplicates(), policy);
        flip(rules->rated());
        rules->minRating()->setValue(3);
        goOn(wizard);
        if (policy == data::Duplicates::Error) {
            QTRY_VERIFY(wizard->import()->messages()->isVisible());
            QVERIFY2(wizard->import()->messages()->text().contains(QLatin1String("stands a second time")) &&
                         wizard->import()->messages()->text().contains(QLatin1String("ratings.csv:4")),
                     qPrintable(wizard->import()->messages()->text()));
            return;
        }
        QTRY_VERIFY(wizard->import()->done());
        QCOMPARE(wizard->import()->outcome()->stored.hash, data::importDataset(spec).dataset.hash);
    }

    /// Counting once leaves another dataset than counting until all have enough; both are the engine's.
    void kCoreAndCountingOnce()
    {
        DataFixture fixture;
        std::string rows = "user_id,item_id,rating,timestamp\n";
        for (int user = 0; user < 40; ++user)
            for (int k = 0; k < 2 + user % 6; ++k)
                rows +=
                    "u" + std::to_string(user) + "," + std::to_string((user * 7 + k * k * 3) % 30) + ",5,1000000000\n";
        fixture.write("ratings.csv", rows);
        std::vector<std::string> hashes;
        for (const bool kCore : {false, true}) {
            DataPage page(&fixture.session);
            ImportWizard *wizard = page.wizard();
            openWizard(page);
            chooseFiles(wizard, fixture);
            goOnToRules(wizard);
            RulesStep *rules = wizard->rules();
            QVERIFY(!rules->kCore()->isEnabled()); // there is nothing to count
            rules->minItem()->setValue(4);
            rules->minUser()->setValue(4);
            type(rules->name(), kCore ? QStringLiteral("core") : QStringLiteral("once"));
            if (kCore)
                flip(rules->kCore());
            goOn(wizard);
            QTRY_VERIFY2(wizard->import()->done(), qPrintable(wizard->import()->messages()->text()));
            data::ImportSpec spec = filesOf(fixture);
            spec.filter.minItem = spec.filter.minUser = 4;
            spec.filter.kCore = kCore;
            QCOMPARE(wizard->import()->outcome()->stored.hash, data::importDataset(spec).dataset.hash);
            hashes.push_back(wizard->import()->outcome()->stored.hash);
        }
        QVERIFY(hashes[0] != hashes[1]);
    }

    void timeUnits_data()
    {
        QTest::addColumn<data::TimeUnit>("unit");
        QTest::addColumn<QString>("cell");
        QTest::newRow("seconds") << data::TimeUnit::Seconds << "1000000000";
        QTest::newRow("milliseconds") << data::TimeUnit::Milliseconds << "1000000000000";
        QTest::newRow("microseconds") << data::TimeUnit::Microseconds << "1000000000000000";
        QTest::newRow("dates") << data::TimeUnit::Iso << "2001-09-09T01:46:40Z";
    }
    /// Detected, and by hand; the first row's date is shown.
    void timeUnits()
    {
        QFETCH(data::TimeUnit, unit);
        QFETCH(QString, cell);
        DataFixture fixture;
        std::string rows = "user_id,item_id,timestamp\n";
        for (int user = 0; user < 9; ++user)
            rows += "u" + std::to_string(user) + ",1," + cell.toStdString() + "\n";
        fixture.write("ratings.csv", rows);
        DataPage page(&fixture.session);
        ImportWizard *wizard = page.wizard();
        openWizard(page);
        chooseFiles(wizard, fixture);
        goOnToRules(wizard);
        RulesStep *rules = wizard->rules();
        QVERIFY2(rules->timeExample().contains(QLatin1String("2001")), qPrintable(rules->timeExample()));
        choose(rules->timeUnit(), unit);
        QVERIFY2(rules->timeExample().contains(QLatin1String("2001")), qPrintable(rules->timeExample()));
        QCOMPARE(wizard->spec().interactions.timeUnit, unit);
        goOn(wizard);
        QTRY_VERIFY2(wizard->import()->done(), qPrintable(wizard->import()->messages()->text()));
        const data::Dataset dataset = data::readDataset(wizard->import()->outcome()->stored.folder);
        QCOMPARE(dataset.interactions.timestamps.front(), std::int64_t{1'000'000'000});
    }

    /// Everything that an import's spec can say is kept by the wizard that was given it: nothing is out of its reach, and
    /// nothing is lost on the way. A field that is new in the spec fails here until it has a place.
    void keepsEveryField()
    {
        DataFixture fixture;
        fixture.write("wide.txt", "u1|1|3|x|1000000000\nu2|2|4|x|1000000000\n");
        fixture.write("films.txt", "1;Film 1;1990\n2;Film 2;1991\n");
        fixture.write("texts.txt", "1;A text\n2;Another\n");
        data::ImportSpec spec;
        spec.name = "every field";
        spec.recipe = "ml-1m";
        spec.interactions.file = fixture.folder() / "wide.txt";
        spec.interactions.format = {data::FileKind::Delimited, data::Encoding::Latin1, "|", false, false,
                                    {"a", "b", "c", "d", "e"}};
        spec.interactions.user = "a";
        spec.interactions.item = "b";
        spec.interactions.rating = "c";
        spec.interactions.time = "e";
        spec.interactions.timeUnit = data::TimeUnit::Milliseconds;
        spec.items.file = fixture.folder() / "films.txt";
        spec.items.format = {data::FileKind::Delimited, data::Encoding::Windows1252, ";", false, false,
                             {"id", "name", "year"}};
        spec.items.id = "id";
        spec.items.title = ""; // a template takes its place
        spec.items.titleTemplate = "{name} ({year})";
        spec.items.descriptions = fixture.folder() / "texts.txt";
        spec.items.descriptionsFormat = {
            data::FileKind::Delimited, data::Encoding::Latin1, ";", false, false, {"key", "plot"}};
        spec.items.descriptionsId = "key";
        spec.items.textTemplate = "{name}: {plot}";
        spec.items.cleaning = {true, true, true, true};
        spec.items.allColumns = false;
        spec.filter = {data::Duplicates::Sum, 1.125, 2, 3, true};
        spec.guess = false;
        spec.strict = true;
        spec.maxBadShare = 0.125;
        const auto wanted = leaves(data::toJson(spec)), plain = leaves(data::toJson(data::ImportSpec{}));
        for (const auto &[path, value] : wanted)
            if (path != "/items/title")
                QVERIFY2(!plain.contains(path) || plain.at(path) != value, path.c_str()); // else nothing is shown

        DataPage page(&fixture.session);
        ImportWizard *wizard = page.wizard();
        openWizard(page);
        wizard->setSpec(spec);
        QTRY_VERIFY(wizard->problem(ImportWizard::Source).isEmpty());
        wizard->goTo(ImportWizard::Columns);
        goOnToText(wizard);
        wizard->goTo(ImportWizard::Rules);
        QCOMPARE(wizard->step(), ImportWizard::Rules);
        const auto kept = leaves(data::toJson(wizard->spec()));
        for (const auto &[path, value] : wanted)
            QVERIFY2(kept.contains(path) && kept.at(path) == value,
                     (path + " was " + value + ", is " + (kept.contains(path) ? kept.at(path) : "gone")).c_str());
        QCOMPARE(kept.size(), wanted.size());
    }

    /// Escape closes what is on top: an open list, not the wizard beneath.
    void escapeClosesAListFirst()
    {
        DataFixture fixture;
        DataPage page(&fixture.session);
        ImportWizard *wizard = page.wizard();
        openWizard(page);
        chooseFiles(wizard, fixture);
        goOn(wizard);
        QComboBox *list = wizard->interactions()->delimiterChoice();
        list->setFocus();
        list->showPopup();
        QTRY_VERIFY(QApplication::activePopupWidget());
        QTest::keyClick(QApplication::activePopupWidget()->windowHandle(), Qt::Key_Escape);
        QTRY_VERIFY(!QApplication::activePopupWidget());
        QVERIFY(page.wizardShown());
    }

    /// The parts of a format and of bad rows, by hand.
    void formatsByHand()
    {
        DataFixture fixture;
        fixture.write("plain.txt", "u1 1 3\nu2 2 4\nu3 3 \"\n");
        DataPage page(&fixture.session);
        ImportWizard *wizard = page.wizard();
        openWizard(page);
        chooseFiles(wizard, fixture, "plain.txt");
        goOn(wizard);
        TablePreview *table = wizard->interactions();
        const auto settled = [table] { return !table->busy() && table->read(); };
        table->delimiterChoice()->setFocus();
        table->delimiterChoice()->lineEdit()->selectAll();
        QTest::keyClicks(table->delimiterChoice(), QStringLiteral(" "));
        QTest::keyClick(table->delimiterChoice(), Qt::Key_Return);
        QTRY_COMPARE(table->format().delimiter, std::string(" "));
        QTRY_VERIFY2(table->badRows()->text().contains(QLatin1String("quote")),
                     qPrintable(table->badRows()->text())); // the last row's
        QVERIFY(table->badRows()->isVisible());
        flip(table->quotesBox());
        QTRY_VERIFY(settled() && !*table->format().quotes);
        if (table->format().header.value_or(true)) {
            flip(table->headerBox());
            QTRY_VERIFY(settled() && !*table->format().header);
        }
        QVERIFY(table->namesEdit()->isVisible());
        type(table->namesEdit(), QStringLiteral("user, item, stars"));
        QTest::keyClick(table->namesEdit(), Qt::Key_Return);
        QTRY_COMPARE(table->format().columns, (std::vector<std::string>{"user", "item", "stars"}));
        QTRY_VERIFY(settled());
        QCOMPARE(table->preview()->columns, (std::vector<std::string>{"user", "item", "stars"}));
        QCOMPARE(table->column(data::Role::User), std::string("user"));
        choose(table->encodingChoice(), data::Encoding::Latin1);
        QTRY_COMPARE(table->format().encoding, data::Encoding::Latin1);
        QTRY_VERIFY(settled());
        QCOMPARE(table->column(data::Role::User), std::string("user")); // roles stay
        choose(table->header()->choice(2), data::Role::Rating);
        goOnToText(wizard);
        goOn(wizard);
        RulesStep *rules = wizard->rules();
        rules->badShare()->setValue(40);
        goOn(wizard);
        QTRY_VERIFY2(wizard->import()->done(), qPrintable(wizard->import()->messages()->text()));
        QCOMPARE(wizard->import()->outcome()->report.badTotal, std::int64_t{1}); // the quote is no number

        wizard->goTo(ImportWizard::Rules);
        type(rules->name(), QStringLiteral("strict"));
        flip(rules->strict());
        goOn(wizard);
        QTRY_VERIFY(wizard->import()->messages()->isVisible());
        QVERIFY2(wizard->import()->messages()->text().contains(QLatin1String("plain.txt:3")),
                 qPrintable(wizard->import()->messages()->text()));
    }

    /// A dataset's own import, once more with another rule.
    void importsAgain()
    {
        DataFixture fixture;
        fixture.import("films");
        DataPage page(&fixture.session);
        openPage(page);
        QTRY_VERIFY(page.view()->loaded());
        page.view()->againButton()->setFocus();
        QTest::keyClick(page.view()->againButton(), Qt::Key_Space);
        QVERIFY(page.wizardShown());
        ImportWizard *wizard = page.wizard();
        QCOMPARE(wizard->source()->items()->path()->text(), fixture.path("items.csv"));
        QTRY_VERIFY(wizard->problem(ImportWizard::Source).isEmpty());
        goOnToRules(wizard);
        QCOMPARE(wizard->rules()->minRating()->value(), 4.0);
        QCOMPARE(wizard->rules()->name()->text(), QLatin1String("films"));
        flip(wizard->rules()->replace());
        wizard->rules()->minUser()->setValue(2);
        goOn(wizard);
        QTRY_VERIFY(wizard->import()->done());
        QCOMPARE(fixture.session.project().importedDatasets().size(), 1U);
        QCOMPARE(wizard->import()->outcome()->counts.back().step, std::string("users with at least 2"));
    }
};

} // namespace apiary::tests

using apiary::tests::DataWizardTest;
APIARY_TEST(DataWizardTest)

#include "test_data_wizard.moc"
