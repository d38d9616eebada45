#include "data_walk.h"
#include "support/assets.h"
#include "support/registry.h"
#include "widgets/data/dataset_view.h"
#include "widgets/data/left_out_view.h"
#include "widgets/data/length_plot.h"
#include "widgets/data/parts.h"
#include "widgets/data/plot_panel.h"
#include "widgets/data/rank_plot.h"
#include "widgets/data/rows_model.h"
#include "widgets/data/rules_step.h"
#include "widgets/shell/page.h"
#include "widgets/theme/theme.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QFile>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <algorithm>
#include <cmath>

namespace apiary::tests {

using namespace widgets;
namespace fs = std::filesystem;

/// The page of datasets: its empty state, the view of one, finding items and users, removing, using.
class DataPageTest : public QObject {
    Q_OBJECT

    static QString cell(const QAbstractItemModel *model, int row, int column)
    {
        return model->index(row, column).data().toString();
    }

private Q_SLOTS:
    void emptyStateLeadsToTheImport()
    {
        DataFixture fixture;
        DataPage page(&fixture.session);
        openPage(page);
        QTRY_VERIFY(page.isEmpty());
        auto *action = page.emptyState()->findChild<QPushButton *>();
        QVERIFY(action->isVisible());
        action->setFocus();
        QTest::keyClick(action, Qt::Key_Space);
        QVERIFY(page.wizardShown() && !page.isEmpty());
        QCOMPARE(QApplication::focusWidget(), page.wizard()->source()->interactions()->path());
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
        QVERIFY(!page.wizardShown() && page.isEmpty());
    }

    void showsWhatIsInADataset()
    {
        DataFixture fixture;
        fixture.import("films");
        DataPage page(&fixture.session);
        const QAbstractItemModelTester list(page.model());
        const QAbstractItemModelTester steps(page.view()->steps());
        const QAbstractItemModelTester itemCurve(page.view()->itemCurve());
        const QAbstractItemModelTester userCurve(page.view()->userCurve());
        openPage(page);
        QTRY_COMPARE(page.model()->rowCount(), 1);
        QCOMPARE(cell(page.model(), 0, DatasetListModel::Name), QLatin1String("films"));
        DatasetView *view = page.view();
        QTRY_VERIFY2(view->loaded(), qPrintable(view->messages()->text()));
        const QAbstractItemModel *counts = view->steps();
        QVERIFY(counts->rowCount() >= 3);
        QCOMPARE(cell(counts, 0, 3), QLatin1String("240")); // as read
        QCOMPARE(cell(counts, counts->rowCount() - 1, 3), format::count(page.model()->dataset(0).interactions));
        QVERIFY(page.model()->dataset(0).interactions < 240); // the rating of 2 goes
        QVERIFY(view->fact(QLatin1String("Bad rows")).startsWith(QLatin1String("2")));

        const double users = page.model()->dataset(0).users, items = page.model()->dataset(0).items;
        const QString density = view->fact(QLatin1String("Density of X"));
        QCOMPARE(density,
                 format::number(100 * page.model()->dataset(0).interactions / users / items, 3) + QLatin1String(" %"));
        QTRY_VERIFY(view->fact(QStringLiteral("Density of XᵀX")).endsWith(QLatin1String(" %")));

        QVERIFY(view->ranks()->accessibleDescription().contains(QLatin1String("most popular")));
        QVERIFY(view->ranks()->csv().count(u'\n') > 30);
        QVERIFY(!view->tableShown());
        page.toggleTable();
        QVERIFY(view->tableShown());
        QCOMPARE(view->itemCurve()->rowCount(), DataFixture::itemCount); // a table a series
        QCOMPARE(view->userCurve()->rowCount(), DataFixture::userCount);
        QCOMPARE(view->ranks()->csv().count(u'\n'), 1 + DataFixture::itemCount + DataFixture::userCount);
        QCOMPARE(cell(view->userCurve(), 0, 0), QLatin1String("1"));
        QCOMPARE(cell(view->userCurve(), DataFixture::userCount - 1, 2), QLatin1String("100.0 %"));
        page.toggleTable();
        QVERIFY(!view->tableShown());

        // Each plot has both buttons, and its own table.
        QTest::mouseClick(view->lengthPanel()->tableButton(), Qt::LeftButton);
        QVERIFY(view->lengthPanel()->tableShown() && !view->rankPanel()->tableShown());
        QVERIFY(view->lengthPanel()->exportButton()->isVisible() && view->rankPanel()->exportButton()->isVisible());
        view->lengthPanel()->exportTo(fixture.path("lengths.csv"));
        QVERIFY(QFile(fixture.path("lengths.csv")).size() > 10);
    }

