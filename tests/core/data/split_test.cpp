#include "scenario_data.h"

#include "base/error.h"
#include "base/random.h"
#include "data/interactions.h"
#include "hub/sha256.h"
#include "support/assets.h"
#include "support/registry.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

using namespace apiary;
using namespace apiary::data;
using tests::Items;
using tests::letters;
using tests::rowsOf;

namespace {

Csr matrix(std::int64_t cols, const std::vector<Items> &rows)
{
    Csr csr;
    csr.cols = cols;
    for (const Items &row : rows)
        csr.addRow(row);
    return csr;
}

Csr randomMatrix(std::int64_t rows, std::int64_t cols, double density, std::uint64_t seed)
{
    CounterRng rng(mixKey(seed));
    Csr csr;
    csr.cols = cols;
    for (std::int64_t r = 0; r < rows; ++r) {
        Items row;
        for (std::int32_t c = 0; c < cols; ++c)
            if (rng.uniform() < density)
                row.push_back(c);
        csr.addRow(row);
    }
    return csr;
}

constexpr auto train = ItemRole::Train;
constexpr auto validation = ItemRole::Validation;
constexpr auto test = ItemRole::Test;

/// Items 0 and 1 train, 2 validation, 3 and 4 test.
const ItemSplit fiveItems{{train, train, validation, test, test}, 1};

EvaluationTask goodTask()
{
    return coldStartTask(matrix(5, {{0, 1, 3}, {0, 4}, {0, 2}, {3, 4}, {1, 2, 3, 4}}), fiveItems, test);
}

} // namespace

class SplitTest : public QObject {
    Q_OBJECT
private slots:
    void golden_data()
    {
        QTest::addColumn<QJsonObject>("expected");
        QFile file(QString::fromStdString((tests::golden() / "splits.json").string()));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto cases = QJsonDocument::fromJson(file.readAll())["cases"].toArray();
        QVERIFY(!cases.isEmpty());
        for (const auto &value : cases) {
            const QJsonObject expected = value.toObject();
            QTest::addRow("%d items, seed %s", expected["items"].toInt(), qPrintable(expected["seed"].toString()))
                << expected;
        }
    }
    void golden()
    {
        QFETCH(QJsonObject, expected);
        const std::uint64_t seed = expected["seed"].toString().toULongLong();
        const auto split = coldStartSplit(expected["items"].toInt(), expected["test"].toDouble(),
                                          expected["validation"].toDouble(), seed);
        QCOMPARE(split.seed, seed);
        const std::string roles = letters(split);
        if (!expected["roles"].toString().isEmpty())
            QCOMPARE(QString::fromStdString(roles), expected["roles"].toString());
        hub::Sha256 hash;
        hash.update(roles);
        QCOMPARE(QString::fromStdString(hash.hex()), expected["sha256"].toString());
    }

    void counts_data()
    {
        QTest::addColumn<int>("items");
        QTest::addColumn<double>("testShare");
        QTest::addColumn<double>("validationShare");
        QTest::addColumn<int>("tests");
        QTest::addColumn<int>("validations");
        QTest::newRow("ml-100k") << 1447 << 0.2 << 0.1 << 289 << 145;
        QTest::newRow("rounds up") << 13 << 0.2 << 0.2 << 3 << 3;
        QTest::newRow("half away from zero") << 10 << 0.25 << 0.15 << 3 << 2;
        QTest::newRow("smallest") << 3 << 0.3 << 0.3 << 1 << 1;
    }
    void counts()
    {
        QFETCH(int, items);
        QFETCH(double, testShare);
        QFETCH(double, validationShare);
        const auto split = coldStartSplit(items, testShare, validationShare, 42);
        QTEST(static_cast<int>(split.items(test).size()), "tests");
        QTEST(static_cast<int>(split.items(validation).size()), "validations");
        std::vector<std::int32_t> all;
        for (const ItemRole role : {train, validation, test}) {
            const auto some = split.items(role);
            QVERIFY(std::is_sorted(some.begin(), some.end()));
            all.insert(all.end(), some.begin(), some.end());
        }
        std::sort(all.begin(), all.end());
        QCOMPARE(all.size(), static_cast<std::size_t>(items));
        QVERIFY(std::adjacent_find(all.begin(), all.end()) == all.end());
    }

