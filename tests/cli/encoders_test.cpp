#include "cli_call.h"
#include "support/assets.h"
#include "support/http_server.h"
#include "support/registry.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <map>

using namespace apiary;
using tests::Answer;
using tests::call;
using Reply = tests::HttpServer::Reply;
using Request = tests::HttpServer::Request;

class EncodersCliTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    std::map<std::string, std::string> m_files;

    static QString tiny() { return QString::fromStdString((tests::golden() / "tiny-bert").string()); }
    QString path(const QString &name) const { return m_dir.filePath(name); }

    /// A hub whose one repository, made/tiny, is the tiny encoder of the golden values.
    Reply answer(const Request &request) const
    {
        if (request.path == "/api/models/made/tiny/revision/main?blobs=true") {
            std::string list;
            for (const auto &[file, bytes] : m_files) {
                const auto hash =
                    QCryptographicHash::hash(QByteArray::fromStdString(bytes), QCryptographicHash::Sha256);
                list += (list.empty() ? "" : ",") + std::string("{\"rfilename\":\"") + file +
                        "\",\"size\":" + std::to_string(bytes.size()) + ",\"lfs\":{\"sha256\":\"" +
                        hash.toHex().toStdString() + "\"}}";
            }
            return Reply{.body = "{\"sha\":\"c0ffee\",\"cardData\":{\"license\":\"mit\"},\"siblings\":[" + list + "]}"};
        }
        const std::string resolve = "/made/tiny/resolve/c0ffee/";
        const auto it =
            request.path.starts_with(resolve) ? m_files.find(request.path.substr(resolve.size())) : m_files.end();
        return it == m_files.end() ? Reply{.status = 404} : Reply{.body = it->second};
    }

