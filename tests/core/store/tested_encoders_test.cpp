#include "base/error.h"
#include "store/database.h"
#include "store/migrations.h"
#include "store/project.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>

using namespace apiary;
using namespace apiary::store;
namespace fs = std::filesystem;

namespace {

std::int64_t addRun(Project &project)
{
    RunRecord run;
    run.name = "first try";
    run.specJson = "{}";
    run.id = project.beginRun(run);
    run.status = "finished";
    project.finishRun(run, {{"untrained", "recall@20", {0.5, 0.25}, {"u1", "u2"}}});
    return run.id;
}

TestedEncoder tested(std::int64_t run, const std::string &hash, double value, const fs::path &folder = "/models/mini")
{
    TestedEncoder encoder;
    encoder.run = run;
    encoder.name = "mini";
    encoder.hash = hash;
    encoder.folder = folder;
    for (const char *metric : {"recall@20", "ndcg@100"})
        encoder.metrics.push_back({"mini", metric, {value, value / 3}, {"u1", "u2"}});
    return encoder;
}

} // namespace

class TestedEncodersTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    int m_number = 0;
    fs::path folder() const { return fs::path(m_dir.path().toStdString()) / ("project" + std::to_string(m_number)); }

private slots:
    void init() { ++m_number; }

    void comeBackAsTheyWent()
    {
        std::int64_t run = 0;
        {
            const auto project = Project::open(folder());
            run = addRun(*project);
            QVERIFY(project->tested(run).empty());
            QVERIFY(project->keepTested(tested(run, "h1", 0.1)) > 0);
            project->keepTested(tested(run, "h2", 0.7, project->folder() / "models" / "1" / "encoder"));
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
        QCOMPARE(got[0].metrics[0].perUser, (std::vector<double>{0.1, 0.1 / 3}));
        QCOMPARE(got[0].metrics[1].users, (std::vector<std::string>{"u1", "u2"}));
        QCOMPARE(project->metrics(run).size(), std::size_t{1}); // the run's own are apart
        QVERIFY_EXCEPTION_THROWN(project->keepTested(tested(run, "h3", 0.1)), Error);
    }

    void oneRowAnEncoder()
    {
        const auto project = Project::open(folder());
        const auto run = addRun(*project);
        project->keepTested(tested(run, "h1", 0.1));
        const auto again = project->keepTested(tested(run, "h1", 0.9));
        const auto got = project->tested(run);
        QCOMPARE(got.size(), std::size_t{1});
        QCOMPARE(got[0].id, again);
        QCOMPARE(got[0].metrics[0].perUser[0], 0.9);
        project->removeTested(again);
        QVERIFY(project->tested(run).empty());
        project->keepTested(got[0]); // undo
        QCOMPARE(project->tested(run)[0].metrics[1].perUser, got[0].metrics[1].perUser);
        QCOMPARE(project->tested(run)[0].tested, got[0].tested);
        QVERIFY_EXCEPTION_THROWN(project->keepTested(tested(999, "h1", 0.1)), Error);
    }

    void usersAreKeptOnceAndGoWithTheRun()
    {
        const auto project = Project::open(folder());
        const auto run = addRun(*project);
        project->keepTested(tested(run, "h1", 0.1));
        project->keepTested(tested(run, "h2", 0.2));
        const auto count = [&](const char *table) {
            const Database database(folder() / "project.sqlite", Database::Mode::ReadOnly);
            Statement row(database, std::string("SELECT count(*) FROM ") + table);
            row.step();
            return row.integer(0);
        };
        QCOMPARE(count("metric_users"), std::int64_t{1});
        QCOMPARE(count("tested_metrics"), std::int64_t{4});
        project->deleteRun(run);
        project->purgeDeleted();
        QCOMPARE(count("tested_encoders"), std::int64_t{0});
        QCOMPARE(count("tested_metrics"), std::int64_t{0});
        QCOMPARE(count("metric_users"), std::int64_t{0});
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
        project->keepTested(tested(1, "h1", 0.5));
        QCOMPARE(project->tested(1).size(), std::size_t{1});
    }
};

APIARY_TEST(TestedEncodersTest)
#include "tested_encoders_test.moc"