    /// No title is narrower than its text, and steps with long names take a second line.
    void cutsNoText()
    {
        DataFixture fixture;
        data::ImportSpec spec = fixture.spec("films");
        spec.filter.minItem = spec.filter.minUser = 3;
        spec.filter.kCore = true;
        fixture.import(spec);
        DataPage page(&fixture.session);
        openPage(page);
        QTRY_VERIFY(page.view()->loaded());
        const QTableView *steps = page.view()->stepList();
        bool core = false;
        for (int row = 0; row < steps->model()->rowCount(); ++row) {
            const QString text = cell(steps->model(), row, 0);
            core = core || text.startsWith(QLatin1String("3-core"));
            const QRect room(0, 0, steps->columnWidth(0) - 8, 1000);
            QVERIFY2(steps->fontMetrics().boundingRect(room, Qt::TextWordWrap, text).height() <= steps->rowHeight(row),
                     qPrintable(text));
        }
        QVERIFY(core);
        QCOMPARE(steps->verticalScrollBar()->maximum(), 0);
        page.toggleTable();
        for (const QTableView *list : page.findChildren<QTableView *>())
            for (int column = 0; list->isVisible() && column < list->model()->columnCount(); ++column)
                QVERIFY2(
                    list->columnWidth(column) >= list->horizontalHeader()->sectionSizeHint(column),
                    qPrintable(list->accessibleName() + QStringLiteral(" %1: %2 of %3")
                                                            .arg(column)
                                                            .arg(list->columnWidth(column))
                                                            .arg(list->horizontalHeader()->sectionSizeHint(column))));
        page.resize(700, 600); // and back: rows that took a second line give it up again
        QTest::qWait(50);
        page.resize(2400, 1200);
        QTRY_COMPARE(steps->rowHeight(steps->model()->rowCount() - 1), steps->rowHeight(0));
    }

    /// The last bin holds what is longer, and says so wherever it stands.
    void marksTheOpenBin()
    {
        data::LengthHistogram histogram;
        histogram.binWidth = 100;
        histogram.bins = {5, 9, 0, 3};
        histogram.shortest = 12;
        histogram.longest = 1024;
        LengthPlot plot;
        plot.resize(420, 220);
        plot.present(histogram, 256);
        plot.drawNow();
        QCOMPARE(plot.binText(1), QStringLiteral("100–199"));
        QCOMPARE(plot.binText(3), QStringLiteral("≥ 300"));
        QVERIFY2(plot.csv().endsWith(QStringLiteral("\"≥ 300\",300,3\n")), qPrintable(plot.csv()));
        const auto labels = plot.findChildren<QCPItemText *>();
        QVERIFY(std::any_of(labels.begin(), labels.end(),
                            [](const QCPItemText *label) { return label->text() == QStringLiteral("≥ 300"); }));
        // Nothing that is drawn in the panel crosses the note.
        const auto *note = qobject_cast<QCPTextElement *>(plot.plotLayout()->element(0, 0));
        QVERIFY(note && note->text() == plot.note() && note->text().contains(QLatin1String("limit 256")));
        QVERIFY(note->outerRect().bottom() <= plot.axisRect(0)->rect().top());
        histogram.longest = 399;
        plot.present(histogram);
        QCOMPARE(plot.binText(3), QStringLiteral("300–399"));
    }

