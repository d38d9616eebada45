#include "scenario_data.h"

#include "base/error.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <functional>
#include <iterator>

using namespace apiary;
using namespace apiary::data;
namespace fs = std::filesystem;

namespace {

Interactions someData()
{
    return tests::randomInteractions(80, 40, 0.2, 4);
}

Scenario scenario(ScenarioKind kind)
{
    ScenarioOptions options;
    options.kind = kind;
    return makeScenario(someData(), options);
}

/// Puts an item into a row, in order.
void add(Csr &rows, std::int64_t row, std::int32_t item)
{
    const auto at = static_cast<std::size_t>(row);
    auto begin = rows.columns.begin() + rows.offsets[at], end = rows.columns.begin() + rows.offsets[at + 1];
    rows.columns.insert(std::lower_bound(begin, end, item), item);
    for (std::size_t r = at + 1; r < rows.offsets.size(); ++r)
        ++rows.offsets[r];
}

/// The same rows, the first one empty.
Csr withoutFirstRow(const Csr &rows)
{
    Csr result;
    result.cols = rows.cols;
    result.addRow({});
    for (std::int64_t r = 1; r < rows.rows(); ++r)
        result.addRow(rows.view().row(r));
    return result;
}

std::int64_t rowOf(const std::vector<std::int32_t> &users, std::int32_t user)
{
    return std::lower_bound(users.begin(), users.end(), user) - users.begin();
}

/// A user of the test who is trained on, too, and a target of theirs.
std::pair<std::int64_t, std::int32_t> trainedTarget(const Scenario &scenario, const EvaluationTask &task)
{
    for (std::size_t i = 0; i < task.users.size(); ++i) {
        const auto row = rowOf(scenario.trainingUsers, task.users[i]);
        if (row < scenario.training.rows() && scenario.trainingUsers[static_cast<std::size_t>(row)] == task.users[i])
            return {row, task.targets.view().row(static_cast<std::int64_t>(i))[0]};
    }
    return {-1, -1};
}

void write(const fs::path &file, const std::string &text)
{
    std::ofstream(file, std::ios::binary) << text;
}

std::string read(const fs::path &file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

class ScenarioLeakTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    int m_number = 0;
    fs::path folder() const { return m_dir.path().toStdString() + "/split" + std::to_string(m_number); }

private slots:
    void init() { ++m_number; }

    void leaksAreFound_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("leak");
        QTest::addColumn<QString>("message");
        for (int k = 0; k <= static_cast<int>(ScenarioKind::LeaveLastOut); ++k) {
            const auto kind = static_cast<ScenarioKind>(k);
            const bool users = kind == ScenarioKind::UserSplit;
            const auto row = [&](const char *what, int leak, const char *message) {
                QTest::addRow("%s: %s", name(kind), what) << k << leak << message;
            };
            if (!users) {
                row("test target in training", 0, "training rows hold the test target");
                row("validation target in training", 1, "training rows hold the validation target");
            }
            row("target among its sources", 2, "among the sources and the targets");
            row("target no candidate", 3, "is a target but no candidate");
            row("foreign pair", 4, "is no interaction of the dataset");
            row("user without target", 5, "no source or no target");
            row("user twice", 6, "twice, out of order");
            row("candidate twice", 7, "twice, out of order");
            row("other items", 8, "other items than the dataset");
        }
        QTest::newRow("held-out user trained") << static_cast<int>(ScenarioKind::UserSplit) << 9 << "stands in";
        QTest::newRow("held-out item trained") << static_cast<int>(ScenarioKind::ColdStart) << 10 << "held out";
        QTest::newRow("later source") << static_cast<int>(ScenarioKind::TimeSplit) << 11 << "not earlier";
        QTest::newRow("later training") << static_cast<int>(ScenarioKind::TimeSplit) << 12 << "not earlier";
        QTest::newRow("last out of order")
            << static_cast<int>(ScenarioKind::LeaveLastOut) << 13 << "later than its target";
        QTest::newRow("test target validated")
            << static_cast<int>(ScenarioKind::LeaveLastOut) << 14 << "targets of the validation hold the test";
        QTest::newRow("candidate trained") << static_cast<int>(ScenarioKind::ZeroShot) << 15 << "candidates";
    }
    void leaksAreFound()
    {
        QFETCH(int, kind);
        QFETCH(int, leak);
        QFETCH(QString, message);
        Interactions interactions = someData();
        Scenario bad = scenario(static_cast<ScenarioKind>(kind));
        checkNoLeak(bad, interactions);
        EvaluationTask &test = bad.test;
        switch (leak) {
        case 0:
        case 1: {
            const auto [row, target] = trainedTarget(bad, leak == 0 ? test : bad.validation);
            QVERIFY(row >= 0);
            add(bad.training, row, target);
            break;
        }
        case 2:
            add(test.sources, 0, test.targets.view().row(0)[0]);
            break;
        case 3:
            std::erase(test.candidates, test.targets.view().row(0)[0]);
            break;
        case 4: {
            const auto row = interactions.csr.view().row(test.users[0]);
            std::int32_t foreign = 0;
            while (std::binary_search(row.begin(), row.end(), foreign))
                ++foreign;
            add(test.sources, 0, foreign);
            break;
        }
        case 5:
            test.targets = withoutFirstRow(test.targets);
            break;
        case 6:
            test.users[1] = test.users[0];
            break;
        case 7:
            test.candidates.push_back(test.candidates.back());
            break;
        case 8:
            bad.items.roles.pop_back();
            break;
        case 9: {
            const auto place = std::lower_bound(bad.trainingUsers.begin(), bad.trainingUsers.end(), test.users[0]);
            const auto at = place - bad.trainingUsers.begin();
            bad.trainingUsers.insert(place, test.users[0]);
            Csr rows;
            rows.cols = bad.training.cols;
            for (std::int64_t r = 0; r <= bad.training.rows(); ++r)
                rows.addRow(r == at ? test.sources.view().row(0) : bad.training.view().row(r < at ? r : r - 1));
            bad.training = std::move(rows);
            break;
        }
        case 10:
            bad.items.roles[static_cast<std::size_t>(bad.training.columns[0])] = ItemRole::Test;
            break;
        case 11:
        case 12:
        case 13: { // a training entry of the first test user gets the latest time of all
            const auto from = interactions.csr.offsets[static_cast<std::size_t>(test.users[0])];
            const auto whole = interactions.csr.view().row(test.users[0]);
            const auto item = test.sources.view().row(0)[0];
            const auto place = std::lower_bound(whole.begin(), whole.end(), item) - whole.begin();
            interactions.timestamps[static_cast<std::size_t>(from + place)] = 5000;
            break;
        }
        case 14:
            bad.validation = bad.test;
            break;
        default:
            test.candidates.push_back(bad.trainItems().front());
            std::sort(test.candidates.begin(), test.candidates.end());
        }
        try {
            checkNoLeak(bad, interactions);
            QFAIL("accepted");
        } catch (const Error &error) {
            QVERIFY2(QString::fromStdString(error.what()).contains(message), error.what());
            if (leak < 3) // of a user and an item: the split that it is of
                QVERIFY2(error.where().starts_with(std::string("scenario ") + name(bad.kind)), error.what());
        }
    }

