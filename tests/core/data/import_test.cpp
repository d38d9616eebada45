#include "import_files.h"

#include "base/error.h"
#include "data/row_reader.h"
#include "data/stored_dataset.h"
#include "support/assets.h"
#include "support/registry.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <algorithm>
#include <nlohmann/json.hpp>

using namespace apiary;
using namespace apiary::data;
using tests::gzipped;
using tests::ImportFiles;
using tests::zipped;

namespace {

using Strings = std::vector<std::string>;

QJsonObject golden()
{
    QFile file(QString::fromStdString((tests::golden() / "import.json").string()));
    if (!file.open(QIODevice::ReadOnly))
        throw std::runtime_error("the golden file cannot be read");
    return QJsonDocument::fromJson(file.readAll()).object();
}

std::filesystem::path table(const QString &name)
{
    return tests::golden() / "tables" / name.toStdString();
}

Strings strings(const QJsonValue &value)
{
    Strings result;
    for (const QJsonValue &one : value.toArray())
        result.push_back(one.toString().toStdString());
    return result;
}

QStringList roleNames(const std::vector<Role> &roles)
{
    QStringList names;
    for (const Role role : roles)
        names << QString::fromStdString(nameOf(role));
    return names;
}

} // namespace

class ImportTest : public QObject {
    Q_OBJECT
private slots:
    void tables_data()
    {
        QTest::addColumn<QJsonObject>("expected");
        const QJsonObject tables = golden()["tables"].toObject();
        QVERIFY(tables.size() >= 11);
        for (auto it = tables.begin(); it != tables.end(); ++it)
            QTest::newRow(it.key().toUtf8().constData()) << it.value().toObject();
    }
    /// Every cell as pandas has it, whatever the kind, encoding and packing; all of it is detected.
    void tables()
    {
        QFETCH(QJsonObject, expected);
        const Preview preview = previewTable(table(QTest::currentDataTag()), {}, 1000);
        QCOMPARE(preview.columns, strings(expected["columns"]));
        QVERIFY(preview.bad.empty());
        const QJsonArray rows = expected["rows"].toArray();
        QCOMPARE(preview.rows.size(), static_cast<std::size_t>(rows.size()));
        for (std::size_t i = 0; i < preview.rows.size(); ++i)
            QCOMPARE(preview.rows[i], strings(rows[static_cast<int>(i)]));
    }

    void filters_data()
    {
        QTest::addColumn<QJsonObject>("expected");
        for (const QJsonValue &value : golden()["filters"].toArray()) {
            const QJsonObject expected = value.toObject();
            QTest::addRow("%s, %d of items, %d of users%s", qPrintable(expected["duplicates"].toString()),
                          expected["minItem"].toInt(), expected["minUser"].toInt(),
                          expected["kCore"].toBool() ? ", core" : "")
                << expected;
        }
    }
    /// Duplicate policies, thresholds and cores leave what pandas leaves, bit by bit.
    void filters()
    {
        QFETCH(QJsonObject, expected);
        ImportSpec spec;
        spec.interactions.file = table("interactions.csv");
        spec.items.file = table("items.csv");
        spec.filter.duplicates = duplicatesOf(expected["duplicates"].toString().toStdString(), "");
        if (expected["minRating"].isDouble())
            spec.filter.minRating = expected["minRating"].toDouble();
        spec.filter.minItem = expected["minItem"].toInt();
        spec.filter.minUser = expected["minUser"].toInt();
        spec.filter.kCore = expected["kCore"].toBool();
        const Imported imported = importDataset(spec);
        QCOMPARE(nameOf(imported.spec.interactions.timeUnit), std::string("ms"));
        const QJsonObject left = expected["left"].toObject();
        QCOMPARE(imported.dataset.counts.back().users, left["users"].toInteger());
        QCOMPARE(imported.dataset.counts.back().items, left["items"].toInteger());
        QCOMPARE(imported.dataset.counts.back().interactions, left["interactions"].toInteger());
        QCOMPARE(QString::fromStdString(imported.dataset.hash), expected["hash"].toString());

        // Every good row is in the dataset or counted as left out.
        std::int64_t rows = imported.dataset.interactions.count(), items = imported.dataset.catalog.size();
        for (const LeftOut &one : imported.report.leftOut)
            (one.of == "items" ? items : rows) += one.rows;
        QCOMPARE(rows, imported.dataset.counts.front().interactions);
        QCOMPARE(items, imported.report.files.front().rows);
    }

