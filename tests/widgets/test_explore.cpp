#include "support/registry.h"

#include "base/random.h"
#include "widgets/explore/explore_page.h"
#include "widgets/explore/explore_view.h"
#include "widgets/explore/item_card.h"
#include "widgets/explore/item_search_model.h"
#include "widgets/explore/join_gutter.h"
#include "widgets/explore/overlap_panel.h"
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

namespace {

constexpr int itemCount = 60;
constexpr int userCount = 80;

explore::Embeddings randomEmbeddings(std::uint64_t key)
{
    CounterRng random(key);
    explore::Embeddings made(itemCount, 6);
    for (auto &value : made.reshaped())
        value = static_cast<float>(random.uniform() - 0.3);
    return made;
}

/// Sixty items "Film 00" … with random embeddings and interactions; roles go round.
std::shared_ptr<run::ExploreSession> makeSession(bool tuned, std::int64_t runId = 1)
{
    auto session = std::make_shared<run::ExploreSession>();
    session->run = runId;
    session->baseName = "tiny-encoder";
    auto &catalog = session->dataset.catalog;
    for (int item = 0; item < itemCount; ++item) {
        const std::string number = (item < 10 ? "0" : "") + std::to_string(item);
        catalog.ids.push_back("id" + number);
        catalog.titles.push_back(item == 7 ? "Quoted, \"seven\"" : "Film " + number);
        catalog.texts.push_back(catalog.titles.back() + " (1995). A story about number " + number + ".");
        catalog.fields["year"].push_back("1995");
        catalog.fields["genre"].push_back(item % 2 ? "Drama" : "Comedy");
        session->split.roles.push_back(static_cast<data::ItemRole>(item % 3));
    }
    CounterRng random(5);
    Csr csr;
    csr.cols = itemCount;
    for (int user = 0; user < userCount; ++user) {
        std::vector<std::int32_t> row;
        for (std::int32_t item = 0; item < itemCount - 1; ++item) // nobody knows the last item
            if (random.below(100) < static_cast<std::uint64_t>(item == 3 ? 90 : 15))
                row.push_back(item);
        csr.addRow(row);
    }
    session->dataset.interactions.csr = csr;
    session->dataset.interactions.items = catalog.ids;
    session->base = std::make_unique<explore::SemanticIndex>(randomEmbeddings(1));
    session->interactions = std::make_unique<explore::InteractionIndex>(csr);
    session->baseOverlap = explore::overlapByRole(*session->base, *session->interactions, session->split, 10, 1);
    if (tuned) {
        session->tuned = std::make_unique<explore::SemanticIndex>(randomEmbeddings(2));
        session->tunedOverlap = explore::overlapByRole(*session->tuned, *session->interactions, session->split, 10, 1);
    }
    return session;
}

std::unique_ptr<ExploreView> makeView(bool tuned = true)
{
    auto view = std::make_unique<ExploreView>();
    view->resize(1200, 700);
    view->setSession(makeSession(tuned));
    view->show();
    view->activateWindow();
    [[maybe_unused]] const bool active = QTest::qWaitForWindowActive(view.get());
    return view;
}

#define WAIT_FOR_ITEM(view, wanted) QTRY_VERIFY((view)->shown() && (view)->shown()->item == (wanted))

} // namespace

