#include "base/error.h"
#include "data/import.h"
#include "data/stored_dataset.h"
#include "run/dataset_place.h"
#include "run/evaluation.h"
#include "run/explore_session.h"
#include "run/runner.h"
#include "store/project.h"
#include "support/assets.h"
#include "support/registry.h"
#include "support/tiny_data.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

using namespace apiary;
using namespace apiary::run;
namespace fs = std::filesystem;

namespace {

class Silent : public RunObserver {
public:
    void onEvent(const RunEvent &) override {}
};

std::string contents(const fs::path &file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

} // namespace

/// How a spec names a dataset of its project, and that a run can be read after the project's folder was moved.
class DatasetPlaceTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;

    fs::path root() const { return m_dir.path().toStdString(); }
    static fs::path encoder() { return tests::golden() / "tiny-bert"; }

    store::ImportedDataset import(store::Project &project, const std::string &name, int users = 80) const
    {
        const tests::TinyData tiny = tests::writeTinyData(root() / name, users);
        data::ImportSpec spec;
        spec.name = name;
        spec.interactions.file = tiny.interactions;
        spec.items.file = tiny.items;
        spec.items.textTemplate = "A text: {text}";
        const data::Imported imported = data::importDataset(spec);
        data::writeDataset(imported, project.datasetStaging());
        return project.publishDataset({name, imported.dataset.hash, "[]"}, false);
    }
    static RunSpec naming(const fs::path &imported)
    {
        RunSpec spec;
        spec.dataset.imported = imported;
        return spec;
    }
    RunSpec training(const fs::path &imported) const
    {
        auto json = nlohmann::json::parse(tests::tinySpec({}, encoder()));
        json["dataset"] = {{"imported", imported.string()}};
        return parseSpec(json.dump(), "tiny");
    }

private slots:
    void findsAndNames_data()
    {
        QTest::addColumn<QString>("written"); // DIR: the project, HASH: the dataset's
        QTest::newRow("name") << "tiny";
        QTest::newRow("hash") << "HASH";
        QTest::newRow("beginning of the hash") << "SHORT";
        QTest::newRow("folder") << "DIR/datasets/HASH";
        QTest::newRow("folder of a project that was moved") << "/nowhere/datasets/HASH";
    }
    void findsAndNames()
    {
        QFETCH(QString, written);
        const auto project = store::Project::open(root() / QTest::currentDataTag());
        const store::ImportedDataset tiny = import(*project, "tiny");
        import(*project, "other", 40);
        written.replace("DIR", QString::fromStdString(project->folder().string()));
        written.replace("HASH", QString::fromStdString(tiny.hash));
        written.replace("SHORT", QString::fromStdString(tiny.hash.substr(0, 10)));
        const RunSpec spec = naming(written.toStdString());
        QCOMPARE(withDatasetFolder(spec, project.get()).dataset.imported, tiny.folder);
        QCOMPARE(withDatasetFolder(spec, project->folder()).dataset.imported, tiny.folder);
        QCOMPARE(withDatasetName(spec, *project).dataset.imported, fs::path("tiny"));
    }

    void leavesOthersAlone()
    {
        const auto project = store::Project::open(root() / "one");
        const auto elsewhere = store::Project::open(root() / "two");
        const fs::path folder = import(*elsewhere, "far").folder;
        QVERIFY(withDatasetName(RunSpec{}, *project) == RunSpec{});
        QVERIFY(withDatasetFolder(RunSpec{}, nullptr) == RunSpec{});
        QCOMPARE(withDatasetName(naming(folder), *project).dataset.imported, folder);
        QCOMPARE(withDatasetFolder(naming(folder), nullptr).dataset.imported, folder);
    }

    void saysWhatIsMissing()
    {
        const auto project = store::Project::open(root() / "missing");
        const auto refused = [](const auto &call) -> QString {
            try {
                call();
                return "accepted";
            } catch (const InputError &error) {
                return QString::fromStdString(error.where() + ": " + error.problem() + " | " + error.remedy());
            }
        };
        QCOMPARE(
            refused([&] { withDatasetFolder(naming("films"), project.get()); }),
            QString("dataset.imported: the project has no dataset \"films\" | import one on the page Data, or with "
                    "`apiary-cli import`"));
        import(*project, "tiny");
        QCOMPARE(refused([&] { withDatasetName(naming("films"), *project); }),
                 QString("dataset.imported: the project has no dataset \"films\" | it has: tiny"));
        QCOMPARE(refused([&] { withDatasetFolder(naming("films"), nullptr); }),
                 QString("dataset.imported: \"films\" is no folder of an imported dataset | name the project that "
                         "holds it, or the dataset's folder"));
    }

    /// A run is kept with the dataset's name: another folder of the project changes nothing.
    void runsSurviveAMove()
    {
        if (!fs::exists(encoder() / "config.json"))
            QSKIP("the tiny encoder is not there");
        const fs::path before = root() / "before", after = root() / "after";
        RunResult result;
        {
            const auto project = store::Project::open(before);
            const store::ImportedDataset tiny = import(*project, "tiny");
            Silent observer;
            PauseGate gate;
            result = execute(training(tiny.folder), *project, observer, gate, {});
            QCOMPARE(result.status, RunStatus::Finished);
            const std::string card = contents(result.encoderFolder / "README.md");
            QVERIFY(card.find("Text of an item: `A text: {text}`") != std::string::npos);
            QVERIFY(card.find(before.string()) == std::string::npos); // it is passed on without this machine's paths
        }
        fs::rename(before, after);
        const auto project = store::Project::open(after);
        const store::RunRecord record = *project->run(result.run);
        const RunSpec kept = parseSpec(record.specJson, "run");
        QCOMPARE(kept.dataset.imported, fs::path("tiny"));
        QCOMPARE(record.specHash, specHash(training("tiny")));
        QCOMPARE(loadExploreSession(*project, result.run)->dataset.hash, record.datasetHash);
        QCOMPARE(testEncoder(*project, result.run, {"again", encoder()}).metrics.size(), std::size_t{3});
        const EvaluationResult again = evaluateEncoders(kept, {{"untrained", encoder()}}, false, {}, {}, project.get());
        QCOMPARE(again.provenance.specHash, record.specHash);
        QCOMPARE(again.provenance.datasetHash, record.datasetHash);

        // The dataset goes: the runs made from it are known, and say how to get it back.
        const std::string hash = project->importedDataset("tiny").hash;
        import(*project, "other", 40);
        QCOMPARE(runsUsingDataset(*project, "tiny"), std::vector<std::int64_t>{result.run});
        QCOMPARE(runsUsingDataset(*project, hash), std::vector<std::int64_t>{result.run});
        QVERIFY(runsUsingDataset(*project, "other").empty());
        const auto opened = [&]() -> std::string {
            try {
                loadExploreSession(*project, result.run);
                return "opened";
            } catch (const InputError &error) {
                return error.problem() + " | " + error.remedy();
            }
        };
        const std::string again12 = "import it again the same way (hash " + hash.substr(0, 12) + ")";
        project->removeDataset("tiny");
        QCOMPARE(opened(), "the dataset \"tiny\" that run 1 was made from is not in the project any more | " + again12);
        import(*project, "tiny", 60);
        QVERIFY2(
            opened().starts_with("\"tiny\" is not the dataset any more that run 1 was made from | import it again"),
            opened().c_str());
    }
};

APIARY_TEST(DatasetPlaceTest)
#include "dataset_place_test.moc"