    void listsWhatWasLeftOut()
    {
        DataFixture fixture;
        fixture.import("films");
        DataPage page(&fixture.session);
        const LeftOutView *left = page.view()->leftOut();
        const QAbstractItemModelTester bad(left->badRows());
        openPage(page);
        QTRY_VERIFY(page.view()->loaded());
        page.view()->tabs()->setCurrentIndex(3);
        QTRY_COMPARE(left->badRows()->rowCount(), 2);
        QCOMPARE(cell(left->badRows(), 1, 1), QLatin1String("243"));
        QVERIFY(!cell(left->badRows(), 1, 3).isEmpty());
        QTRY_COMPARE(left->texts()->rowCount(), 1);
        QCOMPARE(cell(left->texts(), 0, 0), QLatin1String("refusal, kept")); // no rule said otherwise
        QVERIFY2(left->textHead().contains(QLatin1String("kept")), qPrintable(left->textHead()));
    }

    /// Every kind of row that is not in the dataset, with its count; from the steps alone where the card is older.
    void countsEveryKindLeftOut()
    {
        DataFixture fixture;
        fixture.write("ratings.csv", "user_id,item_id,rating\nu1,1,5\nu1,1,5\nu1,2,1\nu1,999,5\nu2,1,x\nu2,3,5\n");
        data::ImportSpec spec = fixture.spec("films");
        spec.maxBadShare = 0.5;
        fixture.import(spec);
        const auto kinds = [](const DataPage &page) {
            QStringList rows;
            const QAbstractItemModel *model = page.view()->leftOut()->kinds();
            for (int row = 0; row < model->rowCount(); ++row)
                rows << cell(model, row, 2) + u' ' + cell(model, row, 0) + u' ' +
                            cell(model, row, 1).section(u':', 0, 0);
            return rows;
        };
        {
            DataPage page(&fixture.session);
            openPage(page);
            QTRY_VERIFY(page.view()->loaded());
            QCOMPARE(kinds(page), (QStringList{"1 rows column rating is no finite number",
                                               "1 interactions repeats a pair of user and item",
                                               "1 interactions has a rating below 4",
                                               "1 interactions names an item that the items file does not have",
                                               "28 items is in no interaction that is left"}));
        }
        const fs::path card = fixture.session.project().importedDataset("films").folder / "dataset.json";
        std::ifstream in(card);
        auto json = nlohmann::ordered_json::parse(in);
        json.erase("leftOut");
        std::ofstream(card) << json.dump();
        DataPage page(&fixture.session);
        openPage(page);
        QTRY_VERIFY(page.view()->loaded());
        QCOMPARE(kinds(page).size(), 4);
        QCOMPARE(kinds(page)[2], QStringLiteral("1 interactions does not pass the step \"rating at least 4\""));
    }

    void groupsTheCountsOfWarnings()
    {
        QCOMPARE(warningText("12345 rows repeat a pair of user and item; the first left out is line 10432"),
                 QStringLiteral("12,345 rows repeat a pair of user and item; the first left out is line 10432"));
        QCOMPARE(warningText("1200 of 34567 items have no description"),
                 QStringLiteral("1,200 of 34,567 items have no description"));
        QCOMPARE(warningText("an item \"2001\" in line 1234 of a.csv"),
                 QStringLiteral("an item \"2001\" in line 1234 of a.csv"));
    }

    void saysThatNothingWasLeftOut()
    {
        DataFixture fixture;
        fixture.write("ratings.csv", "user_id,item_id,rating\nu1,1,5\nu1,2,5\n");
        fixture.write("items.csv", "item_id,title\n1,One\n2,Two\n");
        fixture.import("films");
        DataPage page(&fixture.session);
        openPage(page);
        QTRY_VERIFY(page.view()->loaded());
        QVERIFY(page.view()->leftOut()->nothing());
    }

