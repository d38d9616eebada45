#include "store/migrations.h"
#include "store_fixture.h"
#include "support/registry.h"

#include <QTest>
#include <array>

using namespace apiary;
using namespace apiary::store;
using tests::errorOf;
namespace fs = std::filesystem;

class DatabaseTest : public QObject, tests::ProjectFolders {
    Q_OBJECT

private slots:
    void init() { nextFolder(); }

    void migratesWithABackup()
    {
        const std::array<Migration, 1> one{"CREATE TABLE a (x)"};
        const std::array<Migration, 2> two{one[0], "ALTER TABLE a ADD COLUMN y DEFAULT 5"};
        const std::array<Migration, 3> broken{two[0], two[1], "CREATE TABLE b (z); CREATE NONSENSE"};
        fs::create_directories(folder());
        const fs::path file = folder() / "project.sqlite";
        Database database(file, Database::Mode::Create);
        database.execute("PRAGMA journal_mode = WAL");
        migrate(database, one);
        QVERIFY(!fs::exists(file.string() + ".v1.backup"));
        database.execute("INSERT INTO a VALUES (1)");
        migrate(database, two);
        QCOMPARE(database.pragma("user_version"), std::int64_t{2});
        QCOMPARE(database.pragma("application_id"), applicationId);
        Statement row(database, "SELECT x + y FROM a");
        QVERIFY(row.step());
        QCOMPARE(row.integer(0), std::int64_t{6});
        row.reset();
        {
            Database copy(file.string() + ".v1.backup", Database::Mode::ReadOnly);
            QCOMPARE(copy.pragma("user_version"), std::int64_t{1});
            Statement kept(copy, "SELECT x FROM a");
            QVERIFY(kept.step());
        }
        const std::string message = errorOf([&] { migrate(database, broken); });
        QVERIFY2(message.find(".v2.backup") != std::string::npos, message.c_str());
        QCOMPARE(database.pragma("user_version"), std::int64_t{2});
        Statement tables(database, "SELECT count(*) FROM sqlite_master WHERE name = 'b'");
        tables.step();
        QCOMPARE(tables.integer(0), std::int64_t{0});
    }

    void everyConnectionHasOurSettings()
    {
        Project::open(folder());
        for (const auto mode : {Database::Mode::Create, Database::Mode::ReadOnly}) {
            Database database(folder() / "project.sqlite", mode);
            QCOMPARE(database.pragma("foreign_keys"), std::int64_t{1});
            QCOMPARE(database.pragma("synchronous"), std::int64_t{1});
            QVERIFY(database.pragma("busy_timeout") >= 1000);
            QCOMPARE(database.pragma("application_id"), applicationId);
            QVERIFY(database.pragma("user_version") >= 1);
        }
    }
};

APIARY_TEST(DatabaseTest)
#include "database_test.moc"
