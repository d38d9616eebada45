#include "hub/hub_client.h"

#include "hub/card.h"
#include "hub_fixture.h"
#include "support/http_server.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <nlohmann/json.hpp>

using namespace apiary;
using namespace apiary::tests;
using Json = nlohmann::json;
using Reply = HttpServer::Reply;
using Request = HttpServer::Request;

namespace {

const std::string commit = "0123456789abcdef0123456789abcdef01234567";

/// A hub with one repository, made/encoder.
struct FakeHub {
    std::map<std::string, std::string> files{
        {"config.json", "{\"model_type\": \"bert\", \"hidden_size\": 8, \"max_position_embeddings\": 32}"},
        {"modules.json", "[]"},
        {"README.md", "---\nlicense: mit\n---\n"},
        {"tokenizer.json", "{}"},
        {"model.safetensors", noise(200'000, 3)},
        {"pytorch_model.bin", noise(1000, 4)},
        {"onnx/model.onnx", noise(1000, 5)},
        {"1_Pooling/config.json", "{}"},
        {"../evil.json", "x"},
        {"modeling.py", "import os"},
    };
    bool blobs = true; ///< says sizes and hashes in the description
    std::atomic<std::int64_t> breakAfter{-1};
    std::string wrong; ///< a file that is sent damaged

    Json described() const
    {
        Json siblings = Json::array();
        for (const auto &[path, bytes] : files) {
            Json entry{{"rfilename", path}};
            if (blobs) {
                entry["size"] = bytes.size();
                if (path.ends_with(".safetensors"))
                    entry["lfs"] = {{"sha256", sha256Of(bytes)}, {"size", bytes.size()}};
            }
            siblings.push_back(entry);
        }
        return {{"id", "made/encoder"}, {"sha", commit}, {"siblings", siblings}, {"cardData", {{"license", "mit"}}}};
    }
    Json tree() const
    {
        Json list = Json::array();
        for (const auto &[path, bytes] : files) {
            Json entry{{"type", "file"}, {"path", path}, {"size", bytes.size()}};
            if (path.ends_with(".safetensors"))
                entry["lfs"] = {{"oid", sha256Of(bytes)}, {"size", bytes.size()}};
            list.push_back(entry);
        }
        return list;
    }

    Reply answer(const Request &request) const
    {
        const std::string api = "/api/models/made/encoder";
        if (request.path == api + "/revision/main?blobs=true" || request.path == api + "/revision/v2?blobs=true")
            return Reply{.body = described().dump()};
        if (request.path == api + "/tree/" + commit + "?recursive=true")
            return Reply{.body = tree().dump()};
        const std::string resolve = "/made/encoder/resolve/" + commit + "/";
        if (request.path.starts_with(resolve)) {
            const std::string path = request.path.substr(resolve.size());
            const auto it = files.find(path);
            if (it != files.end()) {
                Reply reply{.body = path == wrong ? noise(it->second.size(), 77) : it->second, .etag = "\"e\""};
                if (path.ends_with(".safetensors"))
                    reply.breakAfter = breakAfter;
                return reply;
            }
        }
        return Reply{.status = 404, .headers = {{"X-Error-Message", "Repository not found"}}};
    }
};

} // namespace

class HubClientTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    FakeHub m_fake;
    int m_number = 0;

    hub::Hub hubAt(const HttpServer &server) const { return {server.url(), quickNetwork()}; }
    std::filesystem::path newFolder()
    {
        return m_folder.filePath(QStringLiteral("e%1/made--encoder").arg(++m_number)).toStdString();
    }

private slots:
    void init()
    {
        m_fake.blobs = true;
        m_fake.breakAfter = -1;
        m_fake.wrong.clear();
    }

