#include "support/registry.h"

#include "widgets/explore/explore_page.h"
#include "widgets/explore/item_card.h"
#include "widgets/explore/item_search_model.h"
#include "widgets/explore/join_gutter.h"
#include "widgets/explore/overlap_panel.h"
#include "widgets/explore_fixture.h"
#include "widgets/shell/project_model.h"

#include <QAbstractItemModelTester>
#include <QAbstractItemView>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QCompleter>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

#include <algorithm>
#include <cmath>

using namespace apiary;
using namespace apiary::widgets;
using namespace apiary::tests;

class TestExplore : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void neighbourhoodEqualsTheIndexes()
    {
        const auto session = makeSession(true);
        const auto got = neighbourhood(*session, columnsOf(*session), 4, 20);
        const auto same = [](const auto &a, const auto &b) {
            return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto &x, const auto &y) {
                return x.item == y.item && x.similarity == y.similarity;
            });
        };
        const auto *tuned = got.find("tuned");
        const auto *inter = got.find("interactions");
        QVERIFY(same(got.find("base")->neighbours, session->encoders[0]->index->nearest(4, 20)));
        QVERIFY(same(tuned->neighbours, session->encoders[1]->index->nearest(4, 20)));
        QVERIFY(same(inter->neighbours, session->interactions->nearest(4, 20)));
        QCOMPARE(got.find("base")->ranks, session->encoders[0]->index->ranks(4));
        for (std::size_t row = 0; row < inter->neighbours.size(); ++row)
            QCOMPARE(inter->ranks[static_cast<std::size_t>(inter->neighbours[row].item)],
                     static_cast<std::int32_t>(row) + 1);
        int shared = 0;
        for (std::size_t i = 0; i < 10; ++i)
            for (std::size_t j = 0; j < 10; ++j)
                shared += tuned->neighbours[i].item == inter->neighbours[j].item;
        QCOMPARE(tuned->shared, shared);
        QVERIFY(!got.find("folder:/none"));
    }

    void shortListsStillCountOverlapOverTen()
    {
        const auto session = makeSession(true);
        const auto five = neighbourhood(*session, columnsOf(*session), 4, 5);
        const auto fifty = neighbourhood(*session, columnsOf(*session), 4, 50);
        QCOMPARE(five.find("base")->neighbours.size(), std::size_t{5});
        QCOMPARE(five.find("base")->shared, fifty.find("base")->shared);
        QCOMPARE(five.find("tuned")->shared, fifty.find("tuned")->shared);
    }

    void noTunedEncoderHasNoList()
    {
        const auto session = makeSession(false);
        const auto got = neighbourhood(*session, columnsOf(*session), 4, 10);
        QVERIFY(!got.find("tuned"));
        QVERIFY(got.find("base")->shared >= 0);
    }

    void modelsKeepTheRules()
    {
        const auto session = makeSession(true);
        const auto shown = std::make_shared<const Neighbourhood>(neighbourhood(*session, columnsOf(*session), 4, 10));
        for (const auto &column : columnsOf(*session)) {
            NeighbourModel model(column);
            QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
            model.show(session, shown, nullptr);
            QCOMPARE(model.rowCount(), 10);
            model.show(nullptr, nullptr, nullptr);
            QCOMPARE(model.rowCount(), 0);
        }
        ItemSearchModel found;
        QAbstractItemModelTester tester(&found, QAbstractItemModelTester::FailureReportingMode::Fatal);
        found.setSession(session);
        found.search(QStringLiteral("film 1"));
        QVERIFY(found.rowCount() > 0);
        found.search(QString());
        QCOMPARE(found.rowCount(), 0);
    }

    void movesAreAgainstAnyOtherList()
    {
        const auto session = makeSession(true);
        const auto columns = columnsOf(*session);
        const auto shown = std::make_shared<const Neighbourhood>(neighbourhood(*session, columns, 4, 10));
        for (const auto &reference : {columns[0], columns[2]}) {
            NeighbourModel model(columns[1]);
            model.show(session, shown, &reference);
            const auto &there = shown->find(reference.key)->ranks;
            for (int row = 0; row < model.rowCount(); ++row) {
                const auto index = model.index(row, NeighbourModel::MoveColumn);
                const int rank = there[static_cast<std::size_t>(model.itemAt(row))];
                const int move = rank - (row + 1);
                QCOMPARE(index.data(NeighbourModel::MoveRole).isValid(), rank > 0);
                QVERIFY(rank == 0 || index.data(NeighbourModel::MoveRole).toInt() == move);
                QCOMPARE(index.data().toString(), rank == 0 || move == 0
                                                      ? QString()
                                                      : (move > 0 ? QStringLiteral("▲") : QStringLiteral("▼")) +
                                                            QString::number(std::abs(move)));
            }
        }
        NeighbourModel ofBase(columns[0]);
        ofBase.show(session, shown, &columns[0]);
        QVERIFY(!ofBase.hasMoves());
        QVERIFY(!ofBase.index(0, NeighbourModel::MoveColumn).data(NeighbourModel::MoveRole).isValid());
    }

    void similaritiesAreShort()
    {
        auto session = makeSession(false);
        auto shown = std::make_shared<Neighbourhood>(neighbourhood(*session, columnsOf(*session), 4, 4));
        const float values[] = {1.0F, 0.8149F, -0.05F, -0.001F};
        for (std::size_t i = 0; i < 4; ++i)
            std::find_if(shown->lists.begin(), shown->lists.end(), [](const auto &list) { return list.key == "base"; })
                ->neighbours[i]
                .similarity = values[i];
        NeighbourModel model(ownColumn(ColumnKind::Base));
        model.show(session, shown, nullptr);
        const auto text = [&](int row) { return model.index(row, NeighbourModel::SimilarityColumn).data().toString(); };
        QCOMPARE(text(0), QStringLiteral("1.00"));
        QCOMPARE(text(1), QStringLiteral(".81"));
        QCOMPARE(text(2), QStringLiteral("−.05"));
        QCOMPARE(text(3), QStringLiteral(".00"));
    }

    void historyIsABrowsers()
    {
        VisitHistory history;
        QVERIFY(!history.canGoBack() && !history.canGoForward());
        for (const char *id : {"a", "b", "b", "c"})
            history.visit(id);
        QCOMPARE(history.back(), std::string("b"));
        QCOMPARE(history.back(), std::string("a"));
        QVERIFY(!history.canGoBack());
        QCOMPARE(history.forward(), std::string("b"));
        history.visit("d");
        QVERIFY(!history.canGoForward());
        QCOMPARE(history.back(), std::string("b"));
    }

    void beginsAtTheMostPopularItem()
    {
        const auto view = makeView();
        WAIT_FOR_ITEM(view, 3);
        QCOMPARE(view->itemCard()->item(), 3);
        QVERIFY(view->itemCard()->facts().contains(QStringLiteral("popularity rank 1")));
        QCOMPARE(view->list("base")->neighbours()->rowCount(), 20);
    }

    void searchByTyping()
    {
        const auto view = makeView();
        auto *field = view->searchField();
        field->setFocus();
        QTest::keyClicks(field, QStringLiteral("fIlM 42"));
        auto *popup = field->completer()->popup();
        QTRY_VERIFY(popup->isVisible());
        QCOMPARE(popup->model()->rowCount(), 1);
        QTest::keyClick(popup, Qt::Key_Return);
        WAIT_FOR_ITEM(view, 42);
        QVERIFY(field->text().isEmpty());
        QVERIFY(view->list("base")->hasFocus());
    }

    void searchByChoosing()
    {
        const auto view = makeView();
        auto *field = view->searchField();
        field->setFocus();
        QTest::keyClicks(field, QStringLiteral("film"));
        auto *popup = field->completer()->popup();
        QTRY_VERIFY(popup->isVisible());
        QTest::keyClick(popup, Qt::Key_Down);
        QTest::keyClick(popup, Qt::Key_Down);
        const int wanted = popup->model()->index(1, 0).data(ItemSearchModel::ItemRole).toInt();
        QTest::keyClick(popup, Qt::Key_Return);
        WAIT_FOR_ITEM(view, wanted);
    }

    void clickGoesThereAndHistoryComesBack()
    {
        const auto view = makeView();
        WAIT_FOR_ITEM(view, 3);
        auto *list = view->list("interactions");
        const int wanted = list->neighbours()->itemAt(2);
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {},
                          list->visualRect(list->neighbours()->index(2, NeighbourModel::TitleColumn)).center());
        WAIT_FOR_ITEM(view, wanted);
        QTest::keyClick(list, Qt::Key_Left, Qt::AltModifier);
        WAIT_FOR_ITEM(view, 3);
        QTest::keyClick(list, Qt::Key_Right, Qt::AltModifier);
        WAIT_FOR_ITEM(view, wanted);
    }

    void keyboardAlone()
    {
        const auto view = makeView();
        WAIT_FOR_ITEM(view, 3);
        auto *base = view->list("base");
        auto *tuned = view->list("tuned");
        base->setFocus(Qt::TabFocusReason);
        QCOMPARE(base->currentIndex().row(), 0);
        QTest::keyClick(base, Qt::Key_Down);
        QCOMPARE(base->currentIndex().row(), 1);
        QCOMPARE(view->pointed(), base->neighbours()->itemAt(1));
        QTest::keyClick(base, Qt::Key_Right);
        QVERIFY(tuned->hasFocus());
        QTest::keyClick(tuned, Qt::Key_Left);
        QVERIFY(base->hasFocus());
        QTest::keyClick(base, Qt::Key_Left); // nothing further left
        QVERIFY(base->hasFocus());
        const int wanted = base->neighbours()->itemAt(base->currentIndex().row());
        QTest::keyClick(base, Qt::Key_Return);
        WAIT_FOR_ITEM(view, wanted);
        QVERIFY(base->hasFocus());
        QCOMPARE(base->currentIndex().row(), 0);
    }

    void leftAndRightFollowTheLine()
    {
        const auto view = makeView();
        WAIT_FOR_ITEM(view, 3);
        auto *base = view->list("base");
        auto *tuned = view->list("tuned");
        QVERIFY(view->strip()->gutter(0)->joined() > 0);
        for (int row = 0; row < base->neighbours()->rowCount(); ++row) {
            const int same = tuned->neighbours()->rowOf(base->neighbours()->itemAt(row));
            base->enter(row);
            QTest::keyClick(base, Qt::Key_Right);
            QCOMPARE(tuned->currentIndex().row(), same >= 0 ? same : row);
        }
    }

    void hoverHighlightsTheItemEverywhere()
    {
        const auto view = makeView();
        WAIT_FOR_ITEM(view, 3);
        auto *list = view->list("tuned");
        const auto spot = list->visualRect(list->neighbours()->index(4, NeighbourModel::TitleColumn)).center();
        QTest::mouseMove(list->viewport(), spot);
        const int item = list->neighbours()->itemAt(4);
        QTRY_COMPARE(view->pointed(), item);
        for (const char *each : {"base", "tuned", "interactions"})
            QCOMPARE(view->list(each)->pointed(), item);
        QCOMPARE(view->pointedCard()->item(), item);
        const auto common = view->session()->interactions->usersInCommon(3, item);
        QVERIFY(view->pointedCard()->facts().contains(QString::number(common) + QStringLiteral(" of them in common")));
        const QString tip = list->neighbours()->index(4, 0).data(Qt::ToolTipRole).toString();
        QVERIFY(tip.contains(QString::number(common) + QStringLiteral(" in common")));
        QVERIFY(tip.contains(QStringLiteral("A story about number")));
    }

    void overlapStandsForTheItemAndEachRole()
    {
        const auto view = makeView();
        WAIT_FOR_ITEM(view, 3);
        QCOMPARE(view->overlaps()->text(0, 0), QStringLiteral("%1/10").arg(view->shown()->find("base")->shared));
        QCOMPARE(view->overlaps()->text(1, 0), QStringLiteral("%1/10").arg(view->shown()->find("tuned")->shared));
        for (int role = 0; role < 3; ++role)
            QCOMPARE(view->overlaps()->text(1, role + 1),
                     QString::number(view->session()->encoders[1]->overlap.mean[role] * 10, 'f', 2) +
                         QLatin1String("/10"));
    }

    void lengthOfTheLists()
    {
        const auto view = makeView();
        WAIT_FOR_ITEM(view, 3);
        for (const int k : {10, 50, 20}) {
            view->lengthBox()->setCurrentIndex(view->lengthBox()->findData(k));
            QTRY_COMPARE(view->list("tuned")->neighbours()->rowCount(), k);
        }
    }

    void copiesCsv()
    {
        const auto view = makeView();
        view->goTo(7);
        WAIT_FOR_ITEM(view, 7);
        view->copyCsv();
        const QStringList lines = QApplication::clipboard()->text().split(u'\n', Qt::SkipEmptyParts);
        std::size_t rows = 1;
        for (const auto &list : view->shown()->lists)
            rows += list.neighbours.size();
        QCOMPARE(lines.size(), static_cast<qsizetype>(rows));
        QVERIFY(lines[1].startsWith(QStringLiteral("id07,\"Quoted, \"\"seven\"\"\",base encoder,1,")));
    }

    void withoutATunedEncoderTheOtherListsWork()
    {
        const auto view = makeView(false);
        WAIT_FOR_ITEM(view, 3);
        view->setTunedHint(QStringLiteral("later"));
        QVERIFY(!view->list("tuned")->isVisible());
        QVERIFY(view->list("base")->isVisible());
        QCOMPARE(view->overlaps()->text(1, 1), QStringLiteral("–"));
        auto *base = view->list("base");
        base->enter(0);
        QTest::keyClick(base, Qt::Key_Right); // over the empty list
        QVERIFY(view->list("interactions")->hasFocus());
    }

    void anItemThatNobodyKnowsHasNoInteractionNeighbours()
    {
        const auto view = makeView();
        view->goTo(itemCount - 1);
        WAIT_FOR_ITEM(view, itemCount - 1);
        QVERIFY(!view->list("interactions")->isVisible());
        view->goTo(3);
        WAIT_FOR_ITEM(view, 3);
        QVERIFY(view->list("interactions")->isVisible());
    }

    void aNewSessionKeepsTheItem()
    {
        const auto view = makeView(false);
        view->goTo(9);
        WAIT_FOR_ITEM(view, 9);
        view->setSession(makeSession(true));
        WAIT_FOR_ITEM(view, 9);
        QVERIFY(view->list("tuned")->isVisible());
    }

    void shortFieldsLeaveOutWhatTheTitleSays()
    {
        const auto session = makeSession(false);
        QCOMPARE(shortFields(session->dataset.catalog, 2), QStringLiteral("Comedy · 1995"));
    }

    void thePageSaysWhatToDoFirst()
    {
        ProjectSession project;
        ExplorePage page(&project);
        page.show();
        QVERIFY(page.isEmpty());
        QSignalSpy asked(&page, &ExplorePage::trainRequested);
        QTest::mouseClick(page.emptyState()->findChild<QPushButton *>(), Qt::LeftButton);
        QCOMPARE(asked.count(), 1);
        page.setLoaded(makeSession(true));
        QVERIFY(!page.isEmpty());
        WAIT_FOR_ITEM(page.view(), 3);
    }
};

APIARY_TEST(TestExplore)

#include "test_explore.moc"
