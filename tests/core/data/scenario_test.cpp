#include "scenario_data.h"

#include "base/error.h"
#include "hub/sha256.h"

#include "support/assets.h"
#include "support/registry.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <fstream>
#include <functional>
#include <map>
#include <set>

using namespace apiary;
using namespace apiary::data;
using tests::Event;
using tests::interactionsOf;
using tests::Items;
using tests::letters;
using tests::rowsOf;

namespace {

ScenarioOptions options(ScenarioKind kind)
{
    ScenarioOptions result;
    result.kind = kind;
    result.validationShare = 0.2;
    return result;
}

/// Ten interactions at times 1 … 10: u0 has all its items early, u1 throughout, u2 late only, u3 one in the middle.
Interactions tenEvents()
{
    return interactionsOf(
        {{0, 0, 1}, {0, 1, 2}, {1, 0, 3}, {1, 2, 4}, {0, 2, 5}, {3, 1, 6}, {1, 3, 7}, {0, 4, 8}, {1, 5, 9}, {2, 5, 10}},
        4, 6);
}

const std::vector<ScenarioKind> madeKinds{ScenarioKind::ColdStart, ScenarioKind::ZeroShot, ScenarioKind::TimeSplit,
                                          ScenarioKind::UserSplit, ScenarioKind::LeaveLastOut};

} // namespace

class ScenarioTest : public QObject {
    Q_OBJECT
private slots:
    void names()
    {
        for (int k = 0; k <= static_cast<int>(ScenarioKind::ReadyMade); ++k) {
            const auto kind = static_cast<ScenarioKind>(k);
            QVERIFY(scenarioKind(name(kind)) == kind);
        }
        QVERIFY(!scenarioKind("warm"));
    }

    void publishedDrawIsNumpys_data()
    {
        QTest::addColumn<QJsonObject>("expected");
        QFile file(QString::fromStdString((tests::golden() / "published_draw.json").string()));
        QVERIFY(file.open(QIODevice::ReadOnly));
        for (const auto &value : QJsonDocument::fromJson(file.readAll())["cases"].toArray())
            QTest::addRow("%d items", value.toObject()["items"].toInt()) << value.toObject();
    }
    void publishedDrawIsNumpys()
    {
        QFETCH(QJsonObject, expected);
        const int items = expected["items"].toInt();
        std::vector<std::int32_t> order;
        for (const auto &place : expected["order"].toArray())
            order.push_back(place.toInt());
        for (int i = 0; order.size() < static_cast<std::size_t>(items); ++i)
            order.push_back(i);
        std::vector<Event> events; // user n is the first to have item order[n]
        for (int n = 0; n < items; ++n)
            events.push_back({n, order[static_cast<std::size_t>(n)], 0});
        Interactions interactions = interactionsOf(events, items, items);
        for (std::string &id : interactions.items)
            id[0] = 'b';
        const auto split = publishedSplit(interactions, expected["draws"].toInt(),
                                          static_cast<std::uint64_t>(expected["seed"].toDouble()));
        QCOMPARE(static_cast<int>(split.items(ItemRole::Validation).size()), expected["validation"].toInt());
        QCOMPARE(static_cast<int>(split.items(ItemRole::Test).size()), expected["test"].toInt());
        hub::Sha256 hash;
        hash.update(letters(split));
        QCOMPARE(QString::fromStdString(hash.hex()), expected["sha256"].toString());
    }

    void publishedDrawRefuses()
    {
        const Interactions data = tests::randomInteractions(20, 8, 0.5, 1);
        QVERIFY_EXCEPTION_THROWN(publishedSplit(data, 0, 42), InputError);
        QVERIFY_EXCEPTION_THROWN(publishedSplit(data, 2, 1ULL << 32), InputError);
        QVERIFY_EXCEPTION_THROWN(publishedSplit(data, 1000, 42), InputError); // draws all
        ScenarioOptions cold = options(ScenarioKind::ColdStart);
        cold.publishedDraws = 2;
        const Scenario scenario = makeScenario(tests::randomInteractions(60, 30, 0.2, 3), cold);
        QVERIFY(scenario.items.items(ItemRole::Test).size() <= 2);
    }

    void coldStartIsTheItemSplit()
    {
        const Interactions data = tests::randomInteractions(80, 60, 0.1, 5);
        for (const auto kind : {ScenarioKind::ColdStart, ScenarioKind::ZeroShot}) {
            const Scenario scenario = makeScenario(data, options(kind));
            const ItemSplit split = coldStartSplit(60, 0.2, 0.2, 42);
            QCOMPARE(letters(scenario.items), letters(split));
            QCOMPARE(rowsOf(scenario.training), rowsOf(trainingRows(data.csr, split)));
            QCOMPARE(rowsOf(scenario.test.targets), rowsOf(coldStartTask(data.csr, split, ItemRole::Test).targets));
            QCOMPARE(scenario.trainItems(), split.items(ItemRole::Train));
            for (std::size_t r = 0; r < scenario.trainingUsers.size(); ++r)
                QVERIFY(!data.csr.view().row(scenario.trainingUsers[r]).empty());
        }
    }

