#include "cli_call.h"
#include "support/assets.h"
#include "support/registry.h"
#include "support/tiny_data.h"

#include <QFile>
#include <QJsonArray>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

using namespace apiary;
using tests::Answer;
using tests::call;

/// Tables of stored runs, and how far they spread over seeds.
class CliTablesTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    tests::TinyData m_data;

    QString path(const QString &name) const { return m_dir.filePath(name); }
    QString writeSpec(int seed)
    {
        QByteArray text = QByteArray::fromStdString(tests::tinySpec(m_data, tests::golden() / "tiny-bert"));
        text.replace("\"evaluation\": {",
                     "\"seed\": " + QByteArray::number(seed) +
                         ",\n  \"evaluation\": {\"metrics\": \"recall@20, ndcg@100, coverage@20\", "
                         "\"recommenders\": \"popularity\", ");
        QFile file(path(QString("seed-%1.json").arg(seed)));
        if (file.open(QIODevice::WriteOnly))
            file.write(text);
        return file.fileName();
    }
    QString read(const QString &name) const
    {
        QFile file(path(name));
        return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
    }
    /// The first line of a model and metric; quoted fields, which may hold commas, as "quoted".
    QStringList cells(const QString &name, const QString &model, const QString &metric) const
    {
        for (const QString &line : read(name).split('\n'))
            if (line.startsWith(model + ",") && line.contains("," + metric + ","))
                return QString(line).replace(QRegularExpression("\"[^\"]*\""), "quoted").split(',');
        return {};
    }