    void wantedFiles_data()
    {
        QTest::addColumn<bool>("wanted");
        for (const char *path :
             {"config.json", "model.safetensors", "model-00001-of-00003.safetensors", "model.safetensors.index.json",
              "modules.json", "1_Pooling/config.json", "2_Dense/model.safetensors", "0_Transformer/config.json",
              "vocab.txt", "merges.txt", "sentencepiece.bpe.model", "README.md", "LICENSE", "tokenizer_config.json"})
            QTest::newRow(path) << true;
        for (const char *path :
             {"pytorch_model.bin", "onnx/model.onnx", "onnx/config.json", "openvino/openvino_model.xml", "tf_model.h5",
              "modeling.py", "../config.json", "1_Pooling/../../config.json", "/etc/config.json",
              "1_Pooling/1_Pooling/config.json", "model.fp16.safetensors", "", "1_Pooling/pytorch_model.bin",
              "train_script.json", "1_x/README.md"})
            QTest::newRow(path) << false;
    }
    void wantedFiles()
    {
        QFETCH(bool, wanted);
        QCOMPARE(hub::wantedFile(QTest::currentDataTag()), wanted);
    }

    void names_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("base");
        QTest::addColumn<QString>("revision");
        QTest::newRow("org/name") << "org/name"
                                  << ""
                                  << "";
        QTest::newRow("name") << "name"
                              << ""
                              << "";
        QTest::newRow("https://hub.example/org/na.me-1/") << "org/na.me-1"
                                                          << "https://hub.example"
                                                          << "";
        QTest::newRow("https://hub.example/org/name/tree/v1.0") << "org/name"
                                                                << "https://hub.example"
                                                                << "v1.0";
        QTest::newRow("http://localhost:8/org/name/blob/main/config.json?x=1") << "org/name"
                                                                               << "http://localhost:8"
                                                                               << "main";
        for (const char *bad : {"", "a/b/c", "../etc", "a/..", "a b", "/a", "https://hub.example/", "a/../../b"})
            QTest::newRow(bad) << ""
                               << ""
                               << "";
    }
    void names()
    {
        QFETCH(QString, name);
        QFETCH(QString, base);
        QFETCH(QString, revision);
        std::string foundBase;
        std::string foundRevision;
        const auto parse = [&] { return hub::parseRepositoryName(QTest::currentDataTag(), foundBase, foundRevision); };
        if (name.isEmpty()) {
            QVERIFY_EXCEPTION_THROWN(parse(), InputError);
            return;
        }
        QCOMPARE(QString::fromStdString(parse()), name);
        QCOMPARE(QString::fromStdString(foundBase), base);
        QCOMPARE(QString::fromStdString(foundRevision), revision);
    }

    void hubs()
    {
        const Variable none("HF_ENDPOINT", std::nullopt);
        const Variable token("HF_TOKEN", "hf_abc");
        hub::Settings settings;
        QCOMPARE(hub::hubFor(settings).base, std::string("https://huggingface.co"));
        QCOMPARE(hub::hubFor(settings).network.token, std::string("hf_abc"));
        const Variable endpoint("HF_ENDPOINT", "https://mirror.example/");
        QCOMPARE(hub::hubFor(settings).base, std::string("https://mirror.example"));
        settings.hubBase = "http://plain.example";
        QCOMPARE(hub::hubFor(settings).base, std::string("http://plain.example"));
        QCOMPARE(hub::hubFor(settings).network.token, std::string()); // never in plain text over a network
        QCOMPARE(hub::hubFor(settings, "https://other.example//").base, std::string("https://other.example"));
        QVERIFY(!hub::hubFor(settings, "http://127.0.0.1:5").network.token.empty());
        QVERIFY(hub::hubFor(settings, "http://127.0.0.1.evil.example").network.token.empty());
        QVERIFY_EXCEPTION_THROWN(hub::hubFor(settings, "mirror"), InputError);
        settings.offline = true;
        QVERIFY(hub::hubFor(settings).network.offline.find("settings") != std::string::npos);

        const Variable noToken("HF_TOKEN", std::nullopt);
        const Variable older("HUGGING_FACE_HUB_TOKEN", std::nullopt);
        writeFile(m_folder.filePath("home/token").toStdString(), "hf_file\n");
        const Variable home("HF_HOME", m_folder.filePath("home").toStdString());
        QCOMPARE(hub::hubFor({}).network.token, std::string("hf_file"));
    }

