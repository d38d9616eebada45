#include "store_fixture.h"
#include "support/registry.h"

#include <QTest>
#include <filesystem>
#include <fstream>

using namespace apiary;
using namespace apiary::store;
namespace fs = std::filesystem;

namespace {

const std::string hashA(64, 'a'), hashB(64, 'b');

ImportedDataset publish(Project &project, const std::string &name, const std::string &hash, bool replace = false)
{
    const fs::path staging = project.datasetStaging();
    std::ofstream(staging / "dataset.json") << R"({"name": ")" << name << R"(", "hash": ")" << hash << R"("})";
    std::ofstream(staging / "users.feather") << name;
    return project.publishDataset({name, hash, "[]"}, replace);
}

} // namespace

class ImportedDatasetsTest : public QObject, tests::ProjectFolders {
    Q_OBJECT

private slots:
    void init() { nextFolder(); }

    void publishes()
    {
        const fs::path place = folder();
        {
            const auto project = Project::open(place);
            QVERIFY(project->importedDatasets().empty());
            const ImportedDataset made = publish(*project, "films", hashA);
            QCOMPARE(made.folder, place / "datasets" / hashA);
            QVERIFY(fs::exists(made.folder / "users.feather"));
            QCOMPARE(project->datasets().size(), std::size_t{1});
            publish(*project, "books", hashB);
        }
        const auto again = Project::open(place, Project::Mode::ReadOnly);
        QCOMPARE(again->importedDatasets().size(), std::size_t{2});
        QCOMPARE(again->importedDatasets()[0].name, std::string("books"));
        QCOMPARE(again->importedDataset("films").hash, hashA);
        QCOMPARE(again->importedDataset("bbbbbbbb").name, std::string("books"));
        QVERIFY_EXCEPTION_THROWN(again->importedDataset("bbb"), InputError);
        QVERIFY_EXCEPTION_THROWN(again->importedDataset("cccccccc"), InputError);
        QVERIFY_EXCEPTION_THROWN(again->datasetStaging(), Error);
    }

    void namesAreTaken()
    {
        const auto project = Project::open(folder());
        publish(*project, "films", hashA);
        publish(*project, "films", hashA); // the same again
        QVERIFY_EXCEPTION_THROWN(publish(*project, "films", hashB), InputError);
        QVERIFY_EXCEPTION_THROWN(publish(*project, "movies", hashA), InputError);
        QCOMPARE(project->importedDatasets().size(), std::size_t{1});
        publish(*project, "films", hashB, true);
        QCOMPARE(project->importedDatasets().size(), std::size_t{1});
        QCOMPARE(project->importedDataset("films").hash, hashB);
        QVERIFY(!fs::exists(project->folder() / "datasets" / hashA));
        // The same data under another name: an experiment may name the one that is there.
        QVERIFY_EXCEPTION_THROWN(publish(*project, "movies", hashB, true), InputError);
        QCOMPARE(project->importedDataset(hashB).name, std::string("films"));
    }

    void refusesNames_data()
    {
        QTest::addColumn<QByteArray>("name");
        for (const char *name : {"", " ", ".", "..", "a\nb", "a\x7F", " films", "films "})
            QTest::addRow("\"%s\"", QByteArray(name).toPercentEncoding().constData()) << QByteArray(name);
    }
    void refusesNames()
    {
        QFETCH(QByteArray, name);
        const auto project = Project::open(folder());
        QVERIFY_EXCEPTION_THROWN(publish(*project, name.toStdString(), hashA), InputError);
        QVERIFY(project->importedDatasets().empty());
    }

    void saysWhatIsDamaged()
    {
        const auto project = Project::open(folder());
        const fs::path made = publish(*project, "films", hashA).folder;
        std::ofstream(made / "dataset.json") << "{";
        try {
            project->importedDataset("films");
            QFAIL("found");
        } catch (const InputError &error) {
            QVERIFY2(error.problem().find("damaged") != std::string::npos, error.what());
        }
    }

    void removes()
    {
        const auto project = Project::open(folder());
        publish(*project, "films", hashA);
        project->removeDataset("films");
        QVERIFY(project->importedDatasets().empty());
        QCOMPARE(project->datasets().size(), std::size_t{1}); // runs may refer to it
        QVERIFY_EXCEPTION_THROWN(project->removeDataset("films"), InputError);
    }

    /// What a process that died has left: a half-made dataset goes, one that was set aside comes back.
    void sweeps()
    {
        const fs::path place = folder();
        {
            const auto project = Project::open(place);
            publish(*project, "films", hashA);
            publish(*project, "books", hashB);
            std::ofstream(project->datasetStaging() / "half") << "x";
        }
        fs::rename(place / "datasets" / hashA, place / "datasets" / (".replaced-" + hashA));
        fs::create_directory(place / "datasets" / (".replaced-" + hashB));
        const auto project = Project::open(place);
        QCOMPARE(project->importedDatasets().size(), std::size_t{2});
        int entries = 0;
        for (const auto &entry : fs::directory_iterator(place / "datasets"))
            entries += entry.is_directory() ? 1 : 0;
        QCOMPARE(entries, 2);
    }
};

APIARY_TEST(ImportedDatasetsTest)
#include "imported_datasets_test.moc"
