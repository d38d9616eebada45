#include "hub/download.h"

#include "hub_fixture.h"
#include "support/http_server.h"
#include "support/registry.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <thread>

using namespace apiary;
using namespace apiary::tests;
using Reply = HttpServer::Reply;
using Request = HttpServer::Request;

namespace {

constexpr std::size_t fileBytes = 300'000;

} // namespace

class TransferTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::string m_bytes = noise(fileBytes);
    int m_number = 0;

    std::filesystem::path newFile()
    {
        return m_folder.filePath(QStringLiteral("file-%1").arg(++m_number)).toStdString();
    }

private slots:
    void initTestCase()
    {
        for (const char *name : {"http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
                                 "APIARY_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"})
            qunsetenv(name);
    }

    void refusals_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<bool>("input");
        QTest::addColumn<int>("requests");
        QTest::addColumn<QString>("says");
        QTest::newRow("404") << 404 << true << 1 << "check the name";
        QTest::newRow("401") << 401 << true << 1 << "HF_TOKEN";
        QTest::newRow("403") << 403 << true << 1 << "terms";
        QTest::newRow("500") << 500 << false << 3 << "trouble of its own (500)";
        QTest::newRow("503") << 503 << false << 3 << "try again later";
        QTest::newRow("429") << 429 << false << 3 << "later";
        QTest::newRow("418") << 418 << false << 1 << "418";
    }
    void refusals()
    {
        QFETCH(int, status);
        QFETCH(bool, input);
        QFETCH(int, requests);
        QFETCH(QString, says);
        const HttpServer server([&](const Request &) {
            return Reply{.status = status, .body = "no", .headers = {{"X-Error-Message", "for a reason"}}};
        });
        hub::Network network = quickNetwork();
        network.retries = 2;
        const hub::Download what{server.url("/a?token=secret"), newFile(), -1, "", ""};
        const Thrown thrown = thrownBy([&] { hub::download(what, network, nullptr, {}); });
        QCOMPARE(thrown.input, input);
        QVERIFY2(thrown.text.contains(says) && thrown.text.contains("/a:") && thrown.text.contains("for a reason"),
                 qPrintable(thrown.text));
        QVERIFY2(!thrown.text.contains("secret"), qPrintable(thrown.text));
        QCOMPARE(server.requests().size(), static_cast<std::size_t>(requests));
        QVERIFY(!std::filesystem::exists(what.file));
    }

    void serverRecovers()
    {
        std::atomic<int> calls{0};
        const HttpServer server([&](const Request &) {
            return ++calls < 3 ? Reply{.status = 503, .headers = {{"Retry-After", "0"}}} : Reply{.body = m_bytes};
        });
        const hub::Download what{server.url("/a"), newFile(), -1, sha256Of(m_bytes), ""};
        hub::download(what, quickNetwork(), nullptr, {});
        QVERIFY(contents(what.file) == m_bytes);
    }

    void redirects()
    {
        const HttpServer other([&](const Request &) { return Reply{.body = m_bytes}; });
        const HttpServer server([&](const Request &request) {
            if (request.path == "/loop")
                return Reply{.status = 302, .headers = {{"Location", "/loop"}}};
            if (request.path == "/file")
                return Reply{.status = 302, .headers = {{"Location", "file:///etc/hostname"}}};
            // another host name, so that the token must stay behind
            std::string elsewhere = other.url("/there");
            elsewhere.replace(elsewhere.find("127.0.0.1"), 9, "localhost");
            return Reply{.status = 307, .headers = {{"Location", elsewhere}}};
        });
        hub::Network network = quickNetwork();
        network.token = "hf_secret";
        const hub::Download what{server.url("/a"), newFile(), -1, "", ""};
        hub::download(what, network, nullptr, {});
        QVERIFY(contents(what.file) == m_bytes);
        QCOMPARE(server.requests().front().header("authorization"), std::string("Bearer hf_secret"));
        QCOMPARE(other.requests().front().header("authorization"), std::string());
        for (const char *path : {"/loop", "/file"}) {
            const hub::Download bad{server.url(path), newFile(), -1, "", ""};
            const Thrown thrown = thrownBy([&] { hub::download(bad, network, nullptr, {}); });
            QVERIFY2(thrown.input && thrown.text.contains("address"), qPrintable(thrown.text));
        }
    }

    void stallsAreBroken()
    {
        const HttpServer server(
            [&](const Request &) { return Reply{.body = m_bytes, .pieceBytes = 1, .pauseMs = 50}; });
        hub::Network network = quickNetwork();
        network.retries = 0;
        const hub::Download what{server.url("/a"), newFile(), -1, sha256Of(m_bytes), ""};
        QElapsedTimer timer;
        timer.start();
        const Thrown thrown = thrownBy([&] { hub::download(what, network, nullptr, {}); });
        QVERIFY2(thrown.text.contains("broke off"), qPrintable(thrown.text));
        QVERIFY2(timer.elapsed() < 6000, qPrintable(QString::number(timer.elapsed())));
    }

    void stops_data()
    {
        QTest::addColumn<bool>("pausing"); // between retries, else while bytes trickle in
        QTest::newRow("while bytes come") << false;
        QTest::newRow("between retries") << true;
    }
    void stops()
    {
        QFETCH(bool, pausing);
        const HttpServer server([&](const Request &) {
            if (pausing)
                return Reply{.status = 503};
            return Reply{.body = m_bytes, .pieceBytes = 2000, .pauseMs = 100};
        });
        hub::Network network = quickNetwork();
        network.pauseSeconds = 20;
        const hub::Download what{server.url("/a"), newFile(), -1, "", ""};
        std::stop_source source;
        QElapsedTimer timer;
        std::jthread stopper([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(500));
            timer.start();
            source.request_stop();
        });
        QVERIFY_EXCEPTION_THROWN(hub::download(what, network, nullptr, source.get_token()), Cancelled);
        QVERIFY2(timer.elapsed() < 1000, qPrintable(QString::number(timer.elapsed())));
        QVERIFY(!std::filesystem::exists(what.file));
        QVERIFY(pausing || std::filesystem::file_size(what.file.string() + ".part") > 0);
    }

    void unreachable()
    {
        std::string url;
        {
            const HttpServer server([](const Request &) { return Reply{}; });
            url = server.url("/a");
        } // the port is free now
        for (const std::string &address : {url, std::string("http://no-such-host.invalid/a")}) {
            const hub::Download what{address, newFile(), -1, "", ""};
            const Thrown thrown = thrownBy([&] { hub::download(what, quickNetwork(), nullptr, {}); });
            QVERIFY2(!thrown.input && thrown.text.contains("cannot be reached") && thrown.text.contains("proxy"),
                     qPrintable(thrown.text));
        }
        for (const char *address : {"ftp://127.0.0.1/a", "file:///etc/hostname", "hub.example/a", ""}) {
            const hub::Download what{address, newFile(), -1, "", ""};
            const Thrown thrown = thrownBy([&] { hub::download(what, quickNetwork(), nullptr, {}); });
            QVERIFY2(thrown.input && thrown.text.contains("http"), qPrintable(thrown.text));
        }
    }

    void offline()
    {
        const HttpServer server([&](const Request &) { return Reply{.body = m_bytes}; });
        const hub::Download what{server.url("/a"), newFile(), -1, sha256Of(m_bytes), ""};
        hub::Network network = quickNetwork();
        {
            const Variable set("HF_HUB_OFFLINE", "1");
            network.offline = hub::offlineReason();
        }
        const Thrown thrown = thrownBy([&] { hub::download(what, network, nullptr, {}); });
        QVERIFY2(thrown.input && thrown.text.contains("HF_HUB_OFFLINE=1"), qPrintable(thrown.text));
        QVERIFY(server.requests().empty());
        QVERIFY(hub::offlineReason().empty());
        QVERIFY(!hub::offlineReason(true).empty());
        const Variable zero("APIARY_OFFLINE", "0");
        QVERIFY(hub::offlineReason().empty());
    }

    void addresses()
    {
        QCOMPARE(hub::shownUrl("https://user:secret@host/a/b?key=1#x"), std::string("https://host/a/b"));
        QCOMPARE(hub::resolveUrl("https://host/simple/name/", "../../files/a.whl#sha256=1"),
                 std::string("https://host/files/a.whl#sha256=1"));
        QCOMPARE(hub::encodeUrl("a b/c+d", true), std::string("a%20b/c%2Bd"));
        QCOMPARE(hub::encodeUrl("refs/pr/1", false), std::string("refs%2Fpr%2F1"));
        const std::string big(2000, 'x');
        const HttpServer server([&](const Request &) { return Reply{.body = big}; });
        const Thrown thrown = thrownBy([&] { hub::fetchText(server.url("/"), quickNetwork(), {}, 1000, {}); });
        QVERIFY2(thrown.text.contains("longer than"), qPrintable(thrown.text));
    }
};

APIARY_TEST(TransferTest)
#include "transfer_test.moc"
