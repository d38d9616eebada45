#include "store/migrations.h"
#include "store_fixture.h"
#include "support/registry.h"

#include <QTest>
#include <cmath>
#include <fstream>
#include <limits>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace apiary;
using namespace apiary::store;
using tests::errorOf;
namespace fs = std::filesystem;

namespace {

RunRecord exampleRun()
{
    RunRecord run;
    run.name = "first try";
    run.specJson = R"({"name":"first try"})";
    run.specHash = "abc";
    run.environment = R"({"threads":2})";
    run.datasetName = "ml";
    run.datasetHash = "d1";
    run.encoderName = "bert";
    run.encoderHash = "e1";
    run.totalSteps = 30;
    return run;
}

void write(const fs::path &file, const std::string &text)
{
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}

std::string read(const fs::path &file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Runs `work` in a child process that dies by SIGKILL when `work` returns.
template <typename Work>
void inKilledProcess(const Work &work)
{
    const pid_t child = fork();
    if (child == 0) {
        try {
            work();
        } catch (const std::exception &) {
            _exit(7);
        }
        kill(getpid(), SIGKILL);
    }
    int status = 0;
    waitpid(child, &status, 0);
    QVERIFY(WIFSIGNALED(status));
}

} // namespace

class ProjectTest : public QObject, tests::ProjectFolders {
    Q_OBJECT

private slots:
    void init() { nextFolder(); }

    void keepsWhatWasWritten()
    {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        std::int64_t id = 0;
        {
            auto project = Project::open(folder());
            id = project->beginRun(exampleRun());
            project->addStep(id, {1, 0, 0.5, 0.9, 1e-5, 0.3, 0.4, 1000, 200, 2, 5, 6, -1, -1});
            project->addStep(id, {2, 1, 1.5, nan, 1e-5, 0.3, 0.4, 1000, 200, 1, 5, 6, 7, 8});
            project->addMemory(id, {{0.1, 10, 11, -1, -1}, {0.2, 12, 13, 14, 15}});
            project->addValidation(id, {{0, "recall@20", 0.1}, {0, "ndcg@100", 0.2}, {2, "recall@20", 0.3}});
            project->addLog(id, {0.3, "warning", "two rows left out"});
            project->recordDataset({"ml", "d1", R"([{"step":"read"}])"});
            project->setSetting("pinned", "1");
            project->setSetting("pinned", "2");
            RunRecord run = *project->run(id);
            QCOMPARE(run.status, std::string("running"));
            run.status = "finished";
            run.bestStep = 1;
            write(project->stagingFolder(id) / "encoder" / "config.json", "{}");
            QVERIFY(project->run(id)->folder.empty());
            project->finishRun(run,
                               {{"untrained", "recall@20", {0.25, 0.5}, {"u1", "u\"2"}},
                                {"tuned", "recall@20", {0.5, 0.75}, {"u1", "u\"2"}},
                                {"tuned", "ndcg@100", {}, {}}},
                               {{"tuned", "e2", project->folder() / "models" / std::to_string(id) / "encoder", "{}"}});
        }
        for (const auto mode : {Project::Mode::ReadWrite, Project::Mode::ReadOnly}) {
            auto project = Project::open(folder(), mode);
            QCOMPARE(project->runs().size(), std::size_t{1});
            const RunRecord run = *project->run(id);
            QCOMPARE(run.status, std::string("finished"));
            QCOMPARE(run.name, std::string("first try"));
            QCOMPARE(run.datasetName + run.datasetHash + run.encoderName + run.encoderHash, std::string("mld1berte1"));
            QCOMPARE(run.totalSteps, 30);
            QCOMPARE(run.bestStep, 1);
            QVERIFY(run.started > 0 && run.ended >= run.started);
            QCOMPARE(read(run.folder / "encoder" / "config.json"), std::string("{}"));
            const auto steps = project->steps(id);
            QCOMPARE(steps.size(), std::size_t{2});
            QCOMPARE(steps[0].loss, 0.9);
            QVERIFY(std::isnan(steps[1].loss));
            QCOMPARE(steps[1].gpuReserved, std::int64_t{8});
            QCOMPARE(steps[1].epoch, 1);
            QCOMPARE(project->memory(id).at(1).allocated, std::int64_t{13});
            QCOMPARE(project->validation(id).size(), std::size_t{3});
            QCOMPARE(project->validation(id).back().value, 0.3);
            QCOMPARE(project->log(id).at(0).text, std::string("two rows left out"));
            QCOMPARE(project->setting("pinned"), std::string("2"));
            QCOMPARE(project->setting("absent"), std::string());
            const auto metrics = project->metrics(id);
            QCOMPARE(metrics.size(), std::size_t{3});
            QCOMPARE(metrics[1].model, std::string("tuned"));
            QVERIFY((metrics[1].perUser == std::vector<double>{0.5, 0.75}));
            QVERIFY((metrics[1].users == std::vector<std::string>{"u1", "u\"2"}));
            QVERIFY(metrics[2].perUser.empty());
            QCOMPARE(project->datasets().at(0).counts, std::string(R"([{"step":"read"}])"));
            QCOMPARE(project->encoders().size(), std::size_t{2});
            QCOMPARE(project->encoders().at(1).folder, fs::path("models") / std::to_string(id) / "encoder");
        }
    }

