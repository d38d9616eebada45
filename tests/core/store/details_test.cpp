#include "store/migrations.h"
#include "store_fixture.h"
#include "support/registry.h"

#include <QTest>
#include <cmath>
#include <limits>

using namespace apiary;
using namespace apiary::store;
namespace fs = std::filesystem;

namespace {

TestDetails details(const std::string &model, double value)
{
    return {{{model, "coverage@20", value}, {model, "gini@20", value / 3}},
            {{"items: tail", false, {"u1", "u3"}, {{model, "recall@20", {value, 0.25}, {}}}},
             {"users: heavy", true, {"u2"}, {}}}};
}

TestedEncoder tested(std::int64_t run, const std::string &hash, double value)
{
    TestedEncoder encoder = tests::testedEncoder(run, hash, value);
    encoder.details = details("mini", value);
    return encoder;
}

} // namespace

class DetailsTest : public QObject, tests::ProjectFolders {
    Q_OBJECT

private slots:
    void init() { nextFolder(); }

    void comeBackAsTheyWent()
    {
        std::int64_t run = 0;
        TestDetails found = details("tuned", 0.1);
        found.totals.push_back({"random", "coverage@20", std::numeric_limits<double>::quiet_NaN()});
        found.segments[0].metrics.push_back({"random", "recall@20", {0, 1.0 / 3}, {}});
        {
            const auto project = Project::open(folder());
            run = tests::addRun(*project, found);
            project->keepTested(tested(run, "h1", 0.75));
        }
        const auto project = Project::open(folder(), Project::Mode::ReadOnly);
        const TestDetails got = project->details(run);
        QCOMPARE(got.totals.size(), std::size_t{3});
        QCOMPARE(got.totals[1].metric, std::string("gini@20"));
        QCOMPARE(got.totals[1].value, 0.1 / 3);
        QVERIFY(std::isnan(got.totals[2].value));
        QCOMPARE(got.segments.size(), std::size_t{2});
        QCOMPARE(got.segments[0].name, std::string("items: tail"));
        QVERIFY(!got.segments[0].ofUsers && got.segments[1].ofUsers);
        QCOMPARE(got.segments[0].users, (std::vector<std::string>{"u1", "u3"}));
        QCOMPARE(got.segments[0].metrics.size(), std::size_t{2});
        QCOMPARE(got.segments[0].metrics[1].model, std::string("random"));
        QCOMPARE(got.segments[0].metrics[1].perUser, (std::vector<double>{0, 1.0 / 3}));
        QVERIFY(got.segments[1].metrics.empty());
        QCOMPARE(project->metrics(run).size(), std::size_t{1}); // the whole test is apart

        const TestDetails other = project->tested(run).at(0).details;
        QCOMPARE(other.totals.size(), std::size_t{2});
        QCOMPARE(other.totals[0].value, 0.75);
        QCOMPARE(other.segments[0].metrics.size(), std::size_t{1});
        QCOMPARE(other.segments[0].metrics[0].perUser, (std::vector<double>{0.75, 0.25}));
        QVERIFY(project->details(run + 1).totals.empty());
    }

    void goWithTheirEncoderAndTheirRun()
    {
        const auto project = Project::open(folder());
        const auto run = tests::addRun(*project, details("tuned", 0.1));
        project->keepTested(tested(run, "h1", 0.5));
        const auto again = project->keepTested(tested(run, "h1", 0.75)); // in place of the first
        QCOMPARE(tests::rowCount(folder(), "totals"), std::int64_t{4});
        QCOMPARE(tests::rowCount(folder(), "segment_metrics"), std::int64_t{2});
        const TestedEncoder removed = project->tested(run).at(0);
        project->removeTested(again);
        QCOMPARE(tests::rowCount(folder(), "totals"), std::int64_t{2});
        QCOMPARE(tests::rowCount(folder(), "segment_metrics"), std::int64_t{1});
        project->keepTested(removed); // undo
        QCOMPARE(project->tested(run).at(0).details.segments[0].metrics[0].perUser[0], 0.75);
        QCOMPARE(tests::rowCount(folder(), "segments"), std::int64_t{2});
        project->deleteRun(run);
        project->purgeDeleted();
        for (const char *table : {"totals", "segments", "segment_metrics", "metric_users"})
            QCOMPARE(tests::rowCount(folder(), table), std::int64_t{0});
    }

    void segmentsOfOtherUsersAreRefused()
    {
        const auto project = Project::open(folder());
        const auto run = tests::addRun(*project, details("tuned", 0.1));
        TestedEncoder other = tested(run, "h1", 0.5);
        other.details.segments[0].users = {"u2", "u3"};
        QVERIFY_EXCEPTION_THROWN(project->keepTested(other), Error);
        QVERIFY(project->tested(run).empty()); // nothing of it was kept
        QCOMPARE(tests::rowCount(folder(), "totals"), std::int64_t{2});
    }

    void damagedValuesAreRefused()
    {
        const auto project = Project::open(folder());
        const auto run = tests::addRun(*project, details("tuned", 0.1));
        {
            const Database raw(folder() / "project.sqlite", Database::Mode::Create);
            raw.execute("UPDATE segment_metrics SET per_user = x'0102'");
        }
        QVERIFY_EXCEPTION_THROWN(project->details(run), Error);
    }

    void aProjectOfTheSecondFormatIsBroughtUp()
    {
        fs::create_directories(folder());
        {
            const Database database(folder() / "project.sqlite", Database::Mode::Create);
            migrate(database, migrations().first(2));
            database.execute("INSERT INTO runs (name, status, message, started, ended, spec, spec_hash, environment, "
                             "total_steps, best_step) VALUES ('old', 'finished', '', 1, 2, '{}', '', '{}', 3, 3);"
                             "INSERT INTO metric_users (run, users) VALUES (1, '[\"u1\",\"u2\",\"u3\"]');"
                             "INSERT INTO metrics (run, model, metric, users, per_user) VALUES "
                             "(1, 'tuned', 'recall@20', 1, zeroblob(24))");
        }
        QVERIFY_EXCEPTION_THROWN(Project::open(folder(), Project::Mode::ReadOnly), Error);
        const auto project = Project::open(folder());
        QVERIFY(fs::exists(folder() / "project.sqlite.v2.backup"));
        QCOMPARE(project->metrics(1).at(0).perUser, (std::vector<double>{0, 0, 0}));
        QVERIFY(project->details(1).segments.empty() && project->details(1).totals.empty());
        project->keepTested(tested(1, "h1", 0.5)); // brings segments to a run that had none
        QCOMPARE(project->tested(1).at(0).details.segments.size(), std::size_t{2});
    }
};

APIARY_TEST(DetailsTest)
#include "details_test.moc"