    void splitsSurviveTheirFiles_data()
    {
        QTest::addColumn<int>("kind");
        for (int k = 0; k <= static_cast<int>(ScenarioKind::LeaveLastOut); ++k)
            QTest::newRow(name(static_cast<ScenarioKind>(k))) << k;
    }
    void splitsSurviveTheirFiles()
    {
        QFETCH(int, kind);
        Interactions interactions = someData();
        interactions.users[3] = "quoted \"user\", with a comma";
        interactions.items[5] = "Žluťoučký";
        ScenarioOptions options;
        options.kind = static_cast<ScenarioKind>(kind);
        const Scenario made = makeScenario(interactions, options);
        saveScenario(made, interactions, folder());
        saveScenario(made, interactions, folder()); // again: nothing to do
        const Scenario loaded = loadScenario(folder(), interactions);
        QCOMPARE(loaded.hash, made.hash);
        QVERIFY(loaded.items.roles == made.items.roles);
        QVERIFY(loaded.test.users == made.test.users && loaded.test.candidates == made.test.candidates);
        QVERIFY(loaded.training.columns == made.training.columns && loaded.training.offsets == made.training.offsets);
        for (const auto &entry : fs::directory_iterator(folder().parent_path()))
            QVERIFY2(!entry.path().filename().string().starts_with('.'), entry.path().c_str()); // nothing half-done
        ScenarioOptions ready;
        ready.kind = ScenarioKind::ReadyMade;
        ready.folder = folder();
        QCOMPARE(makeScenario(interactions, ready).hash, made.hash);
        options.seed = 7;
        options.fold = 1;
        options.testShare = 0.3;
        if (options.kind != ScenarioKind::LeaveLastOut)
            QVERIFY_EXCEPTION_THROWN(saveScenario(makeScenario(interactions, options), interactions, folder()),
                                     InputError);
    }