class TestExplore : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void neighbourhoodEqualsTheIndexes()
    {
        const auto session = makeSession(true);
        const auto got = neighbourhood(*session, 4, 20);
        const auto same = [](const auto &a, const auto &b) {
            return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                              [](const auto &x, const auto &y) { return x.item == y.item && x.similarity == y.similarity; });
        };
        QVERIFY(same(got.lists[0], session->base->nearest(4, 20)));
        QVERIFY(same(got.lists[1], session->tuned->nearest(4, 20)));
        QVERIFY(same(got.lists[2], session->interactions->nearest(4, 20)));
        QCOMPARE(got.ranks[0], session->base->ranks(4));
        for (std::size_t row = 0; row < got.lists[2].size(); ++row)
            QCOMPARE(got.ranks[2][static_cast<std::size_t>(got.lists[2][row].item)], static_cast<std::int32_t>(row) + 1);
        int shared = 0;
        for (int i = 0; i < 10; ++i)
            for (int j = 0; j < 10; ++j)
                shared += got.lists[1][static_cast<std::size_t>(i)].item == got.lists[2][static_cast<std::size_t>(j)].item;
        QCOMPARE(got.tunedShared, shared);
    }

    void shortListsStillCountOverlapOverTen()
    {
        const auto session = makeSession(true);
        const auto five = neighbourhood(*session, 4, 5);
        const auto fifty = neighbourhood(*session, 4, 50);
        QCOMPARE(five.lists[0].size(), std::size_t{5});
        QCOMPARE(five.baseShared, fifty.baseShared);
        QCOMPARE(five.tunedShared, fifty.tunedShared);
    }

    void noTunedEncoderLeavesItsListEmpty()
    {
        const auto got = neighbourhood(*makeSession(false), 4, 10);
        QVERIFY(got.lists[1].empty());
        QVERIFY(got.ranks[1].empty());
        QCOMPARE(got.tunedShared, -1);
        QVERIFY(got.baseShared >= 0);
    }

    void modelsKeepTheRules()
    {
        const auto session = makeSession(true);
        const auto shown = std::make_shared<const Neighbourhood>(neighbourhood(*session, 4, 10));
        for (const auto list : allNeighbourLists) {
            NeighbourModel model(list);
            QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
            model.show(session, shown);
            QCOMPARE(model.rowCount(), 10);
            model.show(nullptr, nullptr);
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

    void movesAreAgainstTheBaseEncoder()
    {
        const auto session = makeSession(true);
        const auto shown = std::make_shared<const Neighbourhood>(neighbourhood(*session, 4, 10));
        NeighbourModel model(NeighbourList::Tuned);
        model.show(session, shown);
        const auto base = session->base->ranks(4);
        for (int row = 0; row < model.rowCount(); ++row) {
            const auto index = model.index(row, NeighbourModel::MoveColumn);
            const int move = base[static_cast<std::size_t>(model.itemAt(row))] - (row + 1);
            QCOMPARE(index.data(NeighbourModel::MoveRole).toInt(), move);
            QVERIFY(move == 0 ? index.data().toString().isEmpty()
                              : index.data().toString() == (move > 0 ? QStringLiteral("▲") : QStringLiteral("▼")) + QString::number(std::abs(move)));
        }
        NeighbourModel ofBase(NeighbourList::Base);
        ofBase.show(session, shown);
        QVERIFY(!ofBase.index(0, NeighbourModel::MoveColumn).data(NeighbourModel::MoveRole).isValid());
    }

    void similaritiesAreShort()
    {
        auto session = makeSession(false);
        auto shown = std::make_shared<Neighbourhood>(neighbourhood(*session, 4, 4));
        const float values[] = {1.0F, 0.8149F, -0.05F, -0.001F};
        for (std::size_t i = 0; i < 4; ++i)
            shown->lists[0][i].similarity = values[i];
        NeighbourModel model(NeighbourList::Base);
        model.show(session, shown);
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
        QCOMPARE(view->list(NeighbourList::Base)->neighbours()->rowCount(), 20);
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
        QVERIFY(view->list(NeighbourList::Base)->hasFocus());
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
        auto *list = view->list(NeighbourList::Interactions);
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
        auto *base = view->list(NeighbourList::Base);
        auto *tuned = view->list(NeighbourList::Tuned);
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
        auto *base = view->list(NeighbourList::Base);
        auto *tuned = view->list(NeighbourList::Tuned);
        QVERIFY(view->gutter(0)->joined() > 0);
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
        auto *list = view->list(NeighbourList::Tuned);
        const auto spot = list->visualRect(list->neighbours()->index(4, NeighbourModel::TitleColumn)).center();
        QTest::mouseMove(list->viewport(), spot);
        const int item = list->neighbours()->itemAt(4);
        QTRY_COMPARE(view->pointed(), item);
        for (const auto each : allNeighbourLists)
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
        QCOMPARE(view->overlaps()->text(0, 0), QStringLiteral("%1/10").arg(view->shown()->baseShared));
        QCOMPARE(view->overlaps()->text(1, 0), QStringLiteral("%1/10").arg(view->shown()->tunedShared));
        for (int role = 0; role < 3; ++role)
            QCOMPARE(view->overlaps()->text(1, role + 1),
                     QString::number(view->session()->tunedOverlap.mean[role] * 10, 'f', 2) + QLatin1String("/10"));
    }

    void lengthOfTheLists()
    {
        const auto view = makeView();
        WAIT_FOR_ITEM(view, 3);
        for (const int k : {10, 50, 20}) {
            view->lengthBox()->setCurrentIndex(view->lengthBox()->findData(k));
            QTRY_COMPARE(view->list(NeighbourList::Tuned)->neighbours()->rowCount(), k);
        }
    }

    void copiesCsv()
    {
        const auto view = makeView();
        view->goTo(7);
        WAIT_FOR_ITEM(view, 7);
        view->copyCsv();
        const QStringList lines = QApplication::clipboard()->text().split(u'\n', Qt::SkipEmptyParts);
        const auto &lists = view->shown()->lists;
        QCOMPARE(lines.size(), static_cast<qsizetype>(1 + lists[0].size() + lists[1].size() + lists[2].size()));
        QVERIFY(lines[1].startsWith(QStringLiteral("id07,\"Quoted, \"\"seven\"\"\",base encoder,1,")));
    }

    void withoutATunedEncoderTheOtherListsWork()
    {
        const auto view = makeView(false);
        WAIT_FOR_ITEM(view, 3);
        view->setTunedHint(QStringLiteral("later"));
        QVERIFY(!view->list(NeighbourList::Tuned)->isVisible());
        QVERIFY(view->list(NeighbourList::Base)->isVisible());
        QCOMPARE(view->overlaps()->text(1, 1), QStringLiteral("–"));
        auto *base = view->list(NeighbourList::Base);
        base->enter(0);
        QTest::keyClick(base, Qt::Key_Right); // over the empty list
        QVERIFY(view->list(NeighbourList::Interactions)->hasFocus());
    }

    void anItemThatNobodyKnowsHasNoInteractionNeighbours()
    {
        const auto view = makeView();
        view->goTo(itemCount - 1);
        WAIT_FOR_ITEM(view, itemCount - 1);
        QVERIFY(!view->list(NeighbourList::Interactions)->isVisible());
        view->goTo(3);
        WAIT_FOR_ITEM(view, 3);
        QVERIFY(view->list(NeighbourList::Interactions)->isVisible());
    }

    void aNewSessionKeepsTheItem()
    {
        const auto view = makeView(false);
        view->goTo(9);
        WAIT_FOR_ITEM(view, 9);
        view->setSession(makeSession(true));
        WAIT_FOR_ITEM(view, 9);
        QVERIFY(view->list(NeighbourList::Tuned)->isVisible());
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