private slots:
    void initTestCase()
    {
        if (!QFile::exists(QString::fromStdString((tests::golden() / "tiny-bert/config.json").string())))
            QSKIP("the tiny encoder is not there");
        m_data = tests::writeTinyData(m_dir.path().toStdString() + "/data");
        for (const int seed : {1, 2}) {
            const Answer train = call({"train", writeSpec(seed), "--project", path("p")});
            QVERIFY2(train.code == 0, qPrintable(train.err));
        }
    }

    void aStoredRunGivesTheTableOfItsEvaluation()
    {
        const Answer stored =
            call({"export", "metrics", "--project", path("p"), "--run", "1", "--table", path("a.csv")});
        QVERIFY2(stored.code == 0, qPrintable(stored.err));
        const Answer fresh = call({"evaluate", path("seed-1.json"), "--table", path("b.csv")});
        QVERIFY2(fresh.code == 0, qPrintable(fresh.err));
        QCOMPARE(read("a.csv").section('\n', 0, 0), read("b.csv").section('\n', 0, 0));
        const QStringList header = read("a.csv").section('\n', 0, 0).split(',');
        for (const char *metric : {"recall@20", "ndcg@100", "coverage@20"}) {
            const QStringList a = cells("a.csv", "popularity", metric), b = cells("b.csv", "popularity", metric);
            QCOMPARE(a.size(), header.size());
            QCOMPARE(b.size(), header.size());
            for (const char *column : {"mean", "low", "high", "difference", "p", "users", "dataset_hash", "scenario",
                                       "split_hash", "spec_hash", "apiary", "libtorch"}) {
                const auto at = header.indexOf(column);
                QVERIFY(at >= 0);
                const double x = a[at].toDouble(), y = b[at].toDouble();
                QVERIFY2(a[at] == b[at] || std::abs(x - y) < 1e-6,
                         qPrintable(QString("%1: %2, %3").arg(column, a[at], b[at])));
            }
        }
        QVERIFY(!cells("a.csv", "popularity", "ndcg@100")[header.indexOf("p_holm")].isEmpty());
        // The encoder has its name in every table; JSON goes on by its part.
        for (const char *table : {"a.csv", "b.csv"})
            QVERIFY2(read(table).contains("\n\"tiny-bert, untrained\",recall@20,"), qPrintable(read(table)));
        const Answer printed = call({"evaluate", path("seed-1.json"), "--project", path("p")});
        QVERIFY2(printed.out.contains(" tiny-bert, untrained ") && printed.out.contains(" tiny, tuned ") &&
                     printed.out.contains("differences to tiny-bert, untrained;"),
                 qPrintable(printed.out));
        const Answer seeds = call({"evaluate", path("seed-1.json"), "--split-seeds", "1,2"});
        QVERIFY2(seeds.out.contains(" tiny-bert, untrained "), qPrintable(seeds.out + seeds.err));
        // The newest run where none is named; the other formats by the file's name.
        QCOMPARE(call({"export", "metrics", "--project", path("p"), "--table", path("a.md")}).code, 0);
        QVERIFY2(read("a.md").contains("| tiny, tuned × 2 seeds | ") && read("a.md").contains("Holm's correction"),
                 qPrintable(read("a.md")));
        QCOMPARE(call({"export", "metrics", "--project", path("p"), "--table", path("a.tex")}).code, 0);
        QVERIFY(read("a.tex").contains("\\begin{tabular}"));
    }

    /// Over seeds of the split; and what could not be written is known before anything is computed.
    void spreadsAreWritten()
    {
        const QString spec = path("seed-1.json");
        const Answer seeds = call({"evaluate", spec, "--split-seeds", "1,2", "--table", path("s.csv"), "--json"});
        QVERIFY2(seeds.code == 0, qPrintable(seeds.err));
        const QJsonObject json = seeds.json().first();
        QCOMPARE(json["splits"].toArray().size(), 2);
        QVERIFY(read("s.csv").contains("\n\"tiny-bert, untrained\",ndcg@100,"));
        QVERIFY(read("s.csv").contains(json["spec"].toString()) && !json["spec"].toString().isEmpty());
        const QList<QStringList> refused{{"--split-seeds", "1,2", "--predictions", path("p.csv")},
                                         {"--split-seeds", "1,2", "--write-split", path("split")},
                                         {"--split-seeds", "1,1"},
                                         {"--recommenders", "sasrec"},
                                         {"--table", path("nowhere/t.csv")},
                                         {"--predictions", path("nowhere/p.csv")},
                                         {"--targets", path("nowhere/t.csv")},
                                         {"--table", path("p/x.csv/t.csv")},
                                         {"--write-split", path("p")}};
        for (const QStringList &options : refused) {
            const Answer answer = call(QStringList{"evaluate", spec} + options);
            QCOMPARE(answer.code, 2);
            QVERIFY2(answer.out.isEmpty() && !answer.err.contains("encoding"), qPrintable(answer.err));
        }
        const Answer printed = call({"evaluate", spec});
        QVERIFY2(printed.out.contains("\ndataset tiny ") && printed.out.contains(", experiment "),
                 qPrintable(printed.out));
        const QJsonObject one = call({"evaluate", spec, "--json"}).json().first();
        for (const char *field : {"dataset", "split", "spec", "encoders", "seed", "apiary", "libtorch"})
            QVERIFY2(one.contains(field), field);
    }

    void segmentsAndBaselines()
    {
        const Answer tail = call({"export", "metrics", "--project", path("p"), "--table", path("tail.csv"), "--segment",
                                  "items: tail", "--baseline", "popularity"});
        QVERIFY2(tail.code == 0, qPrintable(tail.err));
        QVERIFY(read("tail.csv").contains(",items: tail,popularity,"));
        QVERIFY(!read("tail.csv").contains("coverage@20")); // of all lists together
        const Answer unknown =
            call({"export", "metrics", "--project", path("p"), "--table", path("x.csv"), "--segment", "tail"});
        QCOMPARE(unknown.code, 2);
        QVERIFY2(unknown.err.contains("--segment") && unknown.err.contains("\"items: tail\""), qPrintable(unknown.err));
        QCOMPARE(call({"export", "metrics", "--project", path("p"), "--table", path("x.csv"), "--baseline", "x"}).code,
                 2);
        QCOMPARE(call({"export", "metrics", "--project", path("p"), "--table", path("x.xlsx")}).code, 2);
        QCOMPARE(call({"export", "scalars", "--project", path("p"), "--table", path("x.csv")}).code, 2);
        QCOMPARE(call({"export", "metrics", "--project", path("p"), "--segment", "items: tail"}).code, 2);
        QVERIFY(!QFile::exists(path("x.csv")));
    }

    void runsSpreadOverSeeds()
    {
        const QList<QJsonObject> groups = call({"runs", "--project", path("p"), "--spread", "--json"}).json();
        QCOMPARE(groups.size(), 1);
        QCOMPARE(groups[0]["runs"].toArray(), QJsonArray({2, 1}));
        double values[2] = {};
        for (const QJsonObject &run : call({"runs", "--project", path("p"), "--json"}).json())
            values[run["run"].toInt() - 1] = run["test"].toObject()["tuned"].toObject()["ndcg@100"].toDouble();
        const QJsonObject metric = groups[0]["metrics"].toObject()["ndcg@100"].toObject();
        QVERIFY(std::abs(metric["mean"].toDouble() - (values[0] + values[1]) / 2) < 1e-12);
        QVERIFY(std::abs(metric["deviation"].toDouble() - std::abs(values[0] - values[1]) / std::sqrt(2)) < 1e-12);
        QVERIFY(groups[0]["metrics"].toObject().contains("coverage@20"));
        const Answer text = call({"runs", "--project", path("p"), "--spread"});
        QVERIFY2(text.out.contains("tiny, tuned × 2 seeds") && text.out.contains("differ in their seed only"),
                 qPrintable(text.out));
    }
};

APIARY_TEST(CliTablesTest)
#include "tables_test.moc"