    void seedsDiffer()
    {
        QCOMPARE(letters(coldStartSplit(500, 0.2, 0.1, 7)), letters(coldStartSplit(500, 0.2, 0.1, 7)));
        QVERIFY(letters(coldStartSplit(500, 0.2, 0.1, 7)) != letters(coldStartSplit(500, 0.2, 0.1, 8)));
    }

    void refuses_data()
    {
        QTest::addColumn<int>("items");
        QTest::addColumn<double>("testShare");
        QTest::addColumn<double>("validationShare");
        QTest::addColumn<QString>("where");
        QTest::newRow("test rounds to none") << 2 << 0.2 << 0.5 << "test share";
        QTest::newRow("validation rounds to none") << 4 << 0.5 << 0.1 << "validation share";
        QTest::newRow("test of nothing") << 100 << 0.0 << 0.1 << "test share";
        QTest::newRow("validation of nothing") << 100 << 0.2 << 0.0 << "validation share";
        QTest::newRow("negative") << 100 << -0.2 << 0.1 << "test share";
        QTest::newRow("all") << 100 << 1.0 << 0.1 << "test share";
        QTest::newRow("not a number") << 100 << std::nan("") << 0.1 << "test share";
        QTest::newRow("infinite") << 100 << 0.1 << std::numeric_limits<double>::infinity() << "validation share";
        QTest::newRow("nothing to train on") << 100 << 0.6 << 0.4 << "test share and validation share";
        QTest::newRow("more than all") << 100 << 0.7 << 0.7 << "test share and validation share";
        QTest::newRow("no items") << 0 << 0.2 << 0.1 << "test share";
    }
    void refuses()
    {
        QFETCH(int, items);
        QFETCH(double, testShare);
        QFETCH(double, validationShare);
        try {
            coldStartSplit(items, testShare, validationShare, 1);
            QFAIL("accepted");
        } catch (const InputError &error) {
            QTEST(QString::fromStdString(error.where()), "where");
            QVERIFY(!error.remedy().empty());
        }
    }

    void task()
    {
        const auto task = goodTask();
        QCOMPARE(task.users, (Items{0, 1, 4}));
        QCOMPARE(task.candidates, (Items{3, 4}));
        QCOMPARE(rowsOf(task.sources), (std::vector<Items>{{0, 1}, {0}, {1}}));
        QCOMPARE(rowsOf(task.targets), (std::vector<Items>{{3}, {4}, {3, 4}}));
        QCOMPARE(task.sources.cols, 5);
        QCOMPARE(task.targets.cols, 5);
        checkNoLeak(task, fiveItems);
    }

    void validationTask()
    {
        const auto task = coldStartTask(matrix(5, {{0, 2, 3}, {2, 4}, {0, 4}}), fiveItems, validation);
        QCOMPARE(task.users, (Items{0}));
        QCOMPARE(task.candidates, (Items{2}));
        QCOMPARE(rowsOf(task.sources), (std::vector<Items>{{0}}));
        QCOMPARE(rowsOf(task.targets), (std::vector<Items>{{2}}));
        checkNoLeak(task, fiveItems);
    }

    void training()
    {
        const auto rows = trainingRows(matrix(5, {{0, 1, 3}, {2, 3}, {}, {1, 2}}), fiveItems);
        QCOMPARE(rowsOf(rows), (std::vector<Items>{{0, 1}, {1}}));
        QCOMPARE(rows.cols, 5);
        checkNoLeak(rows, fiveItems);
    }

    void misuse()
    {
        QVERIFY_EXCEPTION_THROWN(coldStartTask(matrix(4, {{0}}), fiveItems, test), std::logic_error);
        QVERIFY_EXCEPTION_THROWN(coldStartTask(matrix(5, {{0}}), fiveItems, train), std::logic_error);
        QVERIFY_EXCEPTION_THROWN(trainingRows(matrix(6, {{0}}), fiveItems), std::logic_error);
    }