    void layouts_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QStringList>("roles");
        QTest::addColumn<QString>("delimiter");
        QTest::newRow("MovieLens 100K ratings") << QByteArray("196\t242\t3\t881250949\n186\t302\t3\t891717742\n")
                                                << QStringList{"user", "item", "rating", "time"} << "\t";
        QTest::newRow("MovieLens 100K items")
            << QByteArray(
                   "1|Toy Story (1995)|01-Jan-1995||http://us.imdb.com/M/title-exact?Toy%20Story%20(1995)|0|0|1\n"
                   "2|Un \xE9t\xE9, encore (1995)|01-Jan-1995||http://us.imdb.com/|0|1|1\n")
            << QStringList{"item", "title", "", "", "", "", "", ""} << "|";
        QTest::newRow("MovieLens 1M ratings") << QByteArray("1::1193::5::978300760\n1::661::3::978302109\n")
                                              << QStringList{"user", "item", "rating", "time"} << "::";
        QTest::newRow("MovieLens 1M movies")
            << QByteArray("1::Toy Story (1995)::Animation|Children's|Comedy\n2::Jumanji (1995)::Adventure\n")
            << QStringList{"item", "title", ""} << "::";
        QTest::newRow("MovieLens 25M ratings") << QByteArray("userId,movieId,rating,timestamp\n1,296,5.0,1147880044\n")
                                               << QStringList{"user", "item", "rating", "time"} << ",";
        QTest::newRow("MovieLens 25M movies")
            << QByteArray("movieId,title,genres\n1,Toy Story (1995),Adventure|Animation\n11,\"American President, The "
                          "(1995)\",Comedy|Drama|Romance\n")
            << QStringList{"item", "title", "text"} << ",";
        QTest::newRow("GoodBooks ratings") << QByteArray("user_id,book_id,rating\n1,258,5\n2,4081,4\n")
                                           << QStringList{"user", "item", "rating"} << ",";
        QTest::newRow("GoodBooks books")
            << QByteArray(
                   "book_id,goodreads_book_id,authors,original_title,title\n1,2767052,Suzanne Collins,The Hunger "
                   "Games,\"The Hunger Games (The Hunger Games, #1)\"\n")
            << QStringList{"item", "", "", "", "title"} << ",";
        QTest::newRow("Amazon 2014 ratings") << QByteArray("A1YJEY40YUW4SE,7806397051,1.0,1391040000\n"
                                                           "A60XNB876KYML0,B0007806397,3.0,1397779200\n")
                                             << QStringList{"user", "item", "rating", "time"} << ",";
        QTest::newRow("Amazon 2018 ratings") << QByteArray("0001713353,A1C6M8LCIX4M6M,5.0,1123804800\n"
                                                           "0001713353,A1REUF3A1YCPHM,5.0,1112140800\n")
                                             << QStringList{"item", "user", "rating", "time"} << ",";
        QTest::newRow("Amazon 2023 ratings")
            << QByteArray(
                   "user_id,parent_asin,rating,timestamp\nAFKZENTNBQ7A7V7UXW5JJI6UGRYQ,1558746152,5.0,1643393630220\n")
            << QStringList{"user", "item", "rating", "time"} << ",";
        QTest::newRow("Amazon reviews")
            << QByteArray("{\"reviewerID\": \"A2XQ5LZHTD4AFT\", \"asin\": \"000100039X\", \"helpful\": [7, 9], "
                          "\"reviewText\": "
                          "\"A timeless classic.\", \"overall\": 5.0, \"unixReviewTime\": 1033948800}\n")
            << QStringList{"user", "item", "", "", "rating", "time"} << "";
        QTest::newRow("Amazon metadata")
            << QByteArray(
                   "{\"asin\": \"0001048791\", \"title\": \"The Crucible\", \"description\": [\"Set in Salem.\", "
                   "\"A play.\"], \"category\": [\"Books\"], \"rank\": {\"Books\": 3}}\n")
            << QStringList{"item", "title", "text", "text", ""} << "";
        QTest::newRow("RecBole interactions")
            << QByteArray("user_id:token\titem_id:token\trating:float\ttimestamp:float\n196\t242\t3\t881250949\n")
            << QStringList{"user", "item", "rating", "time"} << "\t";
        QTest::newRow("dates") << QByteArray("user;item;date\na;b;2015-01-31T12:00:00Z\n")
                               << QStringList{"user", "item", "time"} << ";";
    }
    void layouts()
    {
        QFETCH(QByteArray, bytes);
        const ImportFiles files;
        const Preview preview = previewTable(files.write("table", bytes));
        QTEST(roleNames(preview.roles), "roles");
        QTEST(QString::fromStdString(preview.format.delimiter), "delimiter");
    }

    void packings_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("bytes");
        const QByteArray plain = ImportFiles::plainInteractions;
        QTest::newRow("plain") << "inter.csv" << plain;
        QTest::newRow("gzip") << "inter.csv.gz" << gzipped(plain);
        QTest::newRow("gzip by another name") << "inter.csv" << gzipped(plain);
        QTest::newRow("zip with one table")
            << "inter.zip" << zipped({{"README.txt", "read me"}, {"data/", ""}, {"data/inter.csv", plain}});
        QTest::newRow("within a zip") << "inter.zip/data/inter.csv"
                                      << zipped({{"data/a.csv", "x"}, {"data/inter.csv", plain}});
        QTest::newRow("tabs") << "inter.tsv" << QByteArray(plain).replace(",", "\t");
        QTest::newRow("two colons") << "inter.dat" << QByteArray(plain).replace(",", "::");
    }
    /// The same data from another packing have the same hash.
    void packings()
    {
        QFETCH(QString, name);
        QFETCH(QByteArray, bytes);
        ImportFiles files;
        const QString disk = name.section('/', 0, 0);
        files.write(disk, bytes);
        files.spec.interactions.file = files.path(name);
        const Imported imported = files.import();
        QCOMPARE(imported.dataset.hash, ImportFiles().import().dataset.hash);
        QCOMPARE(imported.dataset.interactions.timestamps,
                 (std::vector<std::int64_t>{1000000010, 1000000020, 1000000040, 1000000030}));
        QCOMPARE(imported.report.files.back().sha256.size(), std::size_t{64});
    }

    void times_data()
    {
        QTest::addColumn<QByteArray>("cell");
        QTest::addColumn<QString>("unit");
        const auto row = [](const char *cell, const char *unit) { QTest::newRow(cell) << QByteArray(cell) << unit; };
        row("1422709200", "s");
        row("1422709200.9", "s");
        row("1422709200123", "ms");
        row("1422709200123456", "us");
        row("2015-01-31T13:00:00Z", "iso");
        row("2015-01-31 13:00", "iso");
        row("2015-01-31T14:00:00.5+01:00", "iso");
        row("2015-01-31T08:30:00-0430", "iso");
    }
    /// All are one instant, and their units are told.
    void times()
    {
        QFETCH(QByteArray, cell);
        ImportFiles files;
        files.write("inter.csv", "user,item,date\nu,a," + cell + "\n");
        const Imported imported = files.import();
        QTEST(QString::fromStdString(nameOf(imported.spec.interactions.timeUnit)), "unit");
        QCOMPARE(imported.dataset.interactions.timestamps, std::vector<std::int64_t>{1422709200});
    }

    void timesBefore1970()
    {
        ImportFiles files;
        files.write("inter.csv", "user,item,date\nu,a,-1\nu,b,1969-12-31\n");
        files.spec.interactions.timeUnit = TimeUnit::Milliseconds;
        files.spec.interactions.time = "date";
        files.spec.maxBadShare = 0.5;
        QCOMPARE(files.import().dataset.interactions.timestamps, std::vector<std::int64_t>{-1});
    }

    /// A file of descriptions joins by id; its names that the items have too get a prefix.
    void descriptions()
    {
        ImportFiles files;
        files.spec.items.descriptions = files.write(
            "more.csv", "item_id,title,description\nc,other,\"Of c,\nwith \"\"quotes\"\"\"\na,x,Of a\nz,x,Of z\n");
        files.spec.items.textTemplate.clear();
        const Imported imported = files.import();
        QCOMPARE(imported.spec.items.textTemplate, std::string("{title}. {description}"));
        QCOMPARE(imported.dataset.catalog.texts, (Strings{"Alpha. Of a", "Beta.", "Gamma. Of c,\nwith \"quotes\""}));
        QCOMPARE(imported.dataset.catalog.fields.at("descriptions.title"), (Strings{"x", "", "other"}));
        QCOMPARE(imported.dataset.warnings.front(), std::string("1 of 3 descriptions have the id of no item"));
        QCOMPARE(imported.dataset.warnings.at(1), std::string("1 of 3 items have no description"));

        const ItemsPreview preview = previewItems(imported.spec.items);
        QCOMPARE(preview.columns, (Strings{"item_id", "title", "genre", "descriptions.title", "description"}));
        for (std::size_t i = 0; i < preview.rows.size(); ++i)
            QCOMPARE(composeText("{title}. {description}", {}, preview.columns, preview.rows[i]),
                     imported.dataset.catalog.texts[i]);
        QVERIFY_EXCEPTION_THROWN(composeText("{plot}", {}, preview.columns, preview.rows[0]), InputError);
    }

    /// Refusals and empty texts are listed, and count as no text only where that was asked for.
    void review()
    {
        ImportFiles files;
        files.write("items.csv", "item_id,title,genre\na,\"\"\"A <b>fine</b> book &amp; more\"\"\",\n"
                                 "b,I'm a large language model and cannot read it.,\nc,,\n");
        files.spec.items.textTemplate = "{title}";
        files.spec.items.title.clear();
        Imported imported = files.import();
        QCOMPARE(imported.dataset.catalog.ids, (Strings{"a", "b"}));
        QCOMPARE(imported.report.review.size(), std::size_t{2});
        QCOMPARE(imported.report.review[0].item, std::string("b"));
        QCOMPARE(imported.report.review[0].line, std::int64_t{3});
        QVERIFY(imported.report.review[0].kind == ReviewText::Kind::Refusal);
        QVERIFY(imported.report.review[1].kind == ReviewText::Kind::Empty);
        files.spec.items.cleaning = {true, true, true, true};
        imported = files.import();
        QCOMPARE(imported.dataset.catalog.ids, Strings{"a"});
        QCOMPARE(imported.dataset.catalog.texts, Strings{"A fine book & more"});
        QCOMPARE(imported.report.review.size(), std::size_t{2});
    }

    /// Amazon's layout: values that are lists or objects beside those that matter, keys in any order.
    void jsonLines()
    {
        ImportFiles files;
        files.spec.interactions.file =
            files.write("reviews.json.gz", gzipped("{\"reviewerID\": \"A1\", \"asin\": \"1\", \"overall\": 5.0, "
                                                   "\"unixReviewTime\": 1033948800, \"style\": {\"Format:\": \"x\"}}\n"
                                                   "{\"unixReviewTime\": 1033948801, \"overall\": 4, \"asin\": \"2\", "
                                                   "\"reviewerID\": \"A1\"}\n"));
        files.spec.items.file = files.write(
            "meta.json",
            "{\"asin\": \"2\", \"title\": \"Two\", \"description\": [\"Of\", \"two\"], \"rank\": {\"Books\": 3}}\n"
            "{\"title\": \"One &amp; only\", \"asin\": \"1\", \"price\": null}\n");
        files.spec.items.textTemplate = "{title}: {description}";
        files.spec.items.cleaning.entities = true;
        const Imported imported = files.import();
        QCOMPARE(imported.report.badTotal, 0);
        QCOMPARE(imported.dataset.catalog.texts, (Strings{"Two: Of, two", "One & only"}));
        QCOMPARE(imported.dataset.catalog.fields.at("asin"), (Strings{"2", "1"}));
        QCOMPARE(imported.dataset.catalog.fields.at("rank"), (Strings{"{…}", ""}));
        QCOMPARE(imported.dataset.interactions.ratings, (std::vector<float>{4, 5}));
        files.spec.items.allColumns = false;
        QCOMPARE(files.import().dataset.catalog.fields.size(), std::size_t{2});
        QCOMPARE(files.import().dataset.hash, imported.dataset.hash);
    }

    void specKeepsItself()
    {
        ImportFiles files;
        files.spec.filter = {Duplicates::Any, 3.5, 2, 3, true};
        files.spec.items.cleaning.tags = true;
        files.spec.interactions.format.columns = {"a", "b"};
        files.spec.interactions.format.header = false;
        files.spec.interactions.timeUnit = TimeUnit::Iso;
        const auto json = toJson(files.spec);
        QCOMPARE(QString::fromStdString(toJson(importSpecOf(json, "x")).dump()), QString::fromStdString(json.dump()));
        auto wrong = json;
        wrong["filter"]["minimum"] = 3;
        try {
            importSpecOf(wrong, "spec.json");
            QFAIL("accepted");
        } catch (const InputError &error) {
            QCOMPARE(error.where(), std::string("spec.json, filter, minimum"));
        }
    }

    /// What is written is read again, whole; what was changed is refused.
    void stores()
    {
        ImportFiles files;
        files.spec.items.descriptions = files.write("more.csv", "item_id,description\na,Of a\n");
        files.spec.maxBadShare = 0.5;
        files.write("inter.csv", QByteArray(ImportFiles::plainInteractions) + "u3,a,bad,1\n");
        const Imported imported = files.import();
        const QTemporaryDir folder;
        const std::filesystem::path place = folder.path().toStdString();
        writeDataset(imported, place);
        const Dataset read = readDataset(place);
        QCOMPARE(read.hash, imported.dataset.hash);
        QCOMPARE(read.name, std::string("small"));
        QVERIFY(read.interactions.users == imported.dataset.interactions.users);
        QVERIFY(read.catalog.fields == imported.dataset.catalog.fields);
        QVERIFY(read.catalog.titles == imported.dataset.catalog.titles);
        QCOMPARE(read.counts.size(), imported.dataset.counts.size());
        QCOMPARE(datasetHash(read.interactions, read.catalog), read.hash);
        const auto card = readDatasetCard(place);
        QCOMPARE(card["badRows"].get<int>(), 1);
        QCOMPARE(card["files"].size(), std::size_t{3});
        QFile bad(folder.filePath("bad_rows.csv"));
        QVERIFY(bad.open(QIODevice::ReadOnly));
        QCOMPARE(bad.readAll(),
                 QByteArray("file,line,column,reason\ninter.csv,6,rating,\"\"\"bad\"\" is no number\"\n"));

        // A run takes it from the folder, with its own filter.
        DatasetSource source;
        source.imported = place;
        const Dataset filteredMore = loadDataset(source, {4.0, 2});
        QCOMPARE(filteredMore.interactions.users, Strings{"u1"});
        QCOMPARE(filteredMore.counts.back().step, std::string("users with at least 2"));
        QVERIFY(filteredMore.hash != read.hash);
        QCOMPARE(loadDataset(source, {0.0, 1}).hash, read.hash);

        QFile items(folder.filePath("items.feather"));
        QVERIFY(items.open(QIODevice::ReadWrite));
        QByteArray bytes = items.readAll();
        bytes.replace("Alpha. Genre", "Alphb. Genre");
        items.seek(0);
        items.write(bytes);
        items.close();
        QVERIFY_EXCEPTION_THROWN(readDataset(place), InputError);
        QFile::remove(folder.filePath("users.feather"));
        QVERIFY_EXCEPTION_THROWN(readDataset(place), InputError);
    }

    void stops()
    {
        ImportFiles files;
        std::stop_source source;
        files.write("inter.csv",
                    "user_id,item_id,rating,timestamp\n" + QByteArray("u1,a,5,1000000010\n").repeated(400000));
        int calls = 0;
        QVERIFY_EXCEPTION_THROWN(importDataset(
                                     files.spec,
                                     [&](const Progress &progress) {
                                         if (progress.stage == "reading interactions" && ++calls == 1)
                                             source.request_stop();
                                     },
                                     source.get_token()),
                                 Cancelled);
        QVERIFY(calls >= 1);
    }

    /// The counts that go with the real GoodBooks descriptions.
    void goodBooks()
    {
        const auto folder = tests::sharedData() / "goodbooks10k";
        if (!std::filesystem::exists(folder / "items.csv"))
            QSKIP("no GoodBooks data");
        ImportSpec spec;
        spec.interactions.file = folder / "interactions.csv";
        spec.items.file = folder / "items.csv";
        spec.items.textTemplate = "{description}";
        spec.items.cleaning.quotes = true;
        spec.items.cleaning.refusals = true;
        spec.filter.minRating = 4;
        spec.filter.minUser = 5;
        const Imported imported = importDataset(spec);
        std::int64_t refusals = 0;
        for (const ReviewText &text : imported.report.review)
            refusals += text.kind == ReviewText::Kind::Refusal ? 1 : 0;
        QCOMPARE(refusals,
                 std::int64_t{29}); // as many as a search for such phrases in Python finds; none is about a book
        QCOMPARE(static_cast<std::int64_t>(imported.report.review.size()) - refusals, std::int64_t{25});
        const auto quoted = std::count_if(imported.dataset.catalog.texts.begin(), imported.dataset.catalog.texts.end(),
                                          [](const std::string &text) { return text.starts_with('"'); });
        // 727 texts of the file begin with a quoted title: they do not end with a quote, and hold an even number.
        QVERIFY2(quoted > 600 && quoted <= 727, std::to_string(quoted).c_str());
    }
};

APIARY_TEST(ImportTest)
#include "import_test.moc"
