#include "cli_call.h"
#include "support/assets.h"
#include "support/registry.h"
#include "support/tiny_data.h"

#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <signal.h>

using namespace apiary;
using tests::Answer;
using tests::call;
using tests::patience;
namespace fs = std::filesystem;

namespace {

/// Waits until the process has printed a text on its standard output.
bool waitFor(QProcess &process, const QByteArray &text)
{
    QByteArray seen;
    QElapsedTimer timer;
    timer.start();
    while (!seen.contains(text)) {
        if (timer.elapsed() > patience || (process.state() == QProcess::NotRunning && process.bytesAvailable() == 0))
            return false;
        process.waitForReadyRead(100);
        seen += process.readAllStandardOutput();
    }
    return true;
}

QStringList readLines(const QString &file)
{
    QFile in(file);
    return in.open(QIODevice::ReadOnly) ? QString::fromUtf8(in.readAll()).split('\n', Qt::SkipEmptyParts)
                                        : QStringList();
}

} // namespace

class CliTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    tests::TinyData m_data;

    QString path(const QString &name) const { return m_dir.filePath(name); }
    static QString encoder() { return QString::fromStdString((tests::golden() / "tiny-bert").string()); }
    QString writeSpec(const QString &name, const std::string &training = {})
    {
        QFile file(path(name));
        if (file.open(QIODevice::WriteOnly))
            file.write(QByteArray::fromStdString(tests::tinySpec(m_data, encoder().toStdString(), training)));
        return file.fileName();
    }
    /// A training that takes minutes.
    QString longSpec()
    {
        return writeSpec("long.json",
                         "\"usersPerStep\": 8, \"epochs\": 100000, \"patience\": 0, \"evaluateEvery\": 1000");
    }