    void describesAndInstalls_data()
    {
        QTest::addColumn<bool>("blobs");
        QTest::addColumn<QString>("revision");
        QTest::newRow("sizes in the description") << true << "";
        QTest::newRow("sizes in the tree") << false << "v2";
    }
    void describesAndInstalls()
    {
        QFETCH(bool, blobs);
        QFETCH(QString, revision);
        m_fake.blobs = blobs;
        const HttpServer server([&](const Request &request) { return m_fake.answer(request); });
        const hub::Hub hub = hubAt(server);
        const auto repository = hub::describeRepository(hub, "made/encoder", revision.toStdString(), {});
        QCOMPARE(repository.commit, commit);
        QCOMPARE(repository.licence, std::string("mit"));
        std::int64_t bytes = 0;
        QStringList paths;
        for (const hub::HubFile &file : repository.files) {
            paths << QString::fromStdString(file.path);
            bytes += static_cast<std::int64_t>(m_fake.files.at(file.path).size());
        }
        paths.sort();
        QCOMPARE(paths, QStringList({"1_Pooling/config.json", "README.md", "config.json", "model.safetensors",
                                     "modules.json", "tokenizer.json"}));
        QCOMPARE(repository.bytes(), bytes);

        const std::filesystem::path target = newFolder();
        Progress last;
        hub::installRepository(hub, repository, target, [&](const Progress &now) { last = now; }, {});
        QCOMPARE(last.done, bytes);
        QCOMPARE(last.total, bytes);
        for (const QString &path : paths)
            QVERIFY(contents(target / path.toStdString()) == m_fake.files.at(path.toStdString()));
        QVERIFY(!std::filesystem::exists(target / "pytorch_model.bin"));
        QVERIFY(hub::looksLikeEncoder(target));
        QCOMPARE(std::distance(std::filesystem::directory_iterator(target.parent_path()), {}), 1);
        const hub::EncoderCard card = hub::readCard(target);
        QCOMPARE(card.revision, commit);
        QCOMPARE(card.source, server.url("/made/encoder"));
        QCOMPARE(card.repository, std::string("made/encoder"));
        const std::size_t before = server.requests().size();
        const Thrown again = thrownBy([&] { hub::installRepository(hub, repository, target, {}, {}); });
        QCOMPARE(server.requests().size(), before);
        QVERIFY2(again.input && again.text.contains("already"), qPrintable(again.text));
    }

    void goesOnAfterAFailure()
    {
        const HttpServer server([&](const Request &request) { return m_fake.answer(request); });
        hub::Hub hub = hubAt(server);
        hub.network.retries = 0;
        const auto repository = hub::describeRepository(hub, "made/encoder", "", {});
        const std::filesystem::path target = newFolder();
        m_fake.breakAfter = 150'000;
        QVERIFY(!thrownBy([&] { hub::installRepository(hub, repository, target, {}, {}); }).text.isEmpty());
        QVERIFY(!std::filesystem::exists(target));
        m_fake.breakAfter = -1;
        const std::size_t before = server.requests().size();
        hub::installRepository(hub, repository, target, {}, {});
        QVERIFY(contents(target / "model.safetensors") == m_fake.files.at("model.safetensors"));
        std::size_t ranged = 0;
        const auto requests = server.requests();
        for (std::size_t i = before; i < requests.size(); ++i)
            ranged += requests[i].header("range") == "bytes=150000-";
        QCOMPARE(ranged, 1U);
    }

