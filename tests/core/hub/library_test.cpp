#include "hub/library.h"

#include "hub/card.h"
#include "hub/encoder_names.h"
#include "hub/hub_cache.h"
#include "hub/packaged.h"
#include "hub_fixture.h"
#include "support/assets.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace apiary;
using namespace apiary::tests;
namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

/// A safetensors file with one tensor of this shape, its numbers zero.
std::string safetensors(const std::string &dtype, const std::vector<std::int64_t> &shape, std::size_t bytes)
{
    const std::string head = Json({{"w", {{"dtype", dtype}, {"shape", shape}, {"data_offsets", {0, bytes}}}}}).dump();
    std::string file(8, '\0');
    for (std::size_t i = 0; i < 8; ++i)
        file[i] = static_cast<char>(head.size() >> (8 * i) & 255);
    return file + head + std::string(bytes, '\0');
}

void writeEncoder(const fs::path &folder)
{
    writeFile(
        folder / "config.json",
        "{\"model_type\": \"bert\", \"hidden_size\": 8, \"num_hidden_layers\": 2, \"max_position_embeddings\": 32}");
    writeFile(folder / "model.safetensors", safetensors("F32", {4, 8}, 128));
    writeFile(folder / "vocab.txt", "[UNK]\n");
}

QStringList names(const std::vector<hub::KnownEncoder> &encoders)
{
    QStringList list;
    for (const hub::KnownEncoder &encoder : encoders)
        list << QString::fromStdString(encoder.name) + "/" + QString::number(static_cast<int>(encoder.origin));
    return list;
}

} // namespace

class LibraryTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    int m_number = 0;
    std::error_code m_ignored;

    fs::path newPlace() { return m_folder.filePath(QString::number(++m_number)).toStdString(); }