    void findsItemsAndUsers()
    {
        DataFixture fixture;
        fixture.import("films");
        DataPage page(&fixture.session);
        DatasetView *view = page.view();
        const QAbstractItemModelTester items(view->items());
        const QAbstractItemModelTester users(view->users());
        openPage(page);
        QTRY_COMPARE(view->items()->rowCount(), DataFixture::itemCount);
        QTRY_COMPARE(view->users()->rowCount(), DataFixture::userCount);
        QVERIFY(cell(view->items(), 0, 2).toInt() >= cell(view->items(), 29, 2).toInt()); // by popularity
        view->tabs()->setCurrentIndex(1);
        view->itemSearch()->setFocus();
        QTest::keyClicks(view->itemSearch(), QStringLiteral("film 17"));
        QTRY_COMPARE(view->items()->rowCount(), 1);
        QCOMPARE(cell(view->items(), 0, 0), QLatin1String("Film 17"));
        QVERIFY(cell(view->items(), 0, 3).contains(QLatin1String("number")));
        view->tabs()->setCurrentIndex(2);
        view->userSearch()->setFocus();
        QTest::keyClicks(view->userSearch(), QStringLiteral("u39"));
        QTRY_COMPARE(view->users()->rowCount(), 1);
        QCOMPARE(cell(view->users(), 0, 1), QLatin1String("5"));
        QVERIFY(cell(view->users(), 0, 2).contains(QLatin1String("Film")));
        QTest::keyClicks(view->userSearch(), QStringLiteral("nobody"));
        QTRY_COMPARE(view->users()->rowCount(), 0);
        QVERIFY(view->noUser()->isVisible()); // with the way back
        view->noUser()->actionButton()->setFocus();
        QTest::keyClick(view->noUser()->actionButton(), Qt::Key_Return);
        QCOMPARE(QApplication::focusWidget(), view->userSearch());
        QTRY_COMPARE(view->users()->rowCount(), DataFixture::userCount);
        QVERIFY(!view->noUser()->isVisible());
        view->tabs()->setCurrentIndex(1);
        QVERIFY(view->itemText()->isVisible() && !view->itemText()->text().isEmpty()); // a hint
        view->itemSearch()->setText(QStringLiteral("nothing like it"));
        QTRY_VERIFY(view->noItem()->isVisible());
        QVERIFY(!view->itemText()->isVisible());
    }

    void countsTokensOfAnEncoder()
    {
        DataFixture fixture;
        fixture.import("films");
        const QByteArray before = qgetenv("APIARY_HOME");
        qputenv("APIARY_HOME", fixture.path("home").toUtf8());
        fs::create_directories(fixture.folder() / "home/encoders");
        fs::copy(golden() / "tiny-bert", fixture.folder() / "home/encoders/tiny", fs::copy_options::recursive);
        DataPage page(&fixture.session);
        openPage(page);
        QTRY_VERIFY(page.view()->encoderChoice()->findText(QStringLiteral("tiny")) >= 0);
        page.view()->encoderChoice()->setCurrentIndex(page.view()->encoderChoice()->findText(QStringLiteral("tiny")));
        Q_EMIT page.view()->encoderChoice()->activated(page.view()->encoderChoice()->currentIndex());
        QTRY_VERIFY(page.view()->lengths()->histogram().has_value());
        const data::LengthHistogram &histogram = *page.view()->lengths()->histogram();
        std::int64_t texts = 0;
        for (const std::int64_t bin : histogram.bins)
            texts += bin;
        QCOMPARE(texts, std::int64_t{DataFixture::itemCount});
        QVERIFY(histogram.shortest >= 3 && histogram.longest > histogram.shortest);
        qputenv("APIARY_HOME", before);
    }

    void removesAndUndoes()
    {
        DataFixture fixture;
        const std::string films = fixture.import("films");
        fixture.import("more films", 1);
        const fs::path folder = fixture.session.project().importedDataset("films").folder;
        {
            DataPage page(&fixture.session);
            openPage(page);
            QTRY_COMPARE(page.model()->rowCount(), 2);
            page.list()->setFocus();
            page.list()->setCurrentIndex(page.model()->index(0, 0));
            QTest::keyClick(page.list(), Qt::Key_Delete);
            QCOMPARE(page.model()->rowCount(), 1);
            QVERIFY(fs::exists(folder));
            QTest::keyClick(page.messages()->findChild<QPushButton *>(), Qt::Key_Space);
            QCOMPARE(page.model()->rowCount(), 2);
            QCOMPARE(page.list()->currentIndex().row(), page.model()->rowOf(films));
            QTest::keyClick(page.list(), Qt::Key_Delete);
            QTest::keyClick(page.list(), Qt::Key_Delete); // the last: the focus goes where the next action is
            QVERIFY(page.isEmpty());
            QCOMPARE(QApplication::focusWidget(), page.emptyState()->actionButton());
            QTest::keyClick(page.messages()->findChild<QPushButton *>(), Qt::Key_Return);
            QCOMPARE(QApplication::focusWidget(), page.list());
        }
        QVERIFY(!fs::exists(folder)); // the page has gone: for good
        QCOMPARE(fixture.session.project().importedDatasets().size(), 1U);
    }