    void timeSplitByHand()
    {
        // The last 2 of 10: times 9 and 10. Of the earlier 8 the last 2: 7 and 8.
        const Scenario scenario = makeScenario(tenEvents(), options(ScenarioKind::TimeSplit));
        QCOMPARE(scenario.trainingUsers, (Items{0, 1, 3}));
        QCOMPARE(rowsOf(scenario.training), (std::vector<Items>{{0, 1, 2}, {0, 2}, {1}}));
        QCOMPARE(scenario.validation.users, (Items{0, 1}));
        QCOMPARE(rowsOf(scenario.validation.sources), (std::vector<Items>{{0, 1, 2}, {0, 2}}));
        QCOMPARE(rowsOf(scenario.validation.targets), (std::vector<Items>{{4}, {3}}));
        QCOMPARE(scenario.test.users, (Items{1})); // user 2 has nothing earlier
        QCOMPARE(rowsOf(scenario.test.sources), (std::vector<Items>{{0, 2, 3}}));
        QCOMPARE(rowsOf(scenario.test.targets), (std::vector<Items>{{5}}));
        QCOMPARE(scenario.test.candidates, (Items{0, 1, 2, 3, 4, 5}));
        QCOMPARE(scenario.trainItems(), (Items{0, 1, 2}));
        QCOMPARE(letters(scenario.items), std::string("tttvvT"));
    }

    /// Interactions of one moment are not torn apart.
    void timeSplitKeepsMomentsWhole()
    {
        std::vector<Event> events;
        for (std::int32_t u = 0; u < 10; ++u)
            for (std::int32_t i = 0; i < 10; ++i)
                events.push_back({u, i, i / 2}); // five moments with 20 interactions each
        ScenarioOptions time = options(ScenarioKind::TimeSplit);
        time.testShare = 0.25;
        time.validationShare = 0.01;
        const Scenario scenario = makeScenario(interactionsOf(events, 10, 10), time);
        QCOMPARE(rowsOf(scenario.test.targets)[0], (Items{6, 7, 8, 9}));
        QCOMPARE(rowsOf(scenario.validation.targets)[0], (Items{4, 5}));
        QCOMPARE(rowsOf(scenario.training)[0], (Items{0, 1, 2, 3}));
    }

    void leaveLastOutByHand()
    {
        const Interactions data = interactionsOf(
            {{0, 0, 5}, {0, 1, 9}, {0, 2, 1}, {0, 3, 7}, {1, 0, 1}, {1, 4, 2}, {2, 3, 4}, {2, 1, 4}, {2, 2, 4}}, 3, 5);
        const Scenario scenario = makeScenario(data, options(ScenarioKind::LeaveLastOut));
        QCOMPARE(scenario.trainingUsers, (Items{0, 1, 2}));
        QCOMPARE(rowsOf(scenario.training), (std::vector<Items>{{0, 2}, {0, 4}, {1}}));
        QCOMPARE(scenario.validation.users, (Items{0, 2}));
        QCOMPARE(rowsOf(scenario.validation.targets), (std::vector<Items>{{3}, {2}}));
        QCOMPARE(rowsOf(scenario.test.sources), (std::vector<Items>{{0, 2, 3}, {1, 2}}));
        QCOMPARE(rowsOf(scenario.test.targets), (std::vector<Items>{{1}, {3}}));
    }

    void userSplitHoldsUsersOut()
    {
        const Interactions data = tests::randomInteractions(101, 40, 0.3, 9);
        std::map<std::int32_t, int> tested;
        for (int fold = 0; fold < 5; ++fold) {
            ScenarioOptions users = options(ScenarioKind::UserSplit);
            users.fold = fold;
            const Scenario scenario = makeScenario(data, users);
            QCOMPARE(scenario.validation.users.size(), std::size_t{20});
            QCOMPARE(scenario.training.rows() + 20 + static_cast<std::int64_t>(scenario.test.users.size()), 101);
            for (std::size_t i = 0; i < scenario.test.users.size(); ++i) {
                const std::int32_t user = scenario.test.users[i];
                ++tested[user];
                const auto whole = data.csr.view().row(user);
                const auto sources = scenario.test.sources.view().row(static_cast<std::int64_t>(i));
                const auto targets = scenario.test.targets.view().row(static_cast<std::int64_t>(i));
                QCOMPARE(sources.size() + targets.size(), whole.size());
                const auto wanted = std::clamp<std::int64_t>(std::llround(0.8 * static_cast<double>(whole.size())), 1,
                                                             static_cast<std::int64_t>(whole.size()) - 1);
                QCOMPARE(static_cast<std::int64_t>(sources.size()), wanted);
            }
            QCOMPARE(scenario.trainItems().size(), std::size_t{40});
        }
        QCOMPARE(tested.size(), std::size_t{101}); // every user is tested in one fold
        for (const auto &[user, times] : tested)
            QCOMPARE(times, 1);
    }