private slots:
    void initTestCase()
    {
        for (const char *name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "HF_HUB_OFFLINE",
                                 "TRANSFORMERS_OFFLINE", "APIARY_OFFLINE", "HF_ENDPOINT", "PIP_FIND_LINKS"})
            qunsetenv(name);
        qputenv("APIARY_HOME", path("home").toUtf8());
        qputenv("HF_HUB_CACHE", path("cache").toUtf8());
        qputenv("SENTENCE_TRANSFORMERS_HOME", path("cache").toUtf8());
        const std::filesystem::path folder = tiny().toStdString();
        if (!std::filesystem::exists(folder / "config.json"))
            QSKIP("the tiny encoder is not there");
        for (const auto &entry : std::filesystem::recursive_directory_iterator(folder)) {
            QFile file(QString::fromStdString(entry.path().string()));
            if (entry.is_regular_file() && file.open(QIODevice::ReadOnly))
                m_files[entry.path().lexically_relative(folder).generic_string()] = file.readAll().toStdString();
        }
    }

    void fetchesListsAndRemoves()
    {
        const tests::HttpServer server([this](const Request &request) { return answer(request); });
        const QString base = QString::fromStdString(server.url());
        QCOMPARE(call({"encoders", "list"}).out.count("encoders get"), 1);
        QCOMPARE(call({"encoders", "list", "--json"}).out, QString());

        const Answer got = call({"encoders", "get", "made/tiny", "--base", base});
        QVERIFY2(got.code == 0, qPrintable(got.err));
        const QString folder = path("home/encoders/made--tiny");
        QCOMPARE(got.out.trimmed(), folder);
        QVERIFY2(got.err.contains("to fetch from " + base) && got.err.contains("licence mit") &&
                     got.err.contains("KiB of"),
                 qPrintable(got.err));
        QVERIFY(got.err.indexOf("to fetch from") < got.err.indexOf("fetching"));
        const std::size_t requests = server.requests().size();
        const Answer again = call({"encoders", "get", "made/tiny", "--base", base, "--json"});
        QCOMPARE(again.code, 0);
        QCOMPARE(again.json().at(0)["folder"].toString(), folder);
        QCOMPARE(server.requests().size(), requests); // there already

        const QList<QJsonObject> list = call({"encoders", "list", "--json"}).json();
        QCOMPARE(list.size(), 1);
        QCOMPARE(list[0]["name"].toString(), QString("made/tiny"));
        QCOMPARE(list[0]["origin"].toString(), QString("installed"));
        QCOMPARE(list[0]["architecture"].toString(), QString("BERT"));
        QVERIFY(list[0]["baseModel"].isNull() && list[0]["error"].isNull());
        QVERIFY(call({"encoders", "list"}).out.contains(folder));
        const Answer card = call({"encoders", "show", "made/tiny"});
        QVERIFY2(card.code == 0 && card.out.contains("BERT") && card.out.contains("c0ffee"), qPrintable(card.out));
        const Answer tokens = call({"tokenize", "--encoder", folder, "--texts", "-"}, "the bee\n");
        QVERIFY2(tokens.code == 0 && tokens.out.startsWith('['), qPrintable(tokens.err));

        QCOMPARE(call({"encoders", "remove", "made/tiny"}).code, 0);
        QVERIFY(!QFile::exists(folder));
        QVERIFY(call({"encoders", "list", "--json"}).json().isEmpty());
    }

    void fetchesElsewhere()
    {
        const tests::HttpServer server([this](const Request &request) { return answer(request); });
        const QString page = QString::fromStdString(server.url("/made/tiny"));
        const Answer got = call({"encoders", "get", page, "--to", path("mine"), "--json"});
        QVERIFY2(got.code == 0, qPrintable(got.err));
        QCOMPARE(got.json().at(0)["folder"].toString(), path("mine"));
        QVERIFY(call({"encoders", "list", "--json"}).json().isEmpty());
        QCOMPARE(call({"encoders", "add", path("mine")}).code, 0);
        QCOMPARE(call({"encoders", "list", "--json"}).json().at(0)["origin"].toString(), QString("folder"));
        QCOMPARE(call({"encoders", "remove", path("mine"), "--json"}).json().at(0)["removed"].toString(),
                 QString("mine"));
        QVERIFY(QFile::exists(path("mine/config.json"))); // forgotten, not deleted
    }

    /// `add` refuses what could not be used and remembers nothing; `show` and `list` tell the same of what is listed.
    void addsOnlyWhatWorks_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QString>("says");
        QTest::newRow("architecture") << "config.json" << QByteArray("\"bert\"") << QByteArray("\"t5\"")
                                      << "unknown architecture";
        QTest::newRow("shape") << "config.json" << QByteArray("\"num_hidden_layers\": 2")
                               << QByteArray("\"num_hidden_layers\": 7") << "is missing";
        QTest::newRow("no tokenizer") << "tokenizer.json" << QByteArray() << QByteArray() << "no tokenizer";
        QTest::newRow("link outside") << "model.safetensors" << QByteArray() << QByteArray("link") << "leads out";
    }
    void addsOnlyWhatWorks()
    {
        QFETCH(QString, file);
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QString, says);
        const QString folder = path(QString("broken-%1").arg(QTest::currentDataTag()).replace(' ', '-'));
        std::filesystem::copy(tiny().toStdString(), folder.toStdString(), std::filesystem::copy_options::recursive);
        QCOMPARE(call({"encoders", "add", folder}).code, 0);
        QCOMPARE(call({"encoders", "show", folder}).code, 0);
        QCOMPARE(call({"encoders", "remove", folder}).code, 0);
        QFile edited(folder + "/" + file);
        if (from.isEmpty()) {
            QVERIFY(edited.remove());
            if (to == "link")
                QVERIFY(QFile::link(tiny() + "/" + file, edited.fileName()));
        } else {
            QVERIFY(edited.open(QIODevice::ReadWrite));
            QByteArray bytes = edited.readAll();
            QVERIFY(bytes.contains(from));
            edited.resize(0);
            edited.seek(0);
            edited.write(bytes.replace(from, to));
            edited.close();
        }
        const Answer added = call({"encoders", "add", folder});
        QCOMPARE(added.code, 2);
        QVERIFY2(added.err.contains(says), qPrintable(added.err));
        QVERIFY(call({"encoders", "list", "--json"}).json().isEmpty());
        const Answer shown = call({"encoders", "show", folder, "--json"});
        QCOMPARE(shown.code, 2);
        QVERIFY(shown.json().value(0)["error"].toString().contains(says));
    }

    /// Every --encoder takes what `encoders list` shows.
    void namesEverywhere()
    {
        std::filesystem::create_directories(path("home/encoders").toStdString());
        std::filesystem::copy(tiny().toStdString(), path("home/encoders/made--tiny").toStdString(),
                              std::filesystem::copy_options::recursive);
        const Answer ids = call({"tokenize", "--encoder", "made/tiny", "--texts", "-"}, "the bee\n");
        QVERIFY2(ids.code == 0 && ids.out.startsWith('['), qPrintable(ids.err));
        const Answer rows =
            call({"encode", "--encoder", "made/tiny", "--texts", "-", "--out", path("rows.npy")}, "the bee\n");
        QVERIFY2(rows.code == 0, qPrintable(rows.err));
        const Answer unknown =
            call({"encode", "--encoder", "made/huge", "--texts", "-", "--out", path("x.npy")}, "a\n");
        QCOMPARE(unknown.code, 2);
        QVERIFY2(unknown.err.contains("folder") && unknown.err.contains("encoders list"), qPrintable(unknown.err));
        QCOMPARE(call({"encoders", "remove", "made/tiny"}).code, 0);

        std::filesystem::copy(tiny().toStdString(), path("leaves").toStdString(),
                              std::filesystem::copy_options::recursive);
        QCOMPARE(call({"encoders", "add", path("leaves")}).code, 0);
        QVERIFY(QDir(path("leaves")).removeRecursively());
        for (const QString &name : {QString("leaves"), path("leaves")}) {
            const Answer gone = call({"tokenize", "--encoder", name, "--texts", "-"}, "a\n");
            QVERIFY2(gone.code == 2 && gone.err.contains("gone") && gone.err.contains("encoders remove"),
                     qPrintable(gone.err));
            QVERIFY(call({"encoders", "show", name}).err.contains("bring it back"));
        }
        QCOMPARE(call({"encoders", "remove", "leaves"}).code, 0);
    }

    void refusals_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        QTest::newRow("nothing") << QStringList{} << 2 << "subcommand";
        QTest::newRow("no name") << QStringList{"get"} << 2 << "NAME";
        QTest::newRow("odd name") << QStringList{"get", "a/b/c"} << 2 << "org/name";
        QTest::newRow("odd base") << QStringList{"get", "a/b", "--base", "hub"} << 2 << "https://";
        QTest::newRow("unreachable") << QStringList{"get", "a/b", "--base", "http://127.0.0.1:1"} << 1 << "proxy";
        QTest::newRow("show nothing") << QStringList{"show", "none"} << 2 << "neither";
        QTest::newRow("add nothing") << QStringList{"add", "/none"} << 2 << "/none";
        QTest::newRow("remove nothing") << QStringList{"remove", "none"} << 2 << "neither";
    }
    void refusals()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QString, says);
        const Answer answer = call(QStringList{"encoders"} + arguments);
        QCOMPARE(answer.code, code);
        QVERIFY2(answer.err.contains(says), qPrintable(answer.err));
        QCOMPARE(answer.out, QString());
    }

    void offline()
    {
        const tests::HttpServer server([this](const Request &request) { return answer(request); });
        for (const char *variable : {"HF_HUB_OFFLINE", "APIARY_OFFLINE"}) {
            qputenv(variable, "1");
            for (const QString &name : {QString("made/tiny"), QString("all-mpnet-base-v2")}) {
                QStringList arguments{"encoders", "get", name, "--yes"};
                if (name.contains('/'))
                    arguments << "--base" << QString::fromStdString(server.url());
                const Answer answer = call(arguments);
                QCOMPARE(answer.code, 2);
                QVERIFY2(answer.err.contains(QString(variable) + "=1"), qPrintable(answer.err));
            }
            qunsetenv(variable);
        }
        QVERIFY(server.requests().empty());
        QVERIFY(!QFile::exists(path("home/encoders/made--tiny")));
    }
};

APIARY_TEST(EncodersCliTest)
#include "encoders_test.moc"