private slots:
    void initTestCase()
    {
        if (!QFile::exists(encoder() + "/config.json"))
            QSKIP("the tiny encoder is not there");
        m_data = tests::writeTinyData(m_dir.path().toStdString() + "/data");
    }

    void exitCodes_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("message");
        QTest::newRow("nothing") << QStringList{} << 2 << "subcommand";
        QTest::newRow("help") << QStringList{"--help"} << 0 << "";
        QTest::newRow("help of a command") << QStringList{"train", "--help"} << 0 << "";
        QTest::newRow("version") << QStringList{"--version"} << 0 << "";
        QTest::newRow("unknown command") << QStringList{"fly"} << 2 << "fly";
        QTest::newRow("unknown flag") << QStringList{"info", "--loud"} << 2 << "loud";
        QTest::newRow("no spec") << QStringList{"train"} << 2 << "spec";
        QTest::newRow("no such spec") << QStringList{"train", "/none.json", "--project", "/tmp/never"} << 2
                                      << "/none.json";
        QTest::newRow("no such preset") << QStringList{"spec", "--preset", "none"} << 2 << "quickstart";
        QTest::newRow("bad threads") << QStringList{"info", "--threads", "0"} << 2 << "threads";
        QTest::newRow("no project") << QStringList{"runs", "--project", "/none"} << 2 << "no project";
        QTest::newRow("no encoder") << QStringList{"tokenize", "--encoder", "/none", "--texts", "-"} << 2 << "/none";
        QTest::newRow("bad export") << QStringList{"export", "everything", "--project", "/none"} << 2 << "scalars";
        QTest::newRow("bad device") << QStringList{"encode",  "--device", "gpu",   "--encoder", encoder(),
                                                   "--texts", "-",        "--out", "/tmp/x.npy"}
                                    << 2 << "gpu";
    }
    void exitCodes()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QString, message);
        const Answer answer = call(arguments);
        QCOMPARE(answer.code, code);
        QVERIFY2(answer.err.contains(message, Qt::CaseInsensitive), qPrintable(answer.err));
        if (code != 0)
            QVERIFY(answer.out.isEmpty());
    }

    void specErrorsNameTheLine()
    {
        QFile file(path("bad.json"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("{\n  \"training\": {\n    \"learningrat\": 1\n  }\n}\n");
        file.close();
        const Answer answer = call({"train", file.fileName(), "--project", path("bad")});
        QCOMPARE(answer.code, 2);
        QVERIFY2(answer.err.contains("bad.json:3, training.learningrat") &&
                     answer.err.contains("training.learningRate"),
                 qPrintable(answer.err));
        QCOMPARE(answer.err.count('\n'), 1);
        QVERIFY(!QFile::exists(path("bad")));
    }

    void printsSpecsAndSchema()
    {
        for (const char *preset : {"default", "quickstart", "paper"}) {
            const Answer answer = call({"spec", "--preset", preset});
            QCOMPARE(answer.code, 0);
            QVERIFY(QJsonDocument::fromJson(answer.out.toUtf8()).object().contains("training"));
            const Answer line = call({"spec", "--preset", preset, "--json"});
            QCOMPARE(line.out.count('\n'), 1);
            QCOMPARE(line.json().at(0), QJsonDocument::fromJson(answer.out.toUtf8()).object());
        }
        const Answer schema = call({"spec", "--schema"});
        QVERIFY(QJsonDocument::fromJson(schema.out.toUtf8()).object().contains("properties"));
    }

    void tellsAboutTheMachine()
    {
        const QJsonObject info = call({"info", "--json"}).json().value(0);
        QVERIFY(!info["libtorch"].toString().isEmpty());
        QCOMPARE(info["devices"].toArray().at(0).toObject()["name"].toString(), QString("cpu"));
        QVERIFY(call({"info"}).out.contains("libtorch"));
    }

    void tokenizesAndEncodes()
    {
        const QByteArray texts = "the bee\n\nthe bee and the hive\r\n";
        const Answer tokens = call({"tokenize", "--encoder", encoder(), "--texts", "-"}, texts);
        QCOMPARE(tokens.code, 0);
        const QStringList lines = tokens.out.split('\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 3);
        QCOMPARE(lines[0].count(','), 3); // [CLS] the bee [SEP]
        QCOMPARE(lines[1], QString("[2,3]"));
        QCOMPARE(lines[2].count(','), 6);
        const Answer cut =
            call({"tokenize", "--encoder", encoder(), "--texts", "-", "--max-tokens", "4", "--json"}, texts);
        QCOMPARE(cut.json().at(2)["ids"].toArray().size(), 4);
        const Answer json =
            call({"tokenize", "--encoder", encoder(), "--texts", "-", "--field", "t"}, "{\"t\": \"the bee\"}\n");
        QCOMPARE(json.out.trimmed(), lines[0]);
        const Answer bad =
            call({"tokenize", "--encoder", encoder(), "--texts", "-", "--field", "t"}, "{\"t\": \"a\"}\n{\"u\": 1}\n");
        QCOMPARE(bad.code, 2);
        QVERIFY(bad.err.contains("-:2"));

        const Answer encoded =
            call({"encode", "--encoder", encoder(), "--texts", "-", "--out", path("e.npy"), "--json"}, texts);
        QCOMPARE(encoded.code, 0);
        QCOMPARE(encoded.json().at(0)["texts"].toInt(), 3);
        QFile file(path("e.npy"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray bytes = file.readAll();
        QVERIFY(bytes.startsWith("\x93NUMPY"));
        QVERIFY(bytes.contains("'shape': (3, 32)"));
        QCOMPARE((bytes.size() - 3 * 32 * 4) % 64, 0);

        // Refused before anything is read.
        const Answer lost = call({"encode", "--encoder", "/none", "--texts", "-", "--out", path("none/e.npy")}, texts);
        QCOMPARE(lost.code, 2);
        QVERIFY2(lost.err.contains("no such folder") && lost.err.contains("--out"), qPrintable(lost.err));
    }

    void trainsAndShowsWhatCameOfIt()
    {
        const QString spec = writeSpec("tiny.json");
        const Answer train = call({"train", spec, "--project", path("p"), "--threads", "1"});
        QVERIFY2(train.code == 0, qPrintable(train.err));
        QVERIFY(!train.err.contains('\r')); // no terminal here
        for (const char *part : {"untrained", "tuned", "random", "ndcg@100"})
            QVERIFY2(train.out.contains(part, Qt::CaseInsensitive), part);
        QVERIFY2(!train.err.contains("XDG_RUNTIME_DIR") && !train.err.contains("curves.png"), qPrintable(train.err));
        QVERIFY(train.err.contains("step 1") && train.err.contains("validation"));
        const auto encoderLine =
            QRegularExpression("^encoder: (.*)$", QRegularExpression::MultilineOption).match(train.out);
        QVERIFY(encoderLine.hasMatch());
        const QString tuned = encoderLine.captured(1);
        for (const char *name : {"model.safetensors", "config.json", "modules.json", "README.md"})
            QVERIFY2(QFile::exists(tuned + "/" + name), name);
        const auto curves = QRegularExpression("^curves: (.*)$", QRegularExpression::MultilineOption).match(train.out);
        if (curves.hasMatch())
            QVERIFY(QFile::exists(curves.captured(1)));
        else
            QVERIFY(train.err.contains("curves"));

        const QJsonObject run = call({"runs", "--project", path("p"), "--json"}).json().value(0);
        QCOMPARE(run["status"].toString(), QString("finished"));
        QCOMPARE(run["spec"].toObject()["threads"].toInt(), 1);
        QVERIFY(call({"runs", "--project", path("p")}).out.contains("finished"));

        // The same figures again, from files alone; its lists hold what they say.
        const Answer evaluation = call({"evaluate", spec, "--project", path("p"), "--threads", "1", "--json",
                                        "--predictions", path("top.csv"), "--targets", path("targets.csv")});
        QVERIFY2(evaluation.code == 0, qPrintable(evaluation.err));
        const QJsonObject models = evaluation.json().at(0)["models"].toObject();
        for (const char *model : {"untrained", "tuned", "random"}) {
            const double stored = run["test"].toObject()[model].toObject()["ndcg@100"].toDouble();
            QVERIFY2(std::abs(models[model].toObject()["ndcg@100"].toObject()["mean"].toDouble() - stored) < 1e-6,
                     model);
        }
        const QStringList top = readLines(path("top.csv"));
        QCOMPARE(top.value(0), QString("user,item,rank,score"));
        QCOMPARE(top.value(1).split(',').value(2), QString("1"));
        QVERIFY(QFile::exists(path("top-tuned.csv")) && QFile::exists(path("top-random.csv")));
        QVERIFY(readLines(path("targets.csv")).size() > 10);
        QVERIFY(!evaluation.err.contains("no finished run"));
        const Answer other = call({"evaluate", writeSpec("other.json", "\"epochs\": 3"), "--project", path("p")});
        QVERIFY2(other.code == 0 && other.err.contains("no finished run of this spec in " + path("p")),
                 qPrintable(other.err));
        // Encoders of the same folder's name keep names of their own, in tables, in lists and as files.
        const QString copy = path("elsewhere/encoder");
        fs::create_directories(path("elsewhere").toStdString());
        fs::copy(encoder().toStdString(), copy.toStdString(), fs::copy_options::recursive);
        fs::create_directories(path("other").toStdString());
        fs::copy(encoder().toStdString(), path("other/encoder").toStdString(), fs::copy_options::recursive);
        const Answer named = call({"evaluate", spec, "--encoder", tuned, copy, path("other/encoder"), "--json",
                                   "--predictions", path("named.csv")});
        const QJsonObject told = named.json().value(0)["models"].toObject();
        QVERIFY2(told.contains("run 1 of p") && told.contains("elsewhere/encoder") && told.contains("other/encoder"),
                 qPrintable(named.out + named.err));
        QVERIFY(QFile::exists(path("named-run-1-of-p.csv")) && QFile::exists(path("named-other-encoder.csv")));
        const QJsonObject beside = call({"neighbors", "--project", path("p"), "--item", "i3", "--json", "--encoder",
                                         copy, "--encoder", path("other/encoder") + "/", "--encoder", tuned})
                                       .json()
                                       .value(0);
        QStringList columns;
        for (const auto &list : beside["lists"].toArray())
            columns << list.toObject()["name"].toString();
        QCOMPARE(columns.mid(1),
                 QStringList({"tuned", "elsewhere/encoder", "other/encoder", "run 1 of p", "interactions"}));
        QFile readme(tuned + "/README.md");
        QVERIFY(readme.open(QIODevice::ReadOnly));
        const QString modelCard = QString::fromUtf8(readme.readAll());
        QVERIFY2(modelCard.contains("base_model: \"tiny-bert\"\n") && !modelCard.contains("\nlicense"),
                 qPrintable(modelCard));

        const QStringList scalars =
            call({"export", "scalars", "--project", path("p")}).out.split('\n', Qt::SkipEmptyParts);
        QVERIFY(scalars.value(0).startsWith("run,step,epoch,time,loss"));
        QCOMPARE(scalars.value(1).count(','), scalars.value(0).count(','));
        QCOMPARE(scalars.value(2).count(','), scalars.value(0).count(','));
        const Answer metrics = call({"export", "metrics", "--project", path("p"), "--run", "1"});
        QVERIFY(metrics.out.contains("1,tuned,ndcg@100,u"));
        QCOMPARE(call({"export", "metrics", "--project", path("p"), "--run", "7"}).code, 2);
        QVERIFY(call({"export", "memory", "--project", path("p")}).out.count('\n') >= 2);
        QCOMPARE(call({"export", "embeddings", "--project", path("p"), "--out", path("x.npy")}).code, 0);
        const Answer npy = call({"--json", "export", "embeddings", "--project", path("p"), "--out", path("x.npy")});
        QCOMPARE(npy.json().size(), 1);
        QCOMPARE(npy.json().at(0)["file"].toString(), path("x.npy"));
        QVERIFY(npy.json().at(0)["rows"].toInt() > 10 && npy.json().at(0)["columns"].toInt() == 32);
        for (const char *what : {"scalars", "metrics", "memory"}) {
            const QStringList csv = call({"export", what, "--project", path("p")}).out.split('\n', Qt::SkipEmptyParts);
            const QList<QJsonObject> rows = call({"--json", "export", what, "--project", path("p")}).json();
            QCOMPARE(rows.size(), csv.size() - 1);
            QStringList fields = csv.value(0).split(',');
            fields.sort();
            for (const QJsonObject &row : rows)
                QCOMPARE(row.keys(), fields);
        }
        QVERIFY(QFile::exists(path("x.npy")) && QFile::exists(path("x.items.csv")));

        const QJsonObject near =
            call({"neighbors", "--project", path("p"), "--item", "i3", "-k", "5", "--json"}).json().value(0);
        QCOMPARE(near["lists"].toArray().size(), 3);
        QCOMPARE(near["lists"].toArray().at(1).toObject()["neighbours"].toArray().size(), 5);
        const Answer unknown = call({"neighbors", "--project", path("p"), "--item", "bread"});
        QCOMPARE(unknown.code, 2);
        QVERIFY2(unknown.err.contains("i3"), qPrintable(unknown.err));
    }

    void trainsAsJsonLines()
    {
        const Answer answer = call({"--json", "train", writeSpec("tiny.json"), "--project", path("j")});
        QCOMPARE(answer.code, 0);
        QSet<QString> events;
        for (const QJsonObject &line : answer.json()) {
            QVERIFY(!line.isEmpty());
            events << line["event"].toString();
        }
        QVERIFY(events.contains("status") && events.contains("step") && events.contains("validation"));
        const QJsonObject result = answer.json().last();
        QCOMPARE(result["event"].toString(), QString("result"));
        QCOMPARE(result["test"].toObject()["models"].toObject().size(), 3);
    }

    void interruptStopsWithinASecond()
    {
        QProcess process;
        process.start(APIARY_CLI, {"train", longSpec(), "--project", path("s"), "--json"});
        QVERIFY(waitFor(process, "\"event\":\"step\""));
        QElapsedTimer timer;
        timer.start();
        kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(waitFor(process, "\"status\":\"stopped\""));
        QVERIFY2(timer.elapsed() < 1000, qPrintable(QString::number(timer.elapsed())));
        QVERIFY(process.waitForFinished(patience));
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(process.exitCode(), 1);
        const QJsonObject run = call({"runs", "--project", path("s"), "--json"}).json().value(0);
        QCOMPARE(run["status"].toString(), QString("stopped"));
        QVERIFY(QFile::exists(run["folder"].toString() + "/encoder/model.safetensors"));
    }

    void killedRunsAreInterrupted()
    {
        QProcess process;
        process.start(APIARY_CLI, {"train", longSpec(), "--project", path("k"), "--json"});
        QVERIFY(waitFor(process, "\"step\":3"));

        // While it runs: one writer, any number of readers.
        const Answer second = call({"train", writeSpec("tiny.json"), "--project", path("k")});
        QCOMPARE(second.code, 1);
        QVERIFY2(second.err.contains(QString::number(process.processId())), qPrintable(second.err));
        QCOMPARE(call({"runs", "--project", path("k"), "--json"}).json().value(0)["status"].toString(),
                 QString("running"));

        kill(static_cast<pid_t>(process.processId()), SIGKILL);
        QVERIFY(process.waitForFinished(patience));
        QCOMPARE(call({"runs", "--project", path("k"), "--json"}).json().value(0)["status"].toString(),
                 QString("interrupted"));
        QVERIFY(call({"export", "scalars", "--project", path("k")}).out.count('\n') >= 3);
        const Answer next = call({"train", writeSpec("tiny.json"), "--project", path("k"), "--json"});
        QCOMPARE(next.code, 0);
        const auto runs = call({"runs", "--project", path("k"), "--json"}).json();
        QCOMPARE(runs.size(), 2);
        QCOMPARE(runs[0]["status"].toString(), QString("finished"));
        QCOMPARE(runs[1]["status"].toString(), QString("interrupted"));
        QVERIFY(!QFile::exists(path("k") + "/models/.staging-1"));
    }

    void measuresSteps()
    {
        QFile items(path("bench-items.csv"));
        QVERIFY(items.open(QIODevice::WriteOnly));
        items.write("item_id,description\n");
        for (int i = 0; i < 60; ++i)
            items.write(("i" + QByteArray::number(i) + ",\"the bee and the hive " + QByteArray::number(i) + "\"\n"));
        items.close();
        QStringList losses;
        for (const char *passes : {"one", "two"}) {
            const Answer answer =
                call({"bench", "step", "--encoder", encoder(), "--items", items.fileName(), "--interactions",
                      QString::fromStdString(m_data.interactions.string()), "--n-items", "40", "--users", "40",
                      "--steps", "2", "--threads", "1", "--passes", passes});
            QVERIFY2(answer.code == 0, qPrintable(answer.err));
            const QJsonObject line = answer.json().value(0);
            QCOMPARE(line["items_encoded"].toInt(), 40);
            QCOMPARE(line["users"].toInt(), 40);
            QCOMPARE(line["threads"].toInt(), 1);
            QCOMPARE(line["seconds"].toArray().size(), 2);
            QVERIFY(line["padded_tokens"].toInt() >= line["tokens"].toInt() && line["peak_mib"].toInt() > 10);
            losses << QString::number(line["loss"].toArray().at(1).toDouble(), 'g', 6);
        }
        QCOMPARE(losses[0], losses[1]);
    }
};

APIARY_TEST(CliTest)
#include "cli_test.moc"
