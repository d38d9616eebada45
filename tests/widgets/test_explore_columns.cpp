#include "support/registry.h"

#include "support/assets.h"
#include "widgets/encoders/encoder_name.h"
#include "widgets/explore/encoder_offers.h"
#include "widgets/explore/explore_page.h"
#include "widgets/explore/join_gutter.h"
#include "widgets/explore/overlap_panel.h"
#include "widgets/explore_fixture.h"
#include "widgets/shell/project_model.h"
#include "widgets/theme/theme.h"

#include <QApplication>
#include <QComboBox>
#include <QHeaderView>
#include <QMenu>
#include <QMouseEvent>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include <filesystem>
#include <utility>

using namespace apiary;
using namespace apiary::widgets;
using namespace apiary::tests;

class TestExploreColumns : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyEncoderHasItsList()
    {
        const auto session = makeSession(true);
        auto columns = columnsOf(*session);
        for (int i = 0; i < 4; ++i)
            columns.push_back(further(*session, i));
        columns.push_back(further(*session, 4));
        columns.back().encoder = nullptr; // not there yet
        const auto got = neighbourhood(*session, columns, 4, 10);
        QCOMPARE(got.lists.size(), std::size_t{7});
        for (int i = 0; i < 4; ++i)
            QCOMPARE(got.find(columns[static_cast<std::size_t>(3 + i)].key)->ranks,
                     columns[static_cast<std::size_t>(3 + i)].encoder->index->ranks(4));
    }

    void choiceIsRemembered()
    {
        ColumnChoice choice = parseChoice({});
        QCOMPARE(choice.columns.size(), std::size_t{3});
        QCOMPARE(choice.columns[2].kind, ColumnKind::Interactions);
        ExploreColumn other;
        other.key = "folder:/a \"quoted\" place";
        other.name = QStringLiteral("mpnet ☂");
        choice.columns.insert(choice.columns.begin() + 1, other);
        choice.columns.pop_back();
        choice.reference = MoveReference::Left;
        const ColumnChoice again = parseChoice(toJson(choice));
        QCOMPARE(again.columns.size(), std::size_t{3});
        QCOMPARE(again.columns[1].key, other.key);
        QCOMPARE(again.columns[1].name, other.name);
        QCOMPARE(again.columns[2].kind, ColumnKind::Tuned);
        QCOMPARE(again.reference, MoveReference::Left);
        for (const char *broken :
             {"nonsense", "{", "[]", R"({"columns":3})", R"({"columns":[7,{"key":2},{"key":"?"}]})"})
            QCOMPARE(parseChoice(broken).columns.size(), std::size_t{3});
        QCOMPARE(parseChoice(R"({"columns":[{"key":"base"},{"key":"base"}]})").columns.size(), std::size_t{1});
    }

    void furtherEncodersStandBesideTheOthers()
    {
        const auto view = makeView();
        WAIT_FOR_ITEM(view, 3);
        QSignalSpy changed(view.get(), &ExploreView::choiceChanged);
        for (int i = 0; i < 3; ++i)
            view->addColumn(further(*view->session(), i));
        view->addColumn(further(*view->session(), 1)); // stands there already
        QCOMPARE(changed.count(), 3);
        QTRY_COMPARE(view->list("folder:/models/2")->neighbours()->rowCount(), 20);
        QCOMPARE(view->strip()->count(), 6);
        QCOMPARE(view->strip()->at(5)->column().kind, ColumnKind::Interactions);
        QCOMPARE(view->overlaps()->rowCount(), 5);
        QCOMPARE(view->overlaps()->text(3, 0),
                 QStringLiteral("%1/10").arg(view->shown()->find("folder:/models/1")->shared));
        // All of one width, none under the least; the interactions stay in view, a bar reaches the others.
        for (int i = 1; i < 6; ++i)
            QVERIFY(std::abs(view->strip()->at(i)->width() - view->strip()->at(0)->width()) <= 1);
        QVERIFY(view->strip()->at(0)->width() >= NeighbourColumn::narrowest);
        QVERIFY(view->strip()->horizontalScrollBar()->maximum() > 0);
        QVERIFY(view->strip()->gutter(3)->joined() >= 0);
        auto *strip = view->strip();
        auto *bar = strip->horizontalScrollBar();
        QCOMPARE(strip->pinned(), view->column("interactions"));
        view->list("interactions")->enter(0);
        QCOMPARE(bar->value(), 0);
        QCOMPARE(strip->gutter(4)->left(), view->list("tuned")); // the rightmost of those in view
        view->list("folder:/models/2")->enter(0);
        QCOMPARE(bar->value(), bar->maximum());
        QCOMPARE(strip->gutter(4)->left(), view->list("folder:/models/2"));
        for (const char *key : {"folder:/models/2", "folder:/models/1", "interactions"}) { // whole, side by side
            const auto *column = view->column(key);
            const QRect place(column->mapTo(strip, QPoint(0, 0)), column->size());
            QVERIFY2(strip->rect().adjusted(-2, 0, 2, 0).contains(place), key);
            QVERIFY2(!column->visibleRegion().isEmpty() &&
                         column->visibleRegion().boundingRect().width() + 2 >= column->width(),
                     key);
        }
        // Room for a title beside the numbers, and the overlap of every encoder, whole.
        QVERIFY(view->list("tuned")->columnWidth(NeighbourModel::TitleColumn) >= 100);
        QTRY_COMPARE(view->overlaps()->findChild<QScrollArea *>()->verticalScrollBar()->maximum(), 0);
        QVERIFY(view->overlaps()->findChild<QScrollArea *>()->horizontalScrollBar()->maximum() == 0);
        const auto *last = view->column("interactions");
        const auto over = [&](int x) { return last->mapToGlobal(QPoint(x, 10)); };
        QCOMPARE(strip->dropPlace(view->column("base"), over(10)), 4);
        QCOMPARE(strip->dropPlace(view->column("base"), over(last->width() - 10)), 5);
        view->moveColumn("interactions", 0); // a place of its own: it scrolls with the others
        QVERIFY(!strip->pinned());
        QCOMPARE(strip->at(0), view->column("interactions"));
        view->moveColumn("interactions", 5);
        QCOMPARE(strip->pinned(), view->column("interactions"));
        QCOMPARE(strip->count(), 6);
        view->removeColumn("folder:/models/1");
        QCOMPARE(view->strip()->count(), 5);
        QVERIFY(!view->list("folder:/models/1"));
        QCOMPARE(view->overlaps()->rowCount(), 4);
    }

    void rowsCloseUpBeforeTheyScroll()
    {
        const auto view = makeView();
        WAIT_FOR_ITEM(view, 3);
        auto *list = view->list("base");
        QTRY_COMPARE(list->neighbours()->rowCount(), 20);
        const int airy = list->verticalHeader()->defaultSectionSize();
        const int other = view->height() - list->viewport()->height();
        view->resize(view->width(), other + 20 * airy - 30);
        QTRY_VERIFY(list->verticalHeader()->defaultSectionSize() < airy);
        QTRY_COMPARE(list->verticalScrollBar()->maximum(), 0);
        view->resize(view->width(), other + 10 * airy);
        QTRY_COMPARE(list->verticalHeader()->defaultSectionSize(), airy);
        QVERIFY(list->verticalScrollBar()->maximum() > 0);
    }

    void columnsAreOrderedByKeyboardAndByMouse()
    {
        const auto view = makeView();
        WAIT_FOR_ITEM(view, 3);
        const auto order = [&] {
            QStringList keys;
            for (int i = 0; i < view->strip()->count(); ++i)
                keys << QString::fromStdString(view->strip()->at(i)->column().key);
            return keys.join(u' ');
        };
        auto *tuned = view->list("tuned");
        tuned->enter(3);
        QTest::keyClick(tuned, Qt::Key_Left, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(order(), QStringLiteral("tuned base interactions"));
        QVERIFY(tuned->hasFocus());
        QCOMPARE(tuned->currentIndex().row(), 3);
        QTest::keyClick(tuned, Qt::Key_Left, Qt::ControlModifier | Qt::ShiftModifier); // no further
        QCOMPARE(order(), QStringLiteral("tuned base interactions"));
        QTest::keyClick(tuned, Qt::Key_Right); // follows the new order
        QVERIFY(view->list("base")->hasFocus());

        auto *header = view->column("tuned")->header();
        const auto *last = view->column("interactions");
        const QPoint end = header->mapFromGlobal(last->mapToGlobal(QPoint(last->width() - 10, 10)));
        QTest::mousePress(header, Qt::LeftButton, {}, QPoint(20, 8));
        QMouseEvent move(QEvent::MouseMove, end, header->mapToGlobal(end), Qt::NoButton, Qt::LeftButton, {});
        QApplication::sendEvent(header, &move);
        QTest::mouseRelease(header, Qt::LeftButton, {}, end);
        QCOMPARE(order(), QStringLiteral("base interactions tuned"));
        QCOMPARE(view->choice().columns[2].key, std::string("tuned"));
    }

    void movesFollowTheReference()
    {
        const auto view = makeView();
        WAIT_FOR_ITEM(view, 3);
        view->addColumn(further(*view->session(), 0));
        QTRY_COMPARE(view->list("folder:/models/0")->neighbours()->rowCount(), 20);
        auto *list = view->list("folder:/models/0");
        const auto move = [&] {
            return list->neighbours()->index(0, NeighbourModel::MoveColumn).data(NeighbourModel::MoveRole).toInt();
        };
        const auto item = static_cast<std::size_t>(list->neighbours()->itemAt(0));
        QCOMPARE(move(), view->shown()->find("base")->ranks[item] - 1);
        view->referenceBox()->setCurrentIndex(1);
        QCOMPARE(move(), view->shown()->find("tuned")->ranks[item] - 1);
        QVERIFY(!view->list("base")->neighbours()->hasMoves()); // nothing stands left of it
        view->moveColumn("folder:/models/0", 1);
        QCOMPARE(move(), view->shown()->find("base")->ranks[item] - 1);
    }

    void anEncoderIsAskedForAndWaitedFor()
    {
        const auto view = makeView();
        WAIT_FOR_ITEM(view, 3);
        QStringList wanted;
        connect(view.get(), &ExploreView::encoderWanted, this,
                [&](const ExploreColumn &column) { wanted << column.name; });
        ExploreColumn column = further(*view->session(), 0);
        const auto encoder = std::exchange(column.encoder, nullptr);
        view->addColumn(column);
        QCOMPARE(wanted, QStringList{QStringLiteral("model 0")});
        auto *shown = view->column(column.key);
        QVERIFY(!shown->listShown());
        view->setEncoderProgress(column.key, QStringLiteral("Encoding items"), 0.5);
        QCOMPARE(shown->hint(), QStringLiteral("Encoding items"));
        view->setEncoderFailure(column.key, QStringLiteral("no such folder"));
        QCOMPARE(shown->hint(), QStringLiteral("no such folder"));
        QCOMPARE(view->overlaps()->text(2, 0), QStringLiteral("–"));
        Q_EMIT shown->retryAsked();
        QCOMPARE(wanted.size(), 2);
        view->setEncoder(column.key, encoder);
        QTRY_VERIFY(shown->listShown() && shown->model()->rowCount() == 20);
        view->setSession(makeSession(true, 2)); // another run: its items are encoded anew
        QCOMPARE(wanted.size(), 3);
        QVERIFY(!shown->listShown());
        QSignalSpy dropped(view.get(), &ExploreView::encoderDropped);
        Q_EMIT shown->removeAsked();
        QTRY_COMPARE(dropped.count(), 1);
        QTRY_VERIFY(!view->column(column.key));
    }

    void encodersAreToldApartByName_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QString>("known");
        QTest::addColumn<QString>("wanted");
        QTest::newRow("a run's") << "/data/films/models/3/encoder"
                                 << "encoder"
                                 << "run 3 of films";
        QTest::newRow("a slash at the end") << "/data/films/models/3/encoder/"
                                            << ""
                                            << "run 3 of films";
        QTest::newRow("not by number") << "/data/models/best/encoder"
                                       << "encoder"
                                       << "best/encoder";
        QTest::newRow("model") << "/data/mini/model"
                               << ""
                               << "mini/model";
        QTest::newRow("a name that says enough") << "/data/models/3/mini"
                                                 << ""
                                                 << "mini";
        QTest::newRow("a revision in a hub's cache")
            << "/cache/models--org--mini/snapshots/0123456789abcdef0123456789abcdef01234567"
            << "0123456789abcdef0123456789abcdef01234567"
            << "org/mini";
        QTest::newRow("a hub's name") << "/cache/models/7/encoder"
                                      << "org/mini"
                                      << "org/mini";
    }

    void encodersAreToldApartByName()
    {
        QFETCH(QString, folder);
        QFETCH(QString, known);
        QFETCH(QString, wanted);
        QCOMPARE(encoderName(folder.toStdString(), known), wanted);
        std::vector<QString> names{QStringLiteral("mini"), QStringLiteral("mini"), QStringLiteral("other")};
        tellEncodersApart({"/a/mini", "/b/mini", "/c/other"}, names);
        QCOMPARE(QStringList(names.begin(), names.end()).join(u' '), QStringLiteral("a/mini b/mini other"));
    }

    void brokenEncodersAreNotOffered()
    {
        namespace fs = std::filesystem;
        if (!fs::exists(tests::golden() / "tiny-bert"))
            QSKIP("tests/golden/data/tiny-bert is not there");
        const QTemporaryDir home;
        const QByteArray before = qgetenv("APIARY_HOME");
        qputenv("APIARY_HOME", home.path().toUtf8());
        const fs::path encoders = fs::path(home.path().toStdString()) / "encoders";
        for (const char *name : {"good", "shattered"}) {
            fs::create_directories(encoders);
            fs::copy(tests::golden() / "tiny-bert", encoders / name, fs::copy_options::recursive);
        }
        fs::remove(encoders / "shattered/model.safetensors");
        ProjectSession project;
        project.open(home.filePath(QStringLiteral("project")).toStdString());
        ExplorePage page(&project);
        page.show();
        page.setLoaded(makeSession(true));
        QMenu *menu = page.view()->columnsButton()->menu();
        menu->popup(QPoint(0, 0));
        const auto find = [&](const QString &part) -> QAction * {
            for (auto *action : menu->actions())
                if (action->text().contains(part))
                    return action;
            return nullptr;
        };
        QTRY_VERIFY(find(QStringLiteral("shattered")));
        QVERIFY(find(QStringLiteral("good"))->isEnabled());
        QVERIFY(!find(QStringLiteral("shattered"))->isEnabled());
        QVERIFY(find(QStringLiteral("shattered"))->toolTip().contains(QStringLiteral("no weights")));
        QVERIFY(menu->toolTipsVisible());
        menu->close();
        qputenv("APIARY_HOME", before);
    }

    /// As on the Encoders page: what could not be opened is refused with the reason, and not remembered.
    void foldersAreCheckedBeforeTheyAreAdded()
    {
        namespace fs = std::filesystem;
        if (!fs::exists(tests::golden() / "tiny-bert"))
            QSKIP("tests/golden/data/tiny-bert is not there");
        const QTemporaryDir home;
        const QByteArray before = qgetenv("APIARY_HOME");
        qputenv("APIARY_HOME", home.path().toUtf8());
        const fs::path whole = fs::path(home.path().toStdString()) / "whole", odd = whole.parent_path() / "odd";
        for (const fs::path &folder : {whole, odd})
            fs::copy(tests::golden() / "tiny-bert", folder, fs::copy_options::recursive);
        fs::resize_file(odd / "model.safetensors", fs::file_size(odd / "model.safetensors") - 8);
        ProjectSession project;
        EncoderOffers offers(&project);
        const QSignalSpy failed(&offers, &EncoderOffers::failed);
        QCOMPARE(offers.addFolder(whole).folder, whole);
        QCOMPARE(failed.count(), 0);
        QVERIFY(offers.addFolder(odd).key.empty());
        QCOMPARE(failed.count(), 1);
        QVERIFY2(failed.at(0).at(0).toString().contains(QLatin1String("model.safetensors")),
                 qPrintable(failed.at(0).at(0).toString()));
        QVERIFY(offers.addFolder(home.path().toStdString()).key.empty());
        QCOMPARE(failed.count(), 2);
        QTRY_COMPARE(offers.list().size(), std::size_t{1});
        qputenv("APIARY_HOME", before);
    }

    void thePageLoadsEncodersAndRemembersThem()
    {
        if (!std::filesystem::exists(tests::golden() / "tiny-bert"))
            QSKIP("tests/golden/data/tiny-bert is not there");
        const QTemporaryDir folder;
        const auto place = folder.filePath(QStringLiteral("project")).toStdString();
        const std::string good = "folder:" + (tests::golden() / "tiny-bert").string();
        ProjectSession project;
        project.open(place);
        {
            ExplorePage page(&project);
            page.resize(1400, 800);
            page.show();
            page.setLoaded(makeSession(true));
            page.addEncoder("folder:/nowhere/at-all", QStringLiteral("gone"));
            page.addEncoder(good, QStringLiteral("tiny"));
            QTRY_VERIFY(!page.loadingEncoders());
            QVERIFY(page.view()->column("folder:/nowhere/at-all")->hint().contains(QStringLiteral("at-all")));
            QTRY_VERIFY(page.view()->column(good)->listShown());
            page.view()->removeColumn("folder:/nowhere/at-all");
            page.view()->moveColumn(good, 0);
        }
        ExplorePage again(&project);
        again.show();
        again.setLoaded(makeSession(true));
        QCOMPARE(again.view()->strip()->count(), 4);
        QCOMPARE(again.view()->strip()->at(0)->column().key, good);
        QCOMPARE(again.view()->strip()->at(0)->column().colour, 1); // as it was: the second to be shown
        QTRY_VERIFY(again.view()->column(good)->listShown());

        // The same encoder in approximate mode stands beside it and says what it is.
        const std::string quick = approximatePrefix + good;
        again.addEncoder(quick);
        QTRY_VERIFY(again.view()->column(quick)->listShown());
        const auto &column = again.view()->column(quick)->column();
        QVERIFY(column.approximate && column.encoder->agreement);
        QVERIFY(columnName(column).endsWith(QStringLiteral("≈ int8")));
        QVERIFY(again.view()->column(quick)->header()->toolTip().contains(
            QStringLiteral("approximate · cosine %1").arg(format::metric(column.encoder->agreement->meanCosine))));
        QVERIFY(column.colour != again.view()->column(good)->column().colour);
        QCOMPARE(parseChoice(toJson(again.view()->choice())).columns.size(), std::size_t{5});
    }
};

APIARY_TEST(TestExploreColumns)

#include "test_explore_columns.moc"