private slots:
    void homes()
    {
        const Variable home("APIARY_HOME", "/a");
        QVERIFY(hub::homeFolder() == fs::path("/a"));
        const Variable none("APIARY_HOME", std::nullopt);
        const Variable data("XDG_DATA_HOME", "/b");
        QVERIFY(hub::homeFolder() == fs::path("/b/apiary"));
        const Variable noData("XDG_DATA_HOME", std::nullopt);
        const Variable user("HOME", "/c");
        QVERIFY(hub::homeFolder() == fs::path("/c/.local/share/apiary"));
    }

    void settings()
    {
        const fs::path home = newPlace();
        const hub::Settings none = hub::loadSettings(home);
        QVERIFY(none.hubBase.empty() && !none.offline);
        QCOMPARE(none.embeddingCacheBytes, std::int64_t{2} << 30);
        writeFile(home / "settings.json", "{\"later\": {\"a\": [1]}, \"offline\": true}");
        hub::Settings settings = hub::loadSettings(home);
        QVERIFY(settings.offline);
        settings.hubBase = "https://mirror.example";
        settings.embeddingCacheBytes = 5;
        hub::saveSettings(settings, home);
        const hub::Settings read = hub::loadSettings(home);
        QCOMPARE(read.hubBase, settings.hubBase);
        QCOMPARE(read.embeddingCacheBytes, std::int64_t{5});
        QCOMPARE(Json::parse(contents(home / "settings.json"))["later"]["a"][0].get<int>(), 1); // unknown fields stay
        QCOMPARE(std::distance(fs::directory_iterator(home), {}), 2);                           // and no temporary file

        for (const char *bad : {"[]", "{", "{\"offline\": 1}", "{\"hubBase\": 1}", "{\"embeddingCacheBytes\": -1}",
                                "{\"embeddingCacheBytes\": \"2\"}"}) {
            writeFile(home / "settings.json", bad);
            const Thrown thrown = thrownBy([&] { hub::loadSettings(home); });
            QVERIFY2(thrown.input && thrown.text.contains("settings.json"), qPrintable(thrown.text));
            QVERIFY(!thrownBy([&] { hub::saveSettings({}, home); }).text.isEmpty() || std::string(bad) != "[]");
        }
    }

    void listsAndChanges()
    {
        const Variable cache("HF_HUB_CACHE", newPlace().string());
        const Variable torch("SENTENCE_TRANSFORMERS_HOME", newPlace().string());
        const fs::path home = newPlace();
        const fs::path elsewhere = newPlace() / "mine";
        hub::EncoderLibrary library(home);
        QVERIFY(library.list().empty());
        writeEncoder(home / "encoders" / "org--name");
        writeEncoder(home / "encoders" / "a-first");
        writeEncoder(home / "encoders" / ".download-x");
        writeFile(home / "encoders" / "notes" / "README.md", "");
        writeEncoder(elsewhere);
        QCOMPARE(names(library.list()), QStringList({"a-first/0", "org/name/0"}));

        library.addFolder(elsewhere / "");
        library.addFolder(elsewhere);
        library.addFolder(home / "encoders" / "a-first"); // known already: listed once
        QCOMPARE(names(library.list()), QStringList({"a-first/0", "org/name/0", "mine/2"}));
        for (const fs::path &bad : {elsewhere / "none", home, fs::path("")}) {
            const Thrown thrown = thrownBy([&] { library.addFolder(bad); });
            QVERIFY2(thrown.input, qPrintable(thrown.text));
        }
        fs::remove_all(elsewhere);
        QCOMPARE(library.list().size(), 3U); // gone, but can still be removed
        library.removeFolder(elsewhere);
        QCOMPARE(library.list().size(), 2U);
        QVERIFY(thrownBy([&] { library.removeFolder(elsewhere); }).input);

        const fs::path installed = home / "encoders" / "org--name";
        const fs::path trashed = library.trash(installed);
        QVERIFY(!fs::exists(installed));
        QCOMPARE(names(library.list()), QStringList({"a-first/0"}));
        library.restore(trashed, installed);
        QCOMPARE(library.list().size(), 2U);
        const fs::path again = library.trash(installed);
        writeEncoder(installed);
        QVERIFY(thrownBy([&] { library.restore(again, installed); }).input); // the place is taken
        library.emptyTrash();
        QVERIFY(!fs::exists(again) && fs::exists(installed) && fs::exists(home / "encoders" / ".download-x"));
        for (const fs::path &bad : {home, home / "encoders", elsewhere})
            QVERIFY2(thrownBy([&] { library.trash(bad); }).input, bad.c_str());
        QCOMPARE(hub::folderName("org/name"), std::string("org--name"));
        QCOMPARE(hub::folderName("org/name", "refs/pr/1"), std::string("org--name@refs-pr-1"));
        QCOMPARE(hub::folderName("org/name", "main"), std::string("org--name"));
    }

    void twoWriters()
    {
        const fs::path home = newPlace();
        std::vector<fs::path> folders;
        for (int i = 0; i < 16; ++i) {
            folders.push_back(newPlace());
            writeEncoder(folders.back());
        }
        {
            std::vector<std::jthread> threads;
            for (int t = 0; t < 4; ++t)
                threads.emplace_back([&, t] {
                    for (std::size_t i = static_cast<std::size_t>(t); i < folders.size(); i += 4)
                        hub::EncoderLibrary(home).addFolder(folders[i]);
                });
        }
        QCOMPARE(Json::parse(contents(home / "settings.json"))["encoderFolders"].size(), folders.size());
    }

    void hubCache()
    {
        const fs::path cache = newPlace();
        const fs::path repository = cache / "models--org--some-name";
        writeEncoder(repository / "blobs");
        const auto snapshot = [&](const char *commit, bool weights) {
            const fs::path folder = repository / "snapshots" / commit;
            fs::create_directories(folder);
            fs::create_symlink("../../blobs/config.json", folder / "config.json");
            fs::create_symlink(weights ? "../../blobs/model.safetensors" : "../../blobs/absent",
                               folder / "model.safetensors");
        };
        snapshot("aaaaaaaaaaaa", true);
        snapshot("bbbbbbbbbbbb", true);
        snapshot("cccccccccccc", false); // an interrupted download: the link leads nowhere
        writeFile(repository / "refs" / "main", "bbbbbbbbbbbb");
        writeEncoder(cache / "models--plain" / "snapshots" / "dddd");
        writeEncoder(cache / "org_older");
        writeFile(cache / "datasets--org--x" / "config.json", "{}");
        writeFile(cache / "version.txt", "1");
        QStringList found = names(hub::encodersInCache(cache));
        found.sort();
        QCOMPARE(found, QStringList({"org/some-name/1", "org/some-name@aaaaaaaa/1", "org_older/1", "plain/1"}));
        QVERIFY(hub::encodersInCache(cache / "none").empty());

        const Variable none("HF_HUB_CACHE", std::nullopt);
        const Variable older("HUGGINGFACE_HUB_CACHE", std::nullopt);
        const Variable home("HF_HOME", std::nullopt);
        const Variable torch("TORCH_HOME", std::nullopt);
        const Variable sentence("SENTENCE_TRANSFORMERS_HOME", std::nullopt);
        const fs::path user = newPlace();
        const Variable userHome("HOME", user.string());
        const Variable xdg("XDG_CACHE_HOME", std::nullopt);
        fs::create_directories(user / ".cache/huggingface/hub");
        fs::create_directories(user / ".cache/torch/sentence_transformers");
        QVERIFY(hub::cacheFolders() ==
                (std::vector<fs::path>{user / ".cache/huggingface/hub", user / ".cache/torch/sentence_transformers"}));
        const Variable named("HF_HUB_CACHE", cache.string());
        QVERIFY(hub::cacheFolders().front() == cache);
        QVERIFY(names(hub::EncoderLibrary(newPlace()).list()).contains("org/some-name/1"));
        QCOMPARE(hub::readCard(repository / "snapshots/bbbbbbbbbbbb").parameters, 32);
        QVERIFY(hub::readCard(repository / "snapshots/bbbbbbbbbbbb").diskBytes > 128); // links followed
    }

    void cards()
    {
        const fs::path folder = newPlace();
        writeFile(folder / "README.md",
                  "---\ntags: [a]\nbase_model:\n- org/base\nlicense: \"mit\" # x\n---\nlicense: no\n");
        writeFile(folder / "config.json", "{\"model_type\": \"xlm-roberta\", \"hidden_size\": 8, "
                                          "\"num_hidden_layers\": 3, \"max_position_embeddings\": 514}");
        writeFile(folder / "modules.json",
                  "[{\"path\": \"\", \"type\": \"sentence_transformers.models.Transformer\"}, {\"path\": "
                  "\"1_Pooling\", \"type\": \"sentence_transformers.models.Pooling\"}, {\"path\": \"2_Dense\", "
                  "\"type\": \"sentence_transformers.models.Dense\"}, {\"path\": \"3_Normalize\", \"type\": "
                  "\"sentence_transformers.models.Normalize\"}]");
        writeFile(
            folder / "1_Pooling/config.json",
            "{\"word_embedding_dimension\": 8, \"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": true}");
        writeFile(folder / "2_Dense/config.json", "{\"in_features\": 16, \"out_features\": 4}");
        writeFile(folder / "2_Dense/model.safetensors", safetensors("F32", {4, 16}, 256));
        writeFile(folder / "config_sentence_transformers.json",
                  "{\"prompts\": {\"query\": \"q: \", \"document\": \"\"}}");
        writeFile(folder / "model.safetensors.index.json",
                  "{\"weight_map\": {\"a\": \"model-00001-of-00002.safetensors\", \"b\": "
                  "\"model-00002-of-00002.safetensors\"}}");
        writeFile(folder / "model-00001-of-00002.safetensors", safetensors("BF16", {10, 8}, 160));
        writeFile(folder / "model-00002-of-00002.safetensors", safetensors("I64", {1, 8}, 64));
        writeFile(folder / "sentencepiece.bpe.model", "x");
        const hub::EncoderCard card = hub::readCard(folder);
        QCOMPARE(card.error, std::string());
        QCOMPARE(card.architecture, std::string("XLM-RoBERTa"));
        QCOMPARE(card.layers, 3);
        QCOMPARE(card.parameters, 80 + 64);
        QCOMPARE(card.memoryBytes, (80 + 64) * 4);
        QCOMPARE(card.weights, std::string("bfloat16"));
        QCOMPARE(card.dimension, 4);
        QCOMPARE(card.maxTokens, 512);
        QCOMPARE(card.pooling, std::string("cls + mean"));
        QCOMPARE(card.modules, (std::vector<std::string>{"Dense 16 → 4", "Normalize"}));
        QVERIFY(card.normalized);
        QCOMPARE(card.licence, std::string("mit"));
        QCOMPARE(card.baseModel, std::string("org/base"));
        QCOMPARE(card.prompts, (std::vector<std::string>{"document", "query"})); // one of an empty text is one, too
        QVERIFY(card.repository.empty() && !card.ownLicence);
    }

    void brokenCards_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        QTest::newRow("no folder") << "*" << QByteArray() << "no such folder";
        QTest::newRow("no config") << "config.json" << QByteArray() << "no config.json";
        QTest::newRow("config") << "config.json" << QByteArray("{") << "config.json";
        QTest::newRow("no weights") << "model.safetensors" << QByteArray() << "no weights";
        QTest::newRow("short weights") << "model.safetensors" << QByteArray("abc") << "shorter";
        QTest::newRow("huge head") << "model.safetensors" << QByteArray(16, '\x7f') << "cut off";
        QTest::newRow("damaged head") << "model.safetensors" << QByteArray("\4\0\0\0\0\0\0\0abcd", 12)
                                      << "damaged head";
        const std::string whole = safetensors("F32", {4, 8}, 128);
        QTest::newRow("cut off") << "model.safetensors" << QByteArray::fromStdString(whole.substr(0, whole.size() - 1))
                                 << "cut off";
        QTest::newRow("negative shape") << "model.safetensors"
                                        << QByteArray::fromStdString(safetensors("F32", {4, -8}, 0)) << "shape";
        QTest::newRow("overflowing shape")
            << "model.safetensors"
            << QByteArray::fromStdString(safetensors("F32", {1LL << 40, 1LL << 40, 1LL << 40}, 0)) << "shape";
        QTest::newRow("module outside") << "modules.json"
                                        << QByteArray("[{\"type\": \"x.Pooling\", \"path\": \"../..\"}]")
                                        << "leads out of the encoder's folder";
        QTest::newRow("Dense without weights")
            << "modules.json" << QByteArray("[{\"type\": \"x.Dense\", \"path\": \"2_Dense\"}]") << "Dense";
        QTest::newRow("no tokenizer") << "vocab.txt" << QByteArray() << "no tokenizer";
        QTest::newRow("shard outside") << "model.safetensors.index.json"
                                       << QByteArray("{\"weight_map\": {\"a\": \"../x.safetensors\"}}")
                                       << "not said to be in a file of this folder";
        QTest::newRow("no weight map") << "model.safetensors.index.json" << QByteArray("{}") << "weight_map";
    }
    void brokenCards()
    {
        QFETCH(QString, file);
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        const fs::path folder = newPlace();
        if (file != "*") {
            writeEncoder(folder);
            if (file.endsWith("index.json"))
                fs::remove(folder / "model.safetensors");
            if (bytes.isEmpty())
                fs::remove(folder / file.toStdString());
            else
                writeFile(folder / file.toStdString(), bytes.toStdString());
        }
        const hub::EncoderCard card = hub::readCard(folder);
        QVERIFY2(QString::fromStdString(card.error).contains(says), card.error.c_str());
        QVERIFY2(card.error.ends_with(")") && !card.error.ends_with("()"), card.error.c_str()); // what to do about it
        if (file.startsWith("model"))
            QCOMPARE(card.architecture, std::string("BERT")); // what could be read is there
    }

    /// No byte is read through a link that leads out of the folder.
    void linksLeadNowhereElse()
    {
        for (const char *name : {"model.safetensors", "config.json", "README.md"}) {
            const fs::path folder = newPlace();
            const fs::path elsewhere = newPlace();
            writeEncoder(folder);
            writeEncoder(elsewhere);
            writeFile(elsewhere / "README.md", "---\nlicense: mit\n---\n");
            fs::remove(folder / name);
            fs::create_symlink(elsewhere / name, folder / name);
            const hub::EncoderCard card = hub::readCard(folder);
            QVERIFY2(card.error.find("leads out of the encoder's folder") != std::string::npos &&
                         card.error.find("put the file itself in its place") != std::string::npos,
                     card.error.c_str());
            QCOMPARE(card.parameters, std::string(name) == "model.safetensors" ? -1 : 32);
            QVERIFY(card.licence.empty());
        }
        const fs::path folder = newPlace(); // a link within is fine
        writeEncoder(folder);
        fs::rename(folder / "model.safetensors", folder / "real");
        fs::create_symlink("real", folder / "model.safetensors");
        QCOMPARE(hub::readCard(folder).error, std::string());
    }

    void noFiles()
    {
        const fs::path folder = newPlace();
        writeEncoder(folder);
        fs::remove(folder / "config.json");
        QCOMPARE(mkfifo((folder / "config.json").c_str(), 0600), 0);
        const std::string error = hub::readCard(folder).error; // does not wait for a writer
        QVERIFY2(error.find("is no file") != std::string::npos, error.c_str());
    }

    void encoderNames_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<int>("above");
        QTest::addColumn<QString>("name");
        QTest::newRow("plain") << "/a/b/mine" << 0 << "mine";
        QTest::newRow("slash at its end") << "/a/b/mine/" << 0 << "mine";
        QTest::newRow("dots") << "/a/b/./x/../mine/." << 0 << "mine";
        QTest::newRow("one above") << "/a/b/mine" << 1 << "b/mine";
        QTest::newRow("more than there are") << "/a/b/mine" << 9 << "a/b/mine";
        QTest::newRow("of a run") << "/a/films/models/12/encoder" << 0 << "run 12 of films";
        QTest::newRow("of a run, one above") << "/a/films/models/12/encoder" << 1 << "run 12 of a/films";
        QTest::newRow("no run") << "/a/films/models/best/encoder" << 0 << "encoder";
        QTest::newRow("no project") << "/models/12/encoder" << 0 << "encoder";
        QTest::newRow("snapshot") << "/c/models--org--some-name/snapshots/abc" << 0 << "org/some-name";
        QTest::newRow("snapshots of something else") << "/c/x/snapshots/abc" << 0 << "abc";
    }
    void encoderNames()
    {
        QFETCH(QString, folder);
        QFETCH(int, above);
        QFETCH(QString, name);
        QCOMPARE(QString::fromStdString(hub::encoderName(folder.toStdString(), above)), name);
    }

    void tellsApart()
    {
        using hub::Origin;
        const auto told = [](std::vector<std::pair<std::string, Origin>> folders, std::vector<std::string> taken = {}) {
            std::vector<hub::KnownEncoder> encoders;
            for (const auto &[folder, origin] : folders)
                encoders.push_back({hub::encoderName(folder), folder, origin});
            hub::tellApart(encoders, taken);
            QStringList names;
            for (const hub::KnownEncoder &encoder : encoders)
                names << QString::fromStdString(encoder.name);
            return names;
        };
        const Origin own = Origin::Folder;
        QCOMPARE(told({{"/ta/encoder", own}, {"/tb/encoder", own}, {"/x", own}}),
                 QStringList({"ta/encoder", "tb/encoder", "x"}));
        QCOMPARE(told({{"/a/t/e", own}, {"/b/t/e", own}}), QStringList({"a/t/e", "b/t/e"}));
        QCOMPARE(told({{"/a/p/models/1/encoder", own}, {"/b/p/models/1/encoder", own}}),
                 QStringList({"run 1 of a/p", "run 1 of b/p"}));
        QCOMPARE(told({{"/h/mini", Origin::Installed}, {"/b/mini", own}}), QStringList({"mini", "b/mini"}));
        QCOMPARE(told({{"/h/mini", Origin::Installed}, {"/c/mini", Origin::HubCache}}),
                 QStringList({"mini", "mini (2)"}));
        QCOMPARE(told({{"/b/tuned", own}}, {"tuned"}), QStringList({"b/tuned"}));
        QCOMPARE(told({{"/b/e", own}, {"/b/e", own}}), QStringList({"b/e", "b/e (2)"})); // the same one twice
    }

    void finds()
    {
        const fs::path cache = newPlace();
        const Variable cacheFolder("HF_HUB_CACHE", cache.string());
        const Variable torch("SENTENCE_TRANSFORMERS_HOME", newPlace().string());
        const fs::path home = newPlace();
        hub::EncoderLibrary library(home);
        const fs::path first = newPlace() / "encoder", second = newPlace() / "encoder", stranger = newPlace() / "own";
        writeEncoder(home / "encoders" / "org--name");
        writeEncoder(cache / "models--org--cached" / "snapshots" / "abc");
        for (const fs::path &folder : {first, second, stranger})
            writeEncoder(folder);
        library.addFolder(first);
        library.addFolder(second);
        QVERIFY(library.find("org/name").folder == home / "encoders" / "org--name");
        QVERIFY(library.find("org/cached").origin == hub::Origin::HubCache);
        const std::string name = first.parent_path().filename().string() + "/encoder";
        QVERIFY(library.find(name).folder == first);
        QCOMPARE(library.find(second.string() + "/").name, second.parent_path().filename().string() + "/encoder");
        QCOMPARE(library.find((home / "encoders" / "org--name").string()).name, std::string("org/name"));
        QCOMPARE(library.find(stranger.string()).name, std::string("own"));
        for (const char *text : {"", "encoder", "none", "/none"}) {
            const Thrown thrown = thrownBy([&] { library.find(text); });
            QVERIFY2(thrown.input && thrown.text.contains("folder") && thrown.text.contains("encoders list"),
                     qPrintable(thrown.text));
        }
        fs::remove_all(first);
        QVERIFY(library.find(first.string() + "/").folder == first); // listed, though gone
        writeFile(home / "settings.json", "[");
        QCOMPARE(library.find(stranger.string()).name, std::string("own")); // needs no settings
        QVERIFY(thrownBy([&] { library.find("org/name"); }).text.contains("settings.json"));
    }

    void repositories()
    {
        const fs::path cache = newPlace();
        writeEncoder(cache / "models--org--cached" / "snapshots" / "abc");
        QCOMPARE(hub::readCard(cache / "models--org--cached/snapshots/abc").repository, std::string("org/cached"));
        const fs::path folder = newPlace();
        writeEncoder(folder);
        const auto told = [&](const std::string &origin) {
            writeFile(folder / ".apiary.json", origin);
            return hub::readCard(folder).repository;
        };
        QCOMPARE(told("{\"repository\": \"org/a\", \"source\": \"https://x/org/b\"}"), std::string("org/a"));
        QCOMPARE(told("{\"source\": \"https://x/org/b\", \"revision\": \"c0ffee\"}"), std::string("org/b"));
        QCOMPARE(told("{\"source\": \"https://index/simple\", \"revision\": \"\"}"), std::string());
        writeFile(folder / "README.md", "---\nlicense: other\nlicense_name: its-own\n---\n");
        const hub::EncoderCard card = hub::readCard(folder);
        QVERIFY(card.ownLicence && card.licence == "its-own");
    }

    void realCard()
    {
        if (!fs::exists(encoderFolder() / "config.json"))
            QSKIP("no encoder: ./run build fetches it");
        const hub::EncoderCard card = hub::readCard(encoderFolder());
        QCOMPARE(card.error, std::string());
        QCOMPARE(card.architecture, std::string("BERT"));
        QCOMPARE(card.parameters, 22'713'216);
        QCOMPARE(card.dimension, 384);
        QCOMPARE(card.maxTokens, 256);
        QCOMPARE(card.pooling, std::string("mean"));
        QCOMPARE(card.licence, std::string("apache-2.0"));
        QCOMPARE(card.memoryBytes, 22'713'216 * 4);
        // Told by its weights, wherever they lie and whatever the folder is called.
        const fs::path copy = newPlace();
        fs::create_directories(copy);
        for (const char *name : {"config.json", "vocab.txt"})
            fs::copy_file(encoderFolder() / name, copy / name);
        fs::create_hard_link(encoderFolder() / "model.safetensors", copy / "model.safetensors", m_ignored);
        if (!fs::exists(copy / "model.safetensors"))
            fs::copy_file(encoderFolder() / "model.safetensors", copy / "model.safetensors");
        QCOMPARE(hub::repositoryOf(copy), std::string("sentence-transformers/all-MiniLM-L6-v2"));
    }
};

APIARY_TEST(LibraryTest)
#include "library_test.moc"
