#include "cli_call.h"
#include "support/assets.h"
#include "support/registry.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

using namespace apiary;
using tests::Answer;
using tests::call;

class CliImportTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;

    QString path(const QString &name) const { return m_dir.filePath(name); }
    QString write(const QString &name, const QByteArray &bytes) const
    {
        QFile file(path(name));
        if (file.open(QIODevice::WriteOnly))
            file.write(bytes);
        return file.fileName();
    }
    static QString table(const char *name)
    {
        return QString::fromStdString((tests::golden() / "tables" / name).string());
    }
    QStringList filters(const QStringList &more) const
    {
        return QStringList{"import", "--interactions", table("interactions.csv"), "--items", table("items.csv")} + more;
    }

private slots:
    void imports()
    {
        const QStringList arguments = filters({"--project", path("project"), "--name", "tables", "--min-rating", "4",
                                               "--min-item", "4", "--k-core", "5", "--duplicates", "any", "--json"});
        const Answer answer = call(arguments);
        QVERIFY2(answer.code == 0, qPrintable(answer.err));
        QCOMPARE(answer.json().size(), 1);
        const QJsonObject card = answer.json().first();
        QCOMPARE(card["name"].toString(), QString("tables"));
        QCOMPARE(card["interactions"].toInt(), 389); // tests/golden/data/import.json
        QCOMPARE(card["hash"].toString(), QString("8b1c0a362cccf45989add1efd32e7c79d8e31570880b62c01bd6f643240fa72c"));
        QCOMPARE(card["counts"].toArray().size(), 5);
        QVERIFY(QFile::exists(card["folder"].toString() + "/dataset.json"));

        // The same again is the same; other data under the name are not taken without --replace.
        QCOMPARE(call(arguments).json().first()["hash"].toString(), card["hash"].toString());
        const Answer taken = call(filters({"--project", path("project"), "--name", "tables"}));
        QCOMPARE(taken.code, 2);
        QVERIFY(taken.err.contains("the project has another dataset of the name \"tables\""));
        QCOMPARE(call(filters({"--project", path("project"), "--name", "tables", "--replace"})).code, 0);

        // How it was made can be done again.
        const Answer again =
            call({"import", "--spec", write("card.json", answer.out.toUtf8()), "--project", path("other"), "--json"});
        QVERIFY2(again.code == 0, qPrintable(again.err));
        QCOMPARE(again.json().first()["hash"].toString(), card["hash"].toString());
    }

    /// An experiment names the dataset instead of files.
    void evaluates()
    {
        QVERIFY(call(filters({"--project", path("runs"), "--name", "tables"})).code == 0);
        const QByteArray encoder = QByteArray::fromStdString((tests::golden() / "tiny-bert").string());
        const auto spec = [&](const QByteArray &imported) {
            return write("spec.json",
                         "{\"dataset\": {\"imported\": \"" + imported +
                             "\"}, \"filter\": {\"minRating\": 3, \"minUserInteractions\": 2}, \"encoder\": "
                             "{\"folder\": \"" +
                             encoder + "\"}, \"evaluation\": {\"bootstrapResamples\": 100}}");
        };
        const Answer answer = call({"evaluate", spec("tables"), "--project", path("runs"), "--json"});
        QVERIFY2(answer.code == 0, qPrintable(answer.err));
        QVERIFY(!answer.json().isEmpty());
        const Answer unknown = call({"evaluate", spec("films"), "--project", path("runs")});
        QCOMPARE(unknown.code, 2);
        QVERIFY2(unknown.err.contains("the project has no dataset \"films\""), qPrintable(unknown.err));
        const Answer homeless = call({"evaluate", spec("tables")});
        QCOMPARE(homeless.code, 2);
        QVERIFY2(homeless.err.contains("is no folder of an imported dataset"), qPrintable(homeless.err));
    }

    /// A run of a dataset by its name is found again after the project's folder was moved.
    void moves()
    {
        QVERIFY(call(filters({"--project", path("here"), "--name", "tables"})).code == 0);
        const QByteArray encoder = QByteArray::fromStdString((tests::golden() / "tiny-bert").string());
        const QString spec =
            write("moved.json", "{\"dataset\": {\"imported\": \"tables\"}, \"filter\": {\"minRating\": 3, "
                                "\"minUserInteractions\": 2}, \"encoder\": {\"folder\": \"" +
                                    encoder +
                                    "\"}, \"training\": {\"usersPerStep\": 64, \"epochs\": 1}, "
                                    "\"evaluation\": {\"bootstrapResamples\": 100}}");
        const Answer train = call({"train", spec, "--project", path("here"), "--json"});
        QVERIFY2(train.code == 0, qPrintable(train.err));
        QVERIFY(QDir().rename(path("here"), path("there")));
        const Answer evaluate = call({"evaluate", spec, "--project", path("there")});
        QVERIFY2(evaluate.code == 0, qPrintable(evaluate.err));
        QVERIFY2(evaluate.out.contains("tuned"), qPrintable(evaluate.out + evaluate.err));
        const Answer neighbors = call({"neighbors", "--project", path("there"), "--item", "i1"});
        QVERIFY2(neighbors.code == 0, qPrintable(neighbors.err));
    }

    /// What was detected is printed; other data under a name that runs used is told.
    void saysWhatWasGuessed()
    {
        const QString items = write("latin.csv", "item_id,title\ni1,Pr\xE9\ni2,Caf\xE9\n");
        const QStringList arguments{
            "import", "--interactions", table("interactions.csv"), "--items", items, "--project", path("guess"),
            "--name", "latin"};
        const Answer text = call(arguments);
        QVERIFY2(text.code == 0, qPrintable(text.err));
        QVERIFY2(text.out.contains("read: latin.csv (delimited, windows-1252, delimiter ,)"), qPrintable(text.out));
        QVERIFY2(text.err.contains("warning: latin.csv: is no UTF-8"), qPrintable(text.err));
        const QJsonObject json = call(arguments + QStringList{"--json"}).json().first();
        QVERIFY(json["warnings"].toArray()[0].toString().startsWith("latin.csv: is no UTF-8"));
        QCOMPARE(json["import"]["items"]["format"]["encoding"].toString(), QString("windows-1252"));
        for (const char *name : {"", "..", "a\tb"}) {
            QStringList named = arguments;
            named.last() = name;
            const Answer answer = call(named);
            QVERIFY2(answer.code == 2 && answer.out.isEmpty(), qPrintable(answer.err));
        }
    }

    void previews()
    {
        const QString descriptions = write("more.csv", "item_id,description\ni1,\"\"\"A &amp; B\"\"\"\n");
        const Answer answer = call(filters({"--descriptions", descriptions, "--clean", "all", "--preview", "--rows",
                                            "3", "--json", "--template", "{title}: {description}"}));
        QVERIFY2(answer.code == 0, qPrintable(answer.err));
        const QJsonObject preview = answer.json().first();
        QCOMPARE(preview["texts"].toArray()[1].toString(), QString("Item i1: A & B"));
        QCOMPARE(preview["texts"].toArray()[0].toString(), QString("Item i0"));
        QCOMPARE(preview["interactions"]["columns"].toArray()[3].toObject()["role"].toString(), QString("time"));
        QCOMPARE(preview["interactions"]["rows"].toArray().size(), 3);
        QCOMPARE(preview["import"]["interactions"]["timeUnit"].toString(), QString("ms"));
        const Answer plain = call(filters({"--preview"}));
        QCOMPARE(plain.code, 0);
        QVERIFY(plain.out.contains("rating [rating]"));
    }

    void refuses_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("message");
        QTest::newRow("nothing") << QStringList{} << "--interactions: no file is named";
        QTest::newRow("no project") << QStringList{"--interactions", table("interactions.csv"), "--items",
                                                   table("items.csv")}
                                    << "no project is named";
        QTest::newRow("no such file") << QStringList{"--interactions", path("no.csv"), "--items", table("items.csv")}
                                      << "there is no such file";
        QTest::newRow("no such recipe") << QStringList{"--recipe", "ml-26m"} << "there is no recipe \"ml-26m\"";
        QTest::newRow("licence not accepted")
            << QStringList{"--recipe", "ml-100k"} << "the data's licence was not accepted";
        QTest::newRow("no way of cleaning") << QStringList{"--interactions", table("interactions.csv"),
                                                           "--items",        table("items.csv"),
                                                           "--clean",        "soap"}
                                            << "\"soap\" is no way of cleaning";
        QTest::newRow("no encoding") << QStringList{"--interactions",   table("interactions.csv"), "--items",
                                                    table("items.csv"), "--items-encoding",        "ebcdic"}
                                     << "--items-encoding: \"ebcdic\" is not known";
    }
    void refuses()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, message);
        const Answer answer = call(QStringList{"import"} + arguments);
        QCOMPARE(answer.code, 2);
        QVERIFY2(answer.err.contains(message), qPrintable(answer.err));
    }

    void recipes()
    {
        const Answer answer = call({"import", "--recipes", "--json"});
        QCOMPARE(answer.code, 0);
        QVERIFY(answer.json().size() >= 9);
        QCOMPARE(answer.json().first()["name"].toString(), QString("ml-100k"));
        QVERIFY(!answer.json().first()["licence"].toString().isEmpty());
    }
};

APIARY_TEST(CliImportTest)
#include "import_test.moc"