    void saysWhatIsBroken()
    {
        DataFixture fixture;
        fixture.import("films");
        const fs::path folder = fixture.session.project().importedDataset("films").folder;
        fs::resize_file(folder / "items.feather", 40);
        DataPage page(&fixture.session);
        openPage(page);
        QTRY_VERIFY(page.view()->messages()->isVisible());
        QVERIFY2(page.view()->messages()->text().contains(QLatin1String("items.feather")),
                 qPrintable(page.view()->messages()->text()));
    }

    /// Each stop of Tab on the overview shows that it has the focus.
    void showsTheFocus()
    {
        DataFixture fixture;
        fixture.import("films");
        DataPage page(&fixture.session);
        openPage(page);
        QTRY_VERIFY(page.view()->loaded());
        QTest::qWait(200);
        page.list()->setFocus();
        QStringList unseen;
        for (int i = 0; i < 24; ++i) {
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
            QWidget *at = QApplication::focusWidget();
            if (at == page.list())
                break;
            const auto picture = [&] {
                QCoreApplication::processEvents();
                return page.grab().toImage();
            };
            const QImage with = picture();
            at->clearFocus();
            if (with == picture())
                unseen << QLatin1String(at->metaObject()->className()) + u' ' + at->accessibleName();
            at->setFocus();
        }
        QVERIFY2(unseen.isEmpty(), qPrintable(unseen.join(u'\n')));
    }

    /// What is removed or replaced is not taken from under the runs that were made from it without a word.
    void saysWhichRunsWereMadeFromIt()
    {
        DataFixture fixture;
        fixture.import("films");
        store::RunRecord run;
        run.name = "one";
        run.specJson = R"({"dataset": {"imported": "films"}})";
        fixture.session.project().beginRun(run);
        DataPage page(&fixture.session);
        openPage(page);
        QTRY_VERIFY(page.view()->loaded());
        ImportWizard *wizard = page.wizard();
        wizard->setSpec(fixture.spec("films"));
        wizard->rules()->setTaken({QStringLiteral("films")});
        QVERIFY(wizard->rules()->warning().isEmpty());
        for (QCheckBox *box : wizard->rules()->findChildren<QCheckBox *>())
            if (box->text() == QLatin1String("Replace it"))
                box->setChecked(true);
        QVERIFY2(wizard->rules()->warning().startsWith(QLatin1String("1 run was made")),
                 qPrintable(wizard->rules()->warning()));
        page.list()->setFocus();
        QTest::keyClick(page.list(), Qt::Key_Delete);
        QVERIFY2(page.messages()->text().contains(QLatin1String("1 run was made")),
                 qPrintable(page.messages()->text()));
    }

    void drawsInBothPalettes()
    {
        DataFixture fixture;
        fixture.import("films");
        DataPage page(&fixture.session);
        openPage(page);
        QTRY_VERIFY(page.view()->loaded());
        const auto ground = [&] {
            page.view()->ranks()->drawNow();
            return page.view()->ranks()->toPixmap(300, 150).toImage().pixelColor(2, 2);
        };
        Theme::instance().setMode(Theme::Mode::Dark, false);
        QVERIFY(ground().lightness() < 80);
        Theme::instance().setMode(Theme::Mode::Light, false);
        QVERIFY(ground().lightness() > 200);
        Theme::instance().setMode(Theme::Mode::System, false);
    }
};

} // namespace apiary::tests

using apiary::tests::DataPageTest;
APIARY_TEST(DataPageTest)

#include "test_data.moc"