    /// Whatever the data, nothing of a cold item reaches a source or a training row.
    void neverLeaks()
    {
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const auto split = coldStartSplit(60, 0.2, 0.1, seed);
            const Csr data = randomMatrix(80, 60, 0.08, seed + 100);
            const Csr rows = trainingRows(data, split);
            checkNoLeak(rows, split);
            std::int64_t warm = 0;
            for (const std::int32_t item : data.columns)
                warm += split.roles[static_cast<std::size_t>(item)] == train;
            QCOMPARE(static_cast<std::int64_t>(rows.columns.size()), warm);
            for (const ItemRole role : {validation, test}) {
                const auto task = coldStartTask(data, split, role);
                checkNoLeak(task, split);
                QVERIFY(!task.users.empty());
                for (std::size_t i = 0; i < task.users.size(); ++i) {
                    const auto source = task.sources.view().row(static_cast<std::int64_t>(i));
                    const auto row = data.view().row(task.users[i]);
                    QVERIFY(std::includes(row.begin(), row.end(), source.begin(), source.end()));
                }
            }
        }
    }

    void leakIsFound_data()
    {
        QTest::addColumn<int>("which");
        QTest::addColumn<QString>("where");
        QTest::newRow("test item in a source") << 0 << "sources";
        QTest::newRow("validation item in a source") << 1 << "sources";
        QTest::newRow("training item in a target") << 2 << "targets";
        QTest::newRow("validation item in a target") << 3 << "targets";
        QTest::newRow("training item a candidate") << 4 << "candidates";
        QTest::newRow("candidate left out") << 5 << "candidates";
        QTest::newRow("no candidates") << 6 << "candidates";
        QTest::newRow("two roles in the candidates") << 7 << "candidates";
        QTest::newRow("user without a target") << 8 << "cold-start task";
        QTest::newRow("other items") << 9 << "cold-start task";
        QTest::newRow("a user too many") << 10 << "cold-start task";
        QTest::newRow("item out of range") << 11 << "sources";
        QTest::newRow("candidate out of range") << 12 << "candidates";
    }
    void leakIsFound()
    {
        QFETCH(int, which);
        auto task = goodTask();
        switch (which) {
        case 0:
            task.sources.columns[1] = 3;
            break;
        case 1:
            task.sources.columns[1] = 2;
            break;
        case 2:
            task.targets.columns[0] = 1;
            break;
        case 3:
            task.targets.columns[0] = 2;
            break;
        case 4:
            task.candidates = {0, 3, 4};
            break;
        case 5:
            task.candidates = {3};
            break;
        case 6:
            task.candidates = {};
            break;
        case 7:
            task.candidates = {3, 2};
            break;
        case 8:
            task.targets = matrix(5, {{3}, {}, {4}});
            break;
        case 9:
            task.sources.cols = 6;
            break;
        case 10:
            task.users.push_back(7);
            break;
        case 11:
            task.sources.columns[1] = 5;
            break;
        case 12:
            task.candidates = {99};
            break;
        }
        try {
            checkNoLeak(task, fiveItems);
            QFAIL("not found");
        } catch (const Error &error) {
            QTEST(QString::fromStdString(error.where()), "where");
        }
    }

    void trainingLeakIsFound()
    {
        QVERIFY_EXCEPTION_THROWN(checkNoLeak(matrix(5, {{0, 1}, {1, 2}}), fiveItems), Error);
        QVERIFY_EXCEPTION_THROWN(checkNoLeak(matrix(5, {{4}}), fiveItems), Error);
        QVERIFY_EXCEPTION_THROWN(checkNoLeak(matrix(4, {{0}}), fiveItems), Error);
    }

    void transposes()
    {
        const Csr turned = transposed(matrix(4, {{0, 2}, {}, {2}, {0, 1, 2}}));
        QCOMPARE(rowsOf(turned), (std::vector<Items>{{0, 3}, {3}, {0, 2, 3}, {}}));
        QCOMPARE(turned.cols, 4);
        const Csr data = randomMatrix(31, 47, 0.1, 5);
        QCOMPARE(rowsOf(transposed(transposed(data))), rowsOf(data));
    }

    void density()
    {
        Interactions interactions;
        QCOMPARE(interactions.density(), 0.0);
        interactions.csr = matrix(4, {{0, 2}, {3}});
        QCOMPARE(interactions.density(), 3.0 / 8);
    }

    void roleNames()
    {
        QCOMPARE(name(train), "train");
        QCOMPARE(name(validation), "validation");
        QCOMPARE(name(test), "test");
    }
};

APIARY_TEST(SplitTest)
#include "split_test.moc"
