#include "data_walk.h"
#include "support/assets.h"
#include "support/registry.h"
#include "widgets/data/dataset_view.h"
#include "widgets/data/left_out_view.h"
#include "widgets/data/length_plot.h"
#include "widgets/data/rank_plot.h"
#include "widgets/data/rows_model.h"
#include "widgets/theme/theme.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QFile>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableView>
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
        const QAbstractItemModelTester plots(page.view()->plotTable());
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
        QVERIFY(view->tableShown() && view->plotTable()->rowCount() >= DataFixture::itemCount);
        QCOMPARE(cell(view->plotTable(), 0, 0), QLatin1String("1"));
        page.toggleTable();
        QVERIFY(!view->tableShown());
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
