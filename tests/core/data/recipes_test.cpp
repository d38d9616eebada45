#include "data/recipes.h"

#include "../hub/hub_fixture.h"
#include "import_files.h"
#include "support/http_server.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <nlohmann/json.hpp>
#include <set>

using namespace apiary;
using namespace apiary::data;
using namespace apiary::tests;
using Reply = HttpServer::Reply;
using Request = HttpServer::Request;

namespace {

std::string archive()
{
    QByteArray ratings;
    for (int i = 0; i < 3000; ++i)
        ratings += QByteArray::number(i % 97) + "::" + QByteArray::number(i * 7 % 3) +
                   "::" + QByteArray::number(1 + i % 5) + "::" + QByteArray::number(978300760 + i) + "\n";
    return zipped({{"ml/README", "terms"},
                   {"ml/ratings.dat", ratings},
                   {"ml/movies.dat", "0::Am\xE9lie (2001)::Comedy\n"
                                     "1::Heat (1995)::Crime\n"
                                     "2::\xC7"
                                     "a (1999)::Drama\n"}})
        .toStdString();
}

/// A list with one recipe whose file lies at `url`.
Recipe recipeAt(const std::string &url, const std::string &sha256)
{
    using Json = nlohmann::ordered_json;
    Json file{{"file", "ml.zip"}, {"url", url}};
    if (!sha256.empty())
        file["sha256"] = sha256;
    const Json format{
        {"kind", "delimited"}, {"encoding", "latin-1"}, {"columns", Json::array({"item_id", "title", "genres"})}};
    const Json spec{
        {"interactions", {{"file", "ml.zip/ml/ratings.dat"}}},
        {"items",
         {{"file", "ml.zip/ml/movies.dat"}, {"format", format}, {"textTemplate", "{title}. Genres: {genres}"}}}};
    const Json recipe{{"name", "tiny"},     {"title", "Tiny"},   {"about", "a test"},
                      {"home", "http://x"}, {"licence", "none"}, {"files", Json::array({file})},
                      {"import", spec}};
    return parseRecipes(Json{{"recipes", Json::array({recipe})}}.dump(), "test").front();
}

} // namespace

class RecipesTest : public QObject {
    Q_OBJECT

    std::string m_archive = archive();

private slots:
    void initTestCase()
    {
        for (const char *name : {"http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
                                 "APIARY_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"})
            qunsetenv(name);
    }

    /// What is compiled in: every recipe can be read, names its licence and its files, and its spec is whole.
    void builtIn()
    {
        std::set<std::string> names;
        for (const Recipe &known : recipes()) {
            QVERIFY(names.insert(known.name).second);
            QVERIFY2(known.licence.size() > 40 && !known.title.empty() && !known.about.empty(), known.name.c_str());
            QVERIFY(!known.files.empty());
            QVERIFY(!known.spec.interactions.user.empty() && !known.spec.interactions.item.empty());
            QVERIFY(!known.spec.items.textTemplate.empty());
            QCOMPARE(known.spec.recipe, known.name);
            for (const RecipeFile &file : known.files)
                QVERIFY(file.url.starts_with("https://"));
        }
        for (const char *name : {"ml-100k", "ml-1m", "ml-latest-small", "ml-20m", "ml-25m", "ml-32m", "goodbooks-10k"})
            QVERIFY(names.contains(name));
        QCOMPARE(recipe("ml-25m").downloadBytes(), 261978986);
        QCOMPARE(recipe("ml-32m").downloadBytes(), -1);
        QVERIFY_EXCEPTION_THROWN(recipe("ml-26m"), InputError);
    }

    /// A transfer that breaks goes on, and the archive is imported without being unpacked.
    void fetchesAndImports()
    {
        std::atomic<int> served = 0;
        const HttpServer server([&](const Request &) {
            Reply reply{.body = m_archive, .etag = "\"1\""};
            if (served++ == 0)
                reply.breakAfter = static_cast<std::int64_t>(m_archive.size() / 2);
            return reply;
        });
        const QTemporaryDir folder;
        const std::filesystem::path place = folder.filePath("made/here").toStdString();
        const Recipe tiny = recipeAt(server.url("/ml.zip"), sha256Of(m_archive));
        const ImportSpec spec = fetchRecipe(tiny, place, quickNetwork());
        QCOMPARE(spec.interactions.file, place / "ml.zip/ml/ratings.dat");
        const auto requests = server.requests();
        QCOMPARE(requests.size(), std::size_t{2});
        QVERIFY(!requests[1].header("range").empty());
        const Imported imported = importDataset(spec);
        QCOMPARE(imported.dataset.catalog.titles[0], std::string("Amélie (2001)"));
        QCOMPARE(imported.dataset.catalog.texts[2], std::string("Ça (1999). Genres: Drama"));
        QCOMPARE(imported.dataset.counts.front().interactions, 3000);
        QVERIFY(!imported.dataset.interactions.timestamps.empty());
        QCOMPARE(imported.report.files[0].sha256, sha256Of(m_archive));

        fetchRecipe(tiny, place, quickNetwork()); // there already and right
        QCOMPARE(server.requests().size(), std::size_t{2});
    }