    /// The fewest files that make a split; ids in any order.
    void readyMadeByHand()
    {
        const Interactions interactions =
            tests::interactionsOf({{0, 0, 0}, {0, 1, 0}, {0, 2, 0}, {1, 0, 0}, {1, 2, 0}, {1, 3, 0}}, 2, 4);
        fs::create_directories(folder());
        write(folder() / "training.csv", "user\titem\nu1\ti0\nu0\ti0\n");
        write(folder() / "validation_targets.csv", "item,user,why\ni1,u0,because\n");
        write(folder() / "test_targets.csv", "user,item\nu1,i3\n u1 ,i2\n");
        const Scenario scenario = loadScenario(folder(), interactions);
        QCOMPARE(scenario.trainingUsers, (std::vector<std::int32_t>{0, 1}));
        QCOMPARE(scenario.test.targets.columns, (std::vector<std::int32_t>{2, 3}));
        QCOMPARE(scenario.test.sources.columns, (std::vector<std::int32_t>{0}));
        QCOMPARE(scenario.test.candidates.size(), std::size_t{4});
    }

    void readyMadeRefuses_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QStringList>("parts");
        const QString tests = QStringLiteral("test_targets.csv");
        QTest::newRow("unknown user") << tests << QByteArray("user,item\nu1,i3\nu9,i3\n")
                                      << QStringList{"test_targets.csv:3, column user", "no user \"u9\""};
        QTest::newRow("unknown item") << tests << QByteArray("user,item\nu1,i9\n")
                                      << QStringList{"test_targets.csv:2, column item", "no item \"i9\""};
        QTest::newRow("no interaction") << tests << QByteArray("user,item\nu1,i1\n")
                                        << QStringList{"test_targets.csv:2", "does not hold this interaction"};
        QTest::newRow("twice") << tests << QByteArray("user,item\nu1,i3\nu1,i2\nu1,i3\n")
                               << QStringList{"test_targets.csv:4", "a second time"};
        QTest::newRow("in training") << tests << QByteArray("user,item\nu1,i3\nu1,i0\n")
                                     << QStringList{"test_targets.csv:3:", "u1", "i0", "leaks", "see ",
                                                    "training.csv:3"};
        QTest::newRow("validated and tested")
            << QStringLiteral("validation_targets.csv") << QByteArray("user,item\nu0,i1\nu1,i3\n")
            << QStringList{"test_targets.csv:2:", "item \"i3\" of user \"u1\"", "validation_targets.csv:3"};
        QTest::newRow("source and target")
            << QStringLiteral("test_sources.csv") << QByteArray("user,item\nu1,i0\nu1,i2\n")
            << QStringList{"test_targets.csv:3:", "item \"i2\" among the sources", "test_sources.csv:3"};
        QTest::newRow("without a source") << QStringLiteral("training.csv") << QByteArray("user,item\nu0,i0\n")
                                          << QStringList{"test_targets.csv:3:", "user \"u1\" has no source"};
        QTest::newRow("short row before an open quote")
            << tests << QByteArray("user,item\nu1\nu1,i3\nu1,\"i2\n")
            << QStringList{"test_targets.csv:2:", "has 1 field where the header has 2", "in line 4", "never closed"};
        QTest::newRow("no column") << tests << QByteArray("user,thing\nu1,i0\n")
                                   << QStringList{"test_targets.csv", "item"};
        QTest::newRow("no users") << tests << QByteArray("user,item\n") << QStringList{"test_targets.csv"};
        QTest::newRow("missing") << QStringLiteral("-test_targets.csv") << QByteArray()
                                 << QStringList{"test_targets.csv", "no such file"};
        QTest::newRow("candidate twice") << QStringLiteral("test_candidates.csv") << QByteArray("item\ni2\ni3\ni2\n")
                                         << QStringList{"test_candidates.csv:4", "a second time"};
        QTest::newRow("candidate left out")
            << QStringLiteral("test_candidates.csv") << QByteArray("item\ni2\n")
            << QStringList{"test_targets.csv:2:", "item \"i3\"", "no candidate of the test"};
        QTest::newRow("other users") << QStringLiteral("test_sources.csv") << QByteArray("user,item\nu0,i0\n")
                                     << QStringList{"test_sources.csv:2:", "other users", "u0"};
        QTest::newRow("hash") << QStringLiteral("split.json") << QByteArray("{\"hash\": \"00\"}")
                              << QStringList{"split.json"};
        QTest::newRow("no JSON") << QStringLiteral("split.json") << QByteArray("{")
                                 << QStringList{"split.json", "JSON"};
        QTest::newRow("later") << QStringLiteral("split.json") << QByteArray("{\"apiarySplit\": 2}")
                               << QStringList{"later version"};
    }
    void readyMadeRefuses()
    {
        QFETCH(QString, file);
        QFETCH(QByteArray, text);
        QFETCH(QStringList, parts);
        const Interactions interactions =
            tests::interactionsOf({{0, 0, 0}, {0, 1, 0}, {0, 2, 0}, {1, 0, 0}, {1, 2, 0}, {1, 3, 0}}, 2, 4);
        fs::create_directories(folder());
        write(folder() / "training.csv", "user,item\nu0,i0\nu1,i0\n");
        write(folder() / "validation_targets.csv", "user,item\nu0,i1\n");
        write(folder() / "test_targets.csv", "user,item\nu1,i3\nu1,i2\n");
        loadScenario(folder(), interactions);
        if (file.startsWith(u'-'))
            fs::remove(folder() / file.mid(1).toStdString());
        else
            write(folder() / file.toStdString(), text.toStdString());
        try {
            loadScenario(folder(), interactions);
            QFAIL("accepted");
        } catch (const InputError &error) {
            for (const QString &part : parts)
                QVERIFY2(QString::fromStdString(error.what()).contains(part), error.what());
            QVERIFY(!error.remedy().empty());
        }
    }

    void changedListsAreFound()
    {
        const Interactions interactions = someData();
        saveScenario(scenario(ScenarioKind::TimeSplit), interactions, folder());
        std::string text = read(folder() / "training.csv");
        text.erase(text.rfind("\nu"));
        write(folder() / "training.csv", text + "\n");
        QVERIFY_EXCEPTION_THROWN(loadScenario(folder(), interactions), InputError);
    }
};

APIARY_TEST(ScenarioLeakTest)
#include "scenario_leak_test.moc"