    void stopLeavesNoEncoder()
    {
        const HttpServer server([&](const Request &request) {
            Reply reply = m_fake.answer(request);
            reply.pieceBytes = 5000;
            reply.pauseMs = 50;
            return reply;
        });
        const hub::Hub hub = hubAt(server);
        const auto repository = hub::describeRepository(hub, "made/encoder", "", {});
        const std::filesystem::path target = newFolder();
        std::stop_source source;
        const auto stopEarly = [&](const Progress &now) {
            if (now.done > 20'000)
                source.request_stop();
        };
        QVERIFY_EXCEPTION_THROWN(hub::installRepository(hub, repository, target, stopEarly, source.get_token()),
                                 Cancelled);
        QVERIFY(!std::filesystem::exists(target));
    }

    void refusals()
    {
        const HttpServer server([&](const Request &request) {
            if (request.path.starts_with("/api/models/plain"))
                return Reply{.body = "<html>"};
            if (request.path.starts_with("/api/models/odd"))
                return Reply{.body = "[1]"};
            if (request.path.starts_with("/api/models/gated"))
                return Reply{.status = 401, .headers = {{"X-Error-Message", "Access to model is restricted"}}};
            return m_fake.answer(request);
        });
        const hub::Hub hub = hubAt(server);
        const auto describe = [&](const std::string &name) {
            return thrownBy([&] { hub::describeRepository(hub, name, "", {}); });
        };
        const Thrown absent = describe("no/such");
        QVERIFY2(absent.input && absent.text.contains("no/such") && absent.text.contains("Repository not found"),
                 qPrintable(absent.text));
        QVERIFY(describe("plain").text.contains("not JSON"));
        QVERIFY(describe("odd").text.contains("list"));
        const Thrown gated = describe("gated");
        QVERIFY2(gated.input && gated.text.contains("HF_TOKEN") && gated.text.contains("restricted"),
                 qPrintable(gated.text));

        const auto files = m_fake.files;
        m_fake.files.erase("model.safetensors");
        const Thrown pickle = describe("made/encoder");
        QVERIFY2(pickle.input && pickle.text.contains("pickle"), qPrintable(pickle.text));
        m_fake.files = {{"model.safetensors", "x"}, {"README.md", ""}};
        QVERIFY(describe("made/encoder").text.contains("no encoder"));
        m_fake.files = files;

        m_fake.wrong = "model.safetensors";
        const auto repository = hub::describeRepository(hub, "made/encoder", "", {});
        const std::filesystem::path target = newFolder();
        const Thrown wrong = thrownBy([&] { hub::installRepository(hub, repository, target, {}, {}); });
        QVERIFY2(!wrong.input && wrong.text.contains("sha256"), qPrintable(wrong.text));
        QVERIFY(!std::filesystem::exists(target));

        hub::Hub offline = hub;
        offline.network.offline = "a reason";
        const std::size_t before = server.requests().size();
        const Thrown refused = thrownBy([&] { hub::describeRepository(offline, "made/encoder", "", {}); });
        QVERIFY2(refused.input && refused.text.contains("a reason"), qPrintable(refused.text));
        QCOMPARE(server.requests().size(), before);
    }

    void prefersWholeWeights()
    {
        const auto files = m_fake.files;
        m_fake.files["model-00001-of-00002.safetensors"] = "a";
        m_fake.files["model-00002-of-00002.safetensors"] = "b";
        m_fake.files["model.safetensors.index.json"] = "{}";
        const HttpServer server([&](const Request &request) { return m_fake.answer(request); });
        const auto has = [&](const char *path) {
            const auto repository = hub::describeRepository(hubAt(server), "made/encoder", "", {});
            return std::any_of(repository.files.begin(), repository.files.end(),
                               [&](const hub::HubFile &file) { return file.path == path; });
        };
        QVERIFY(!has("model-00001-of-00002.safetensors") && !has("model.safetensors.index.json"));
        m_fake.files.erase("model.safetensors");
        QVERIFY(has("model-00001-of-00002.safetensors") && has("model.safetensors.index.json"));
        m_fake.files = files;
    }
};

APIARY_TEST(HubClientTest)
#include "hub_client_test.moc"
