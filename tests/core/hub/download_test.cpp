#include "hub/download.h"

#include "hub_fixture.h"
#include "support/http_server.h"
#include "support/registry.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <csignal>
#include <mutex>
#include <sys/resource.h>
#include <thread>

using namespace apiary;
using namespace apiary::tests;
using Reply = HttpServer::Reply;
using Request = HttpServer::Request;

namespace {

constexpr std::size_t fileBytes = 300'000;

} // namespace

class DownloadTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::string m_bytes = noise(fileBytes);
    int m_number = 0;

    std::filesystem::path newFile()
    {
        return m_folder.filePath(QStringLiteral("file-%1").arg(++m_number)).toStdString();
    }
    static bool leavesNothing(const std::filesystem::path &file)
    {
        return !std::filesystem::exists(file) && !std::filesystem::exists(file.string() + ".part");
    }

private slots:
    void initTestCase()
    {
        for (const char *name : {"http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
                                 "APIARY_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"})
            qunsetenv(name);
    }

    void fetchesAndReports()
    {
        const HttpServer server(
            [&](const Request &) { return Reply{.body = m_bytes, .pieceBytes = 50'000, .pauseMs = 60}; });
        hub::Download what{server.url("/a"), newFile(), -1, sha256Of(m_bytes), ""};
        std::vector<Progress> progress;
        hub::ByteMeter meter("fetching", static_cast<std::int64_t>(m_bytes.size()),
                             [&](const Progress &now) { progress.push_back(now); });
        hub::download(what, quickNetwork(), &meter, {});
        QVERIFY(contents(what.file) == m_bytes);
        QVERIFY(!std::filesystem::exists(what.file.string() + ".part"));
        QVERIFY(!std::filesystem::exists(what.file.string() + ".part.json"));
        QCOMPARE(progress.back().done, static_cast<std::int64_t>(fileBytes));
        QCOMPARE(progress.back().unit, std::string("bytes"));
        QVERIFY(progress.size() >= 3);
        QVERIFY(progress[progress.size() - 2].rate > 0 && progress[progress.size() - 2].secondsLeft >= 0);

        hub::download(what, quickNetwork(), nullptr, {}); // there and right: not fetched again
        QCOMPARE(server.requests().size(), 1U);
    }

    void goesOnAfterBreaks()
    {
        std::atomic<int> calls{0};
        const HttpServer server([&](const Request &) {
            return Reply{.body = m_bytes, .etag = "\"v1\"", .breakAfter = ++calls < 4 ? 90'000 : -1};
        });
        const hub::Download what{server.url("/a"), newFile(), -1, "", ""};
        hub::download(what, quickNetwork(), nullptr, {});
        QVERIFY(contents(what.file) == m_bytes);
        const auto requests = server.requests();
        QCOMPARE(requests.size(), 4U);
        QCOMPARE(requests[0].header("range"), std::string());
        QCOMPARE(requests[1].header("range"), std::string("bytes=90000-"));
        QCOMPARE(requests[3].header("range"), std::string("bytes=270000-"));
        QCOMPARE(requests[3].header("if-range"), std::string("\"v1\""));
    }

    /// A server that always breaks off is left after so many tries in a row as brought little: what they brought is kept.
    void givesUpOnDribbles_data()
    {
        QTest::addColumn<int>("bytes");
        QTest::addColumn<int>("enough");
        QTest::addColumn<int>("tries"); // 0: it comes to its end
        QTest::newRow("ten bytes a try") << 10 << 64 * 1024 << 4;
        QTest::newRow("a little less than enough") << 30'000 << 30'001 << 4;
        QTest::newRow("enough each time") << 30'000 << 30'000 << 0;
        QTest::newRow("nothing at all") << 0 << 64 * 1024 << 4;
    }
    void givesUpOnDribbles()
    {
        QFETCH(int, bytes);
        QFETCH(int, enough);
        QFETCH(int, tries);
        const HttpServer server(
            [&](const Request &) { return Reply{.body = m_bytes, .etag = "\"v1\"", .breakAfter = bytes}; });
        hub::Network network = quickNetwork();
        network.retries = 3;
        network.enoughBytes = enough;
        const hub::Download what{server.url("/a"), newFile(), -1, "", ""};
        const Thrown thrown = thrownBy([&] { hub::download(what, network, nullptr, {}); });
        if (tries == 0) {
            QCOMPARE(thrown.text, QString());
            QVERIFY(contents(what.file) == m_bytes);
            return;
        }
        QVERIFY2(!thrown.input && thrown.text.contains("broke off 4 times in a row") &&
                     thrown.text.contains("are kept"),
                 qPrintable(thrown.text));
        QCOMPARE(server.requests().size(), static_cast<std::size_t>(tries));
        QCOMPARE(std::filesystem::file_size(what.file.string() + ".part"), static_cast<std::uintmax_t>(bytes * tries));
        QVERIFY(!std::filesystem::exists(what.file));
    }

    void goesOnInALaterCall_data()
    {
        QTest::addColumn<bool>("known"); // the hash, before
        QTest::addColumn<bool>("ranges");
        QTest::addColumn<bool>("changes"); // the file, between the calls
        QTest::addColumn<bool>("heeds");   // If-Range
        QTest::addColumn<QString>("lastRange");
        QTest::newRow("goes on") << false << true << false << true << "bytes=90000-";
        QTest::newRow("goes on, hash known") << true << true << false << true << "bytes=90000-";
        QTest::newRow("server ignores ranges") << false << false << false << true << "bytes=90000-";
        QTest::newRow("changed between") << false << true << true << true << "bytes=90000-";
        QTest::newRow("changed, If-Range ignored") << false << true << true << false << "";
    }
    void goesOnInALaterCall()
    {
        QFETCH(bool, known);
        QFETCH(bool, ranges);
        QFETCH(bool, changes);
        QFETCH(bool, heeds);
        QFETCH(QString, lastRange);
        const std::string second = changes ? noise(fileBytes, 2) : m_bytes;
        std::atomic<bool> broken{true};
        const HttpServer server([&](const Request &) {
            Reply reply{.body = broken ? m_bytes : second, .etag = broken || !changes ? "\"v1\"" : "\"v2\""};
            reply.ranges = ranges;
            reply.heedsIfRange = heeds;
            reply.breakAfter = broken ? 90'000 : -1;
            return reply;
        });
        hub::Network network = quickNetwork();
        network.retries = 0;
        const hub::Download what{server.url("/a"), newFile(), -1, known ? sha256Of(m_bytes) : "", ""};
        const Thrown thrown = thrownBy([&] { hub::download(what, network, nullptr, {}); });
        QVERIFY2(!thrown.input && thrown.text.contains("broke off") && thrown.text.contains("127.0.0.1"),
                 qPrintable(thrown.text));
        QVERIFY(!std::filesystem::exists(what.file));
        QCOMPARE(std::filesystem::file_size(what.file.string() + ".part"), 90'000U);
        broken = false;
        hub::download(what, network, nullptr, {});
        QVERIFY(contents(what.file) == second);
        QCOMPARE(QString::fromStdString(server.requests().back().header("range")), lastRange);
    }

    /// Servers of one network may mark the same bytes differently: where the hash is known, that does not matter.
    void goesOnFromAnotherCopy()
    {
        std::atomic<int> calls{0};
        const HttpServer server([&](const Request &) {
            const int call = ++calls;
            return Reply{
                .body = m_bytes, .etag = "\"copy-" + std::to_string(call) + "\"", .breakAfter = call < 3 ? 90'000 : -1};
        });
        const hub::Download what{server.url("/a"), newFile(), -1, sha256Of(m_bytes), ""};
        hub::download(what, quickNetwork(), nullptr, {});
        QVERIFY(contents(what.file) == m_bytes);
        QCOMPARE(server.requests().size(), 3U);
        QCOMPARE(server.requests().back().header("range"), std::string("bytes=180000-"));
    }

    void spoiledPartStartsAgain()
    {
        const HttpServer server([&](const Request &) { return Reply{.body = m_bytes, .etag = "\"v1\""}; });
        const hub::Download what{server.url("/a"), newFile(), -1, sha256Of(m_bytes), ""};
        writeFile(what.file.string() + ".part", noise(1000, 9));
        hub::download(what, quickNetwork(), nullptr, {});
        QVERIFY(contents(what.file) == m_bytes);
        QCOMPARE(server.requests().size(), 2U); // the rest, then all

        // Without a hash, bytes of unknown origin are not used at all.
        const hub::Download other{server.url("/a"), newFile(), -1, "", ""};
        writeFile(other.file.string() + ".part", noise(1000, 9));
        hub::download(other, quickNetwork(), nullptr, {});
        QVERIFY(contents(other.file) == m_bytes);
        QCOMPARE(server.requests().size(), 3U);
        // A part longer than the file.
        const hub::Download longer{server.url("/a"), newFile(), fileBytes, sha256Of(m_bytes), ""};
        writeFile(longer.file.string() + ".part", noise(fileBytes + 5, 9));
        hub::download(longer, quickNetwork(), nullptr, {});
        QVERIFY(contents(longer.file) == m_bytes);
    }

    void wrongFiles_data()
    {
        QTest::addColumn<QString>("sha256");
        QTest::addColumn<qint64>("size");
        QTest::addColumn<QString>("etag");
        QTest::addColumn<QString>("linked");
        QTest::addColumn<QString>("says");
        const QString other = QString::fromStdString(sha256Of("another file"));
        QTest::newRow("sha256") << other << qint64{-1} << ""
                                << ""
                                << "sha256 " + QString::fromStdString(sha256Of(m_bytes));
        QTest::newRow("etag is a sha256") << "" << qint64{-1} << "\"" + other + "\""
                                          << ""
                                          << "sha256";
        QTest::newRow("linked etag") << "" << qint64{-1} << "\"abc\""
                                     << "\"" + other + "\""
                                     << "sha256";
        QTest::newRow("linked git id") << "" << qint64{-1} << "\"abc\""
                                       << "\"" + QString(40, 'a') + "\""
                                       << "git id";
        QTest::newRow("size") << "" << qint64{5} << ""
                              << ""
                              << "300000";
    }
    void wrongFiles()
    {
        QFETCH(QString, sha256);
        QFETCH(qint64, size);
        QFETCH(QString, etag);
        QFETCH(QString, linked);
        QFETCH(QString, says);
        const HttpServer server([&](const Request &) {
            Reply reply{.body = m_bytes, .etag = etag.toStdString()};
            if (!linked.isEmpty())
                reply.headers.emplace_back("X-Linked-Etag", linked.toStdString());
            return reply;
        });
        const hub::Download what{server.url("/a"), newFile(), size, sha256.toStdString(), ""};
        const Thrown thrown = thrownBy([&] { hub::download(what, quickNetwork(), nullptr, {}); });
        QVERIFY2(!thrown.input && thrown.text.contains(says) && thrown.text.contains("try again"),
                 qPrintable(thrown.text));
        QVERIFY(leavesNothing(what.file));
    }

    void hashesOfTheHub()
    {
        // git hash-object of "hello\n"
        const std::filesystem::path hello = newFile();
        writeFile(hello, "hello\n");
        QCOMPARE(hub::gitBlobId(hello), std::string("ce013625030ba8dba906f756967f9e9ca394464a"));
        const HttpServer server([&](const Request &request) {
            if (request.path == "/large")
                return Reply{
                    .status = 302,
                    .headers = {{"Location", "/store?secret=1"}, {"X-Linked-Etag", "\"" + sha256Of(m_bytes) + "\""}}};
            if (request.path == "/small")
                return Reply{.body = "hello\n",
                             .headers = {{"X-Linked-Etag", "\"ce013625030ba8dba906f756967f9e9ca394464a\""}}};
            return Reply{.body = m_bytes, .etag = "\"of-the-store\""};
        });
        for (const char *path : {"/large", "/small"}) {
            const hub::Download what{server.url(path), newFile(), -1, "", ""};
            hub::download(what, quickNetwork(), nullptr, {});
            QVERIFY(contents(what.file) == (path == std::string("/large") ? m_bytes : "hello\n"));
        }
    }

    void withoutALength()
    {
        const HttpServer server([&](const Request &) { return Reply{.body = m_bytes, .length = false}; });
        const hub::Download what{server.url("/a"), newFile(), -1, "", ""};
        hub::download(what, quickNetwork(), nullptr, {});
        QVERIFY(contents(what.file) == m_bytes);
        const hub::Download tooMuch{server.url("/a"), newFile(), 1000, "", ""};
        const Thrown thrown = thrownBy([&] { hub::download(tooMuch, quickNetwork(), nullptr, {}); });
        QVERIFY2(thrown.text.contains("more than the expected 1000 bytes"), qPrintable(thrown.text));
        QVERIFY(leavesNothing(tooMuch.file));
    }

    void disks()
    {
        const HttpServer server([&](const Request &) { return Reply{.body = m_bytes, .etag = "\"v1\""}; });
        const hub::Download nowhere{server.url("/a"), newFile() / "deep" / "file", -1, "", ""};
        const Thrown missing = thrownBy([&] { hub::download(nowhere, quickNetwork(), nullptr, {}); });
        QVERIFY2(missing.input && missing.text.contains("deep"), qPrintable(missing.text));
        if (geteuid() != 0) {
            const hub::Download forbidden{server.url("/a"), "/proc/file", -1, "", ""};
            const Thrown thrown = thrownBy([&] { hub::download(forbidden, quickNetwork(), nullptr, {}); });
            QVERIFY2(thrown.input && thrown.text.contains("may write"), qPrintable(thrown.text));
        }

        // A file that may not grow any more is what a full disk is like; what has arrived is kept and used.
        const hub::Download what{server.url("/a"), newFile(), -1, sha256Of(m_bytes), ""};
        struct rlimit before = {};
        getrlimit(RLIMIT_FSIZE, &before);
        struct rlimit small = before;
        small.rlim_cur = 100'000;
        const auto handler = std::signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &small);
        const Thrown full = thrownBy([&] { hub::download(what, quickNetwork(), nullptr, {}); });
        setrlimit(RLIMIT_FSIZE, &before);
        std::signal(SIGXFSZ, handler);
        QVERIFY2(!full.input && full.text.contains("free some disk space") && full.text.contains(".part"),
                 qPrintable(full.text));
        QVERIFY(!std::filesystem::exists(what.file));
        hub::download(what, quickNetwork(), nullptr, {});
        QVERIFY(contents(what.file) == m_bytes);
        QCOMPARE(server.requests().back().header("range"), std::string("bytes=100000-"));
    }

    void oneAtATime()
    {
        std::atomic<bool> go{false};
        const HttpServer server([&](const Request &) {
            while (!go)
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
            return Reply{.body = m_bytes};
        });
        const hub::Download what{server.url("/a"), newFile(), -1, sha256Of(m_bytes), ""};
        std::jthread first([&] { hub::download(what, quickNetwork(), nullptr, {}); });
        QTRY_COMPARE(server.requests().size(), 1U);
        const Thrown thrown = thrownBy([&] { hub::download(what, quickNetwork(), nullptr, {}); });
        go = true;
        QVERIFY2(thrown.text.contains("another program"), qPrintable(thrown.text));
        first.join();
        QVERIFY(contents(what.file) == m_bytes);
    }
};

APIARY_TEST(DownloadTest)
#include "download_test.moc"
