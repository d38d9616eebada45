#include "base/error.h"
#include "data/stored_dataset.h"
#include "import_files.h"
#include "support/registry.h"

#include <QTest>
#include <algorithm>
#include <nlohmann/json.hpp>

namespace apiary::data {

using namespace tests;

/// What an import tells while it reads, and of what it left out.
class ImportProgressTest : public QObject {
    Q_OBJECT

    static QByteArray manyRows()
    {
        std::string rows = "user_id,item_id,rating,timestamp\n";
        for (int row = 0; row < 300'000; ++row)
            rows += "u" + std::to_string(row) + ",a," + std::to_string(1 + row * 7919LL % 5) + "," +
                    std::to_string(1'000'000'000 + row * 104'729LL % 100'000'000) + "\n";
        return QByteArray::fromStdString(rows);
    }

private slots:
    void bytes_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<qint64>("total");
        const QByteArray rows = manyRows(), packed = gzipped(rows);
        QTest::newRow("plain") << "many.csv" << rows << qint64{rows.size()};
        QTest::newRow("gzip") << "many.csv.gz" << packed << qint64{packed.size()};
        QTest::newRow("within a zip, behind another")
            << "many.zip/many.csv" << zipped({{"first.csv", rows}, {"many.csv", rows}}) << qint64{rows.size()};
    }
    /// Bytes, from where the rows begin to the end, as far as rows were taken: no sample, no block and no other member of
    /// an archive counts as read. So the rate is that of reading.
    void bytes()
    {
        QFETCH(QString, name);
        QFETCH(QByteArray, file);
        QFETCH(qint64, total);
        ImportFiles files;
        files.write(name.section('/', 0, 0), file);
        files.spec.interactions.file = files.path(name);
        std::vector<Progress> seen;
        std::vector<std::string> stages;
        const Imported imported = importDataset(files.spec, [&](const Progress &progress) {
            if (progress.stage == "reading interactions")
                seen.push_back(progress);
            if (stages.empty() || stages.back() != progress.stage)
                stages.push_back(progress.stage);
        });
        QCOMPARE(stages, (std::vector<std::string>{"reading items", "reading interactions", "filtering"}));
        QVERIFY(seen.size() > 2);
        std::int64_t before = 0;
        for (const Progress &progress : seen) {
            QCOMPARE(progress.unit, std::string("bytes"));
            QCOMPARE(qint64{progress.total}, total);
            QVERIFY(progress.done >= before && progress.done - before < total / 2); // no jump
            QVERIFY(progress.done < total || &progress == &seen.back());
            before = progress.done;
        }
        QCOMPARE(qint64{seen.back().done}, total);
        QVERIFY(seen.back().rate > 0 && seen.back().rate < 4e9);
        QCOMPARE(seen[seen.size() - 2].secondsLeft,
                 static_cast<double>(total - seen[seen.size() - 2].done) / seen[seen.size() - 2].rate);
        QCOMPARE(qint64{imported.report.files.back().bytes}, qint64{file.size()}); // on disk
    }

    /// An imported dataset is read in interactions.
    void interactions()
    {
        ImportFiles files;
        const Imported imported = files.import();
        const QTemporaryDir folder;
        writeDataset(imported, folder.path().toStdString());
        Progress last;
        readDataset(folder.path().toStdString(), [&](const Progress &progress) { last = progress; });
        QCOMPARE(last.unit, std::string("interactions"));
        QCOMPARE(last.done, imported.dataset.interactions.count());
        QCOMPARE(last.total, last.done);
    }

    /// Each kind of row that is not in the dataset, with its count and its first line.
    void leftOut()
    {
        ImportFiles files;
        files.write("inter.csv", "user_id,item_id,rating,timestamp\n"
                                 "u1,a,5,1000000010\n"
                                 "u1,b,4,1000000020\n"
                                 "u1,a,5,1000000000\n"       // line 4: earlier than line 2
                                 "u1,nowhere,5,1000000030\n" // line 5
                                 "u2,c,1,1000000040\n"       // line 6: low
                                 "u2,d,5,1000000050\n"       // line 7: without text
                                 "u3,a,5,1000000060\n");     // line 8: alone
        files.write("items.csv", "item_id,title\na,Alpha\nb,Beta\nc,Gamma\nd,\ne,Epsilon\n");
        files.spec.items.textTemplate = "{title}";
        files.spec.items.descriptions = files.write("more.csv", "item_id,description\na,Of a\nz,Of nothing\n");
        files.spec.filter.minRating = 4;
        files.spec.filter.minUser = 2;
        const Imported imported = files.import();
        QStringList left;
        for (const LeftOut &one : imported.report.leftOut)
            left << QString("%1: %2 × %3, line %4")
                        .arg(one.of.c_str())
                        .arg(one.rows)
                        .arg(one.reason.c_str())
                        .arg(one.line);
        QCOMPARE(left,
                 (QStringList{"descriptions: 1 × has the id of no item, line 0",
                              "interactions: 1 × repeats a pair of user and item: the latest in time of each pair "
                              "counts, line 4",
                              "interactions: 1 × has a rating below 4, line 6",
                              "interactions: 1 × names an item that the items file does not have, line 5",
                              "items: 1 × has no text, line 5", "interactions: 1 × is of an item without text, line 7",
                              "interactions: 1 × is of a user with fewer than 2, line 8",
                              "items: 2 × is in no interaction that is left, line 0"}));
        const auto card = datasetCard(imported);
        QCOMPARE(card["leftOut"].size(), imported.report.leftOut.size());
        QCOMPARE(card["leftOut"][2]["reason"].get<std::string>(), std::string("has a rating below 4"));
    }
};

} // namespace apiary::data

using apiary::data::ImportProgressTest;
APIARY_TEST(ImportProgressTest)

#include "import_progress_test.moc"