    void listsRunsNewestFirstAndDeletesWithUndo()
    {
        auto project = Project::open(folder());
        std::vector<std::int64_t> ids;
        for (int i = 0; i < 3; ++i) {
            ids.push_back(project->beginRun(exampleRun()));
            RunRecord run = *project->run(ids.back());
            run.status = "finished";
            write(project->stagingFolder(run.id) / "steps.csv", "x");
            project->finishRun(run, {{"tuned", "recall@20", {1}, {"u"}}});
        }
        QCOMPARE(project->runs().front().id, ids.back());
        project->deleteRun(ids[1]);
        QCOMPARE(project->runs().size(), std::size_t{2});
        project->undeleteRun(ids[1]);
        QCOMPARE(project->runs().size(), std::size_t{3});
        project->deleteRun(ids[1]);
        QVERIFY(fs::exists(folder() / "models" / std::to_string(ids[1])));
        project->purgeDeleted();
        QVERIFY(!fs::exists(folder() / "models" / std::to_string(ids[1])));
        QVERIFY(!project->run(ids[1]));
        QVERIFY(project->metrics(ids[1]).empty());
        QVERIFY(fs::exists(folder() / "models" / std::to_string(ids[0])));
        // Numbers are not used twice: a folder never belongs to another run.
        project->deleteRun(ids[2]);
        project->purgeDeleted();
        const auto next = project->beginRun(exampleRun());
        QVERIFY(next > ids[2]);
        QVERIFY(errorOf([&] { project->deleteRun(next); }).find("still going on") != std::string::npos);
        QVERIFY(errorOf([&] { project->updateRun(RunRecord{}); }).find("no run 0") != std::string::npos);
    }

    void marksRunsOfDeadProcessesInterrupted()
    {
        inKilledProcess([&] {
            auto project = Project::open(folder());
            const auto id = project->beginRun(exampleRun());
            project->addStep(id, {1, 0, 0.5, 0.9, 1e-5, 0.3, 0.4, 1000, 200, 2, 5, 6, -1, -1});
            write(project->stagingFolder(id) / "half.npy", "half");
            write(project->folder() / "models" / "99" / "orphan", "x");
            write(project->folder() / "models" / "keep me" / "note", "x");
        });
        {
            auto reader = Project::open(folder(), Project::Mode::ReadOnly);
            QCOMPARE(reader->runs().at(0).status, std::string("interrupted"));
        }
        auto project = Project::open(folder());
        const auto run = project->runs().at(0);
        QCOMPARE(run.status, std::string("interrupted"));
        QVERIFY(run.ended > 0);
        QCOMPARE(project->steps(run.id).size(), std::size_t{1});
        QVERIFY(!fs::exists(folder() / "models" / (".staging-" + std::to_string(run.id))));
        QVERIFY(!fs::exists(folder() / "models" / "99"));
        QVERIFY(fs::exists(folder() / "models" / "keep me" / "note"));
    }

    void filesWithoutRowsAreSwept()
    {
        // Killed after the rename and before the commit: what finishRun leaves then.
        inKilledProcess([&] {
            auto project = Project::open(folder());
            const auto id = project->beginRun(exampleRun());
            write(project->stagingFolder(id) / "encoder" / "x", "x");
            fs::rename(project->stagingFolder(id), project->folder() / "models" / std::to_string(id));
        });
        auto project = Project::open(folder());
        const auto run = project->runs().at(0);
        QVERIFY(run.folder.empty());
        QVERIFY(!fs::exists(folder() / "models" / std::to_string(run.id)));
    }

    void failedFinishShowsNothing()
    {
        auto project = Project::open(folder());
        const auto id = project->beginRun(exampleRun());
        write(project->stagingFolder(id) / "x", "x");
        RunRecord run = *project->run(id);
        run.status = "finished";
        // The same metric twice breaks a constraint after the rename.
        QVERIFY(!errorOf([&] {
                     project->finishRun(run, {{"tuned", "recall@20", {1}, {"u"}}, {"tuned", "recall@20", {1}, {"u"}}});
                 }).empty());
        QCOMPARE(project->run(id)->status, std::string("running"));
        QVERIFY(project->metrics(id).empty());
        QVERIFY(!fs::exists(folder() / "models" / std::to_string(id)));
        QVERIFY(fs::exists(project->stagingFolder(id) / "x"));
        run.status = "failed";
        project->discardStaging(id);
        project->finishRun(run, {});
        QVERIFY(project->run(id)->folder.empty());
        QVERIFY(!fs::exists(folder() / "models" / (".staging-" + std::to_string(id))));
    }

