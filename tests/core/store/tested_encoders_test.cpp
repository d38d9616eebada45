#include "store/migrations.h"
#include "store_fixture.h"
#include "support/registry.h"

#include <QTest>

using namespace apiary;
using namespace apiary::store;
namespace fs = std::filesystem;

class TestedEncodersTest : public QObject, tests::ProjectFolders {
    Q_OBJECT

private slots:
    void init() { nextFolder(); }

    void comeBackAsTheyWent()
    {
        std::int64_t run = 0;
        {
            const auto project = Project::open(folder());
            run = tests::addRun(*project);
            QVERIFY(project->tested(run).empty());
            QVERIFY(project->keepTested(tests::testedEncoder(run, "h1", 0.1)) > 0);
            project->keepTested(tests::testedEncoder(run, "h2", 0.7, project->folder() / "models" / "1" / "encoder"));
        }
        const auto project = Project::open(folder(), Project::Mode::ReadOnly);
        const auto got = project->tested(run);
        QCOMPARE(got.size(), std::size_t{2});
        QCOMPARE(got[0].name, std::string("mini"));
        QCOMPARE(got[0].hash, std::string("h1"));
        QCOMPARE(got[0].run, run);
        QCOMPARE(got[0].folder, fs::path("/models/mini"));
        QVERIFY(got[0].tested > 0);
        QCOMPARE(got[1].folder, project->folder() / "models" / "1" / "encoder");
        QCOMPARE(got[0].metrics.size(), std::size_t{2});
        QCOMPARE(got[0].metrics[0].metric, std::string("recall@20"));
        QCOMPARE(got[0].metrics[0].perUser, (std::vector<double>{0.1, 0.1 / 3, 0.1 / 9}));
        QCOMPARE(got[0].metrics[1].users, (std::vector<std::string>{"u1", "u2", "u3"}));
        QCOMPARE(project->metrics(run).size(), std::size_t{1}); // the run's own are apart
        QVERIFY_EXCEPTION_THROWN(project->keepTested(tests::testedEncoder(run, "h3", 0.1)), Error);
    }

    void oneRowAnEncoder()
    {
        const auto project = Project::open(folder());
        const auto run = tests::addRun(*project);
        project->keepTested(tests::testedEncoder(run, "h1", 0.1));
        const auto again = project->keepTested(tests::testedEncoder(run, "h1", 0.9));
        const auto got = project->tested(run);
        QCOMPARE(got.size(), std::size_t{1});
        QCOMPARE(got[0].id, again);
        QCOMPARE(got[0].metrics[0].perUser[0], 0.9);
        project->removeTested(again);
        QVERIFY(project->tested(run).empty());
        project->keepTested(got[0]); // undo
        QCOMPARE(project->tested(run)[0].metrics[1].perUser, got[0].metrics[1].perUser);
        QCOMPARE(project->tested(run)[0].tested, got[0].tested);
        QVERIFY_EXCEPTION_THROWN(project->keepTested(tests::testedEncoder(999, "h1", 0.1)), Error);
    }

    void usersAreKeptOnceAndGoWithTheRun()
    {
        const auto project = Project::open(folder());
        const auto run = tests::addRun(*project);
        project->keepTested(tests::testedEncoder(run, "h1", 0.1));
        project->keepTested(tests::testedEncoder(run, "h2", 0.2));
        QCOMPARE(tests::rowCount(folder(), "metric_users"), std::int64_t{1});
        QCOMPARE(tests::rowCount(folder(), "tested_metrics"), std::int64_t{4});
        project->deleteRun(run);
        project->purgeDeleted();
        QCOMPARE(tests::rowCount(folder(), "tested_encoders"), std::int64_t{0});
        QCOMPARE(tests::rowCount(folder(), "tested_metrics"), std::int64_t{0});
        QCOMPARE(tests::rowCount(folder(), "metric_users"), std::int64_t{0});
    }

    void aProjectOfTheFirstFormatIsBroughtUp()
    {
        fs::create_directories(folder());
        {
            const Database database(folder() / "project.sqlite", Database::Mode::Create);
            migrate(database, migrations().first(1));
            database.execute("INSERT INTO runs (name, status, message, started, ended, spec, spec_hash, environment, "
                             "total_steps, best_step) VALUES ('old', 'finished', '', 1, 2, '{}', '', '{}', 3, 3)");
        }
        QVERIFY_EXCEPTION_THROWN(Project::open(folder(), Project::Mode::ReadOnly), Error);
        const auto project = Project::open(folder());
        QVERIFY(fs::exists(folder() / "project.sqlite.v1.backup"));
        QCOMPARE(project->runs().size(), std::size_t{1});
        project->keepTested(tests::testedEncoder(1, "h1", 0.5));
        QCOMPARE(project->tested(1).size(), std::size_t{1});
    }
};

APIARY_TEST(TestedEncodersTest)
#include "tested_encoders_test.moc"