    void refusesAnotherFile()
    {
        const HttpServer server([&](const Request &) { return Reply{.body = m_archive + "x"}; });
        const QTemporaryDir folder;
        const std::filesystem::path place = folder.path().toStdString();
        const Recipe tiny = recipeAt(server.url("/ml.zip"), sha256Of(m_archive));
        QVERIFY_EXCEPTION_THROWN(fetchRecipe(tiny, place, quickNetwork()), Error);
        QVERIFY(!std::filesystem::exists(place / "ml.zip"));
    }

    /// Where no hash is known the first fetch's is kept, and a file that has changed since is an error.
    void trustsTheFirst()
    {
        std::atomic<bool> changed = false;
        const HttpServer server([&](const Request &) { return Reply{.body = changed ? m_archive + "x" : m_archive}; });
        const QTemporaryDir folder;
        const std::filesystem::path place = folder.path().toStdString();
        const Recipe tiny = recipeAt(server.url("/ml.zip"), "");
        fetchRecipe(tiny, place, quickNetwork());
        QCOMPARE(contents(place / "ml.zip.sha256"), sha256Of(m_archive) + "\n");
        changed = true;
        fetchRecipe(tiny, place, quickNetwork()); // the file is there still
        QCOMPARE(server.requests().size(), std::size_t{1});
        std::filesystem::remove(place / "ml.zip");
        QVERIFY_EXCEPTION_THROWN(fetchRecipe(tiny, place, quickNetwork()), Error);
        changed = false;
        fetchRecipe(tiny, place, quickNetwork());
        QVERIFY(contents(place / "ml.zip") == m_archive);
    }

    void stops()
    {
        const HttpServer server(
            [&](const Request &) { return Reply{.body = m_archive, .pieceBytes = 100, .pauseMs = 50}; });
        const QTemporaryDir folder;
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_EXCEPTION_THROWN(fetchRecipe(recipeAt(server.url("/ml.zip"), ""), folder.path().toStdString(),
                                             quickNetwork(), {}, stop.get_token()),
                                 Cancelled);
    }

    void offline()
    {
        const QTemporaryDir folder;
        hub::Network network = quickNetwork();
        network.offline = "a test says so";
        QVERIFY_EXCEPTION_THROWN(fetchRecipe(recipe("ml-100k"), folder.path().toStdString(), network), InputError);
    }

    void lists_data()
    {
        QTest::addColumn<QByteArray>("change");
        QTest::addColumn<QByteArray>("into");
        QTest::newRow("no JSON") << QByteArray("{\"recipes\"") << QByteArray("{recipes");
        QTest::newRow("file that leads out")
            << QByteArray("\"file\": \"a.csv\", \"url\"") << QByteArray("\"file\": \"../a.csv\", \"url\"");
        QTest::newRow("hidden file") << QByteArray("\"file\": \"a.csv\", \"url\"")
                                     << QByteArray("\"file\": \".a.csv\", \"url\"");
        QTest::newRow("file of no recipe")
            << QByteArray("{\"file\": \"a.csv\"}") << QByteArray("{\"file\": \"/etc/passwd\"}");
        QTest::newRow("hash too short") << QByteArray("\"x:a\"") << QByteArray("\"x:a\", \"sha256\": \"12\"");
        QTest::newRow("unknown field") << QByteArray("\"interactions\"") << QByteArray("\"interaction\"");
        QTest::newRow("no licence") << QByteArray("\"licence\"") << QByteArray("\"license\"");
    }
    void lists()
    {
        QFETCH(QByteArray, change);
        QFETCH(QByteArray, into);
        QByteArray text = R"({"recipes": [{"name": "n", "title": "t", "about": "a", "home": "h", "licence": "l",
            "files": [{"file": "a.csv", "url": "x:a"}],
            "import": {"interactions": {"file": "a.csv"}, "items": {"file": "a.csv"}}}]})";
        QCOMPARE(parseRecipes(text.toStdString(), "list").size(), std::size_t{1});
        QVERIFY(text.contains(change));
        text.replace(change, into);
        QVERIFY_EXCEPTION_THROWN(parseRecipes(text.toStdString(), "list"), InputError);
    }
};

APIARY_TEST(RecipesTest)
#include "recipes_test.moc"