    void hasOneWriter()
    {
        auto writer = Project::open(folder());
        const std::string message = errorOf([&] { Project::open(folder()); });
        QVERIFY2(message.find(std::to_string(getpid())) != std::string::npos, message.c_str());
        QVERIFY(message.find("read-only") != std::string::npos);
        const auto id = writer->beginRun(exampleRun());
        auto second = writer->reopen();
        second->addLog(id, {1, "info", "from another thread"});
        auto reader = Project::open(folder(), Project::Mode::ReadOnly);
        QVERIFY(reader->readOnly());
        QCOMPARE(reader->log(id).size(), std::size_t{1});
        QCOMPARE(reader->runs().at(0).status, std::string("running"));
        QVERIFY(!errorOf([&] { reader->beginRun(exampleRun()); }).empty());
        QVERIFY(!errorOf([&] { reader->setSetting("a", "b"); }).empty());
        writer.reset();
        QVERIFY(!errorOf([&] { Project::open(folder()); }).empty()); // reopen() shares the lock
        second.reset();
        QVERIFY(Project::open(folder()) != nullptr);
    }

    void lockDiesWithItsProcess()
    {
        inKilledProcess([&] { new auto(Project::open(folder())); });
        QVERIFY(Project::open(folder()) != nullptr);
    }

    void refusesWhatIsNoProject()
    {
        QVERIFY(!errorOf([&] { Project::open(folder(), Project::Mode::ReadOnly); }).empty());
        QVERIFY(!fs::exists(folder())); // looking does not make
        fs::create_directories(folder());
        write(folder() / "project.sqlite",
              "this is a text, long enough to be no SQLite header at all" + std::string(4096, 'x'));
        QVERIFY(errorOf([&] { Project::open(folder()); }).find("damaged") != std::string::npos);
        fs::remove(folder() / "project.sqlite");
        {
            Database other(folder() / "project.sqlite", Database::Mode::Create);
            other.execute("CREATE TABLE a (b)");
        }
        const auto before = read(folder() / "project.sqlite");
        QVERIFY(errorOf([&] { Project::open(folder()); }).find("no Apiary project") != std::string::npos);
        QCOMPARE(read(folder() / "project.sqlite"), before);
        write(folder() / "file", "x");
        QVERIFY(!errorOf([&] { Project::open(folder() / "file"); }).empty());
    }

    void refusesNewerFormats()
    {
        Project::open(folder());
        {
            Database raw(folder() / "project.sqlite", Database::Mode::Create);
            raw.execute("PRAGMA user_version = 1000");
        }
        for (const auto mode : {Project::Mode::ReadWrite, Project::Mode::ReadOnly}) {
            const std::string message = errorOf([&] { Project::open(folder(), mode); });
            QVERIFY2(message.find("newer Apiary (format 1000") != std::string::npos, message.c_str());
        }
    }

    void saysThatADamagedFileIsDamaged()
    {
        {
            auto project = Project::open(folder());
            const auto id = project->beginRun(exampleRun());
            for (int i = 0; i < 500; ++i)
                project->addLog(id, {1.0 * i, "info", std::string(100, 'a')});
        }
        const fs::path file = folder() / "project.sqlite";
        const auto size = fs::file_size(file);
        {
            std::fstream damage(file, std::ios::in | std::ios::out | std::ios::binary);
            damage.seekp(4096);
            damage << std::string(size - 4096, '\x5a');
        }
        const std::string message = errorOf([&] {
            auto project = Project::open(folder());
            project->log(1);
        });
        QVERIFY2(message.find("damaged") != std::string::npos, message.c_str());
    }

    void readsInAFolderThatCannotBeWritten()
    {
        if (geteuid() == 0)
            QSKIP("root may write everywhere");
        {
            auto project = Project::open(folder());
            project->beginRun(exampleRun());
        }
        fs::permissions(folder(), fs::perms::owner_read | fs::perms::owner_exec);
        const std::string message = errorOf([&] { Project::open(folder()); });
        std::size_t runs = 0;
        const std::string reading =
            errorOf([&] { runs = Project::open(folder(), Project::Mode::ReadOnly)->runs().size(); });
        const std::string inside = errorOf([&] { Project::open(folder() / "sub"); });
        fs::permissions(folder(), fs::perms::owner_all);
        QVERIFY2(reading.empty(), reading.c_str());
        QCOMPARE(runs, std::size_t{1});
        QVERIFY(inside.find("may write") != std::string::npos);
        // The lock file is there and may be opened, but SQLite must not write.
        QVERIFY(!message.empty() || fs::exists(folder() / "project.lock"));
    }

    void manyStepsAreCheap()
    {
        auto project = Project::open(folder());
        const auto id = project->beginRun(exampleRun());
        const auto began = std::chrono::steady_clock::now();
        for (int i = 1; i <= 2000; ++i)
            project->addStep(id, {i, 0, 0.5, 0.9, 1e-5, 0.3, 0.4, 1000, 200, 2, 5, 6, -1, -1});
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        QVERIFY2(seconds < 5, std::to_string(seconds).c_str());
    }
};

APIARY_TEST(ProjectTest)
#include "project_test.moc"