    void userSplitNeedsTwoItems()
    {
        std::vector<Event> events;
        for (std::int32_t u = 0; u < 20; ++u)
            for (std::int32_t i = 0; i < (u % 2 ? 1 : 2); ++i)
                events.push_back({u, i, 0});
        const Scenario scenario = makeScenario(interactionsOf(events, 20, 2), options(ScenarioKind::UserSplit));
        for (const EvaluationTask *task : {&scenario.validation, &scenario.test})
            for (const std::int32_t user : task->users)
                QCOMPARE(user % 2, 0);
    }

    void hashesTellSplitsApart()
    {
        const Interactions data = tests::randomInteractions(80, 60, 0.1, 5);
        std::set<std::string> hashes;
        for (const ScenarioKind kind : madeKinds) {
            const Scenario scenario = makeScenario(data, options(kind));
            QCOMPARE(scenario.hash.size(), std::size_t{64});
            QCOMPARE(makeScenario(data, options(kind)).hash, scenario.hash);
            hashes.insert(scenario.hash);
        }
        QCOMPARE(hashes.size(), madeKinds.size() - 1); // zero-shot has the split of the cold start
        ScenarioOptions other = options(ScenarioKind::UserSplit);
        other.seed = 43;
        hashes.insert(makeScenario(data, other).hash);
        other.seed = 42;
        other.fold = 1;
        hashes.insert(makeScenario(data, other).hash);
        QCOMPARE(hashes.size(), madeKinds.size() + 1);
        Interactions renamed = data;
        renamed.items[3] = "another";
        QVERIFY(hashes.count(makeScenario(renamed, options(ScenarioKind::TimeSplit)).hash) == 0);
    }

    void neverLeaks()
    {
        for (std::uint64_t seed = 0; seed < 10; ++seed) {
            const Interactions data = tests::randomInteractions(60, 50, 0.15, seed);
            for (const ScenarioKind kind : madeKinds) {
                ScenarioOptions seeded = options(kind);
                seeded.seed = seed;
                const Scenario scenario = makeScenario(data, seeded); // checks itself
                QVERIFY(scenario.training.rows() > 0 && !scenario.test.users.empty());
            }
        }
    }

    void refuses_data()
    {
        QTest::addColumn<int>("which");
        QTest::addColumn<QString>("where");
        QTest::newRow("no times, time split") << 0 << "dataset.timestampColumn";
        QTest::newRow("no times, leave last out") << 1 << "dataset.timestampColumn";
        QTest::newRow("one moment") << 2 << "scenario.testShare";
        QTest::newRow("test share of nothing") << 3 << "scenario.testShare";
        QTest::newRow("tiny share") << 4 << "scenario.testShare";
        QTest::newRow("validation takes all") << 5 << "scenario.validationShare";
        QTest::newRow("fold") << 6 << "scenario.fold";
        QTest::newRow("one fold") << 7 << "scenario.fold";
        QTest::newRow("no training users") << 8 << "scenario.validationShare";
        QTest::newRow("sources") << 9 << "scenario.sourceShare";
        QTest::newRow("no user comes back") << 10 << "scenario";
        QTest::newRow("no folder") << 11 << "scenario.folder";
    }
    void refuses()
    {
        QFETCH(int, which);
        Interactions data = tests::randomInteractions(30, 20, 0.3, 2);
        ScenarioOptions chosen = options(which == 1                 ? ScenarioKind::LeaveLastOut
                                         : which < 6 || which == 10 ? ScenarioKind::TimeSplit
                                         : which == 11              ? ScenarioKind::ReadyMade
                                                                    : ScenarioKind::UserSplit);
        if (which < 2)
            data.timestamps.clear();
        if (which == 2)
            std::fill(data.timestamps.begin(), data.timestamps.end(), 7);
        if (which == 3)
            chosen.testShare = 0;
        if (which == 4)
            chosen.testShare = 1e-9;
        if (which == 5)
            chosen.validationShare = 0.9999;
        if (which == 6)
            chosen.fold = 5;
        if (which == 7)
            chosen.folds = 1;
        if (which == 8)
            chosen.validationShare = 0.9;
        if (which == 9)
            chosen.sourceShare = 1;
        if (which == 10) { // everybody is there at one time only
            std::vector<Event> events;
            for (std::int32_t u = 0; u < 30; ++u)
                events.push_back({u, u % 20, u});
            data = interactionsOf(events, 30, 20);
        }
        try {
            makeScenario(data, chosen);
            QFAIL("accepted");
        } catch (const InputError &error) {
            QTEST(QString::fromStdString(error.where()), "where");
            QVERIFY(!error.remedy().empty());
        }
    }
};

APIARY_TEST(ScenarioTest)
#include "scenario_test.moc"
