#include "dataset_files.h"

#include "base/error.h"
#include "data/csv_scan.h"
#include "support/assets.h"
#include "support/registry.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <algorithm>

using namespace apiary;
using namespace apiary::data;
using tests::DatasetFiles;
using tests::rowOf;

namespace {

using Strings = std::vector<std::string>;

void compareCounts(const Dataset &dataset, const QJsonArray &expected)
{
    QCOMPARE(dataset.counts.size(), static_cast<std::size_t>(expected.size()));
    for (std::size_t i = 0; i < dataset.counts.size(); ++i) {
        const QJsonObject want = expected[static_cast<int>(i)].toObject();
        const FilterCount &is = dataset.counts[i];
        QCOMPARE(QString::fromStdString(is.step), want["step"].toString());
        QCOMPARE(is.users, want["users"].toInteger());
        QCOMPARE(is.items, want["items"].toInteger());
        QCOMPARE(is.interactions, want["interactions"].toInteger());
    }
}

void checkInvariants(const Dataset &dataset)
{
    const Interactions &data = dataset.interactions;
    QCOMPARE(data.csr.rows(), static_cast<std::int64_t>(data.users.size()));
    QCOMPARE(data.csr.cols, static_cast<std::int64_t>(data.items.size()));
    QVERIFY(data.items == dataset.catalog.ids);
    QCOMPARE(dataset.catalog.texts.size(), data.items.size());
    QCOMPARE(dataset.catalog.titles.size(), data.items.size());
    for (const auto &[name, values] : dataset.catalog.fields)
        QCOMPARE(values.size(), data.items.size());
    QVERIFY(data.ratings.empty() || data.ratings.size() == data.csr.columns.size());
    QVERIFY(data.timestamps.empty() || data.timestamps.size() == data.csr.columns.size());
    for (std::int64_t user = 0; user < data.userCount(); ++user) {
        const auto row = data.csr.view().row(user);
        QVERIFY(!row.empty());
        QVERIFY(std::is_sorted(row.begin(), row.end()));
        QVERIFY(std::adjacent_find(row.begin(), row.end()) == row.end());
    }
    const Csr byItem = transposed(data.csr);
    for (std::int64_t item = 0; item < data.itemCount(); ++item)
        QVERIFY(!byItem.view().row(item).empty());
    QVERIFY(std::find(dataset.catalog.texts.begin(), dataset.catalog.texts.end(), "") == dataset.catalog.texts.end());
}

} // namespace

class DatasetTest : public QObject {
    Q_OBJECT
private slots:
    void joins()
    {
        const DatasetFiles files;
        const Dataset dataset = files.load();
        QCOMPARE(dataset.name, std::string("small"));
        QCOMPARE(dataset.interactions.users, (Strings{"u1", "u2"}));
        QCOMPARE(dataset.interactions.items, (Strings{"a", "b", "c"}));
        QCOMPARE(rowOf(dataset, 0), (Strings{"a", "b"}));
        QCOMPARE(rowOf(dataset, 1), (Strings{"c"}));
        QCOMPARE(dataset.interactions.ratings, (std::vector<float>{5, 4, 4.5F}));
        QCOMPARE(dataset.interactions.timestamps, (std::vector<std::int64_t>{10, 20, 30}));
        QCOMPARE(dataset.catalog.titles, (Strings{"Alpha", "Beta", "Gamma"}));
        QCOMPARE(dataset.catalog.texts, (Strings{"Alpha. Genre: Drama", "Beta.", "Gamma. Genre: Comedy"}));
        QCOMPARE(dataset.catalog.fields.at("genre"), (Strings{"Drama", "", "Comedy"}));
        QCOMPARE(dataset.catalog.fields.size(), std::size_t{3});
        QVERIFY(dataset.warnings.empty());
        QCOMPARE(dataset.hash.size(), std::size_t{64});
        compareCounts(dataset, QJsonDocument::fromJson(R"([
            {"step": "read", "users": 2, "items": 3, "interactions": 4},
            {"step": "each pair once", "users": 2, "items": 3, "interactions": 4},
            {"step": "rating at least 4", "users": 2, "items": 3, "interactions": 3},
            {"step": "items with text", "users": 2, "items": 3, "interactions": 3},
            {"step": "users with at least 1", "users": 2, "items": 3, "interactions": 3}])")
                                   .array());
        checkInvariants(dataset);
    }

    /// Items follow their file, users their first kept row, and unused items go.
    void orders()
    {
        DatasetFiles files("user_id,item_id,rating\nu3,z,1\nu2,y,5\nu1,x,5\nu3,x,5\nu2,x,5\n",
                           "item_id,title\nw,W\ny,Y\nz,Z\nx,X\n");
        files.source.timestampColumn.clear();
        files.source.textTemplate = "{title}";
        const Dataset dataset = files.load();
        QCOMPARE(dataset.interactions.users, (Strings{"u2", "u1", "u3"}));
        QCOMPARE(dataset.interactions.items, (Strings{"y", "x"}));
        QCOMPARE(rowOf(dataset, 0), (Strings{"y", "x"}));
        QVERIFY(dataset.interactions.timestamps.empty());
        checkInvariants(dataset);
    }

    void formats_data()
    {
        QTest::addColumn<QByteArray>("interactions");
        QTest::addColumn<QByteArray>("items");
        QTest::addColumn<QString>("delimiter");
        const QByteArray interactions = DatasetFiles::plainInteractions, items = DatasetFiles::plainItems;
        const auto with = [](QByteArray bytes, const char *delimiter) { return bytes.replace(",", delimiter); };
        QTest::newRow("comma") << interactions << items << "";
        QTest::newRow("tab") << with(interactions, "\t") << with(items, "\t") << "";
        QTest::newRow("semicolon") << with(interactions, ";") << with(items, ";") << "";
        QTest::newRow("pipe") << with(interactions, "|") << with(items, "|") << "";
        QTest::newRow("a delimiter each") << with(interactions, "\t") << with(items, ";") << "";
        QTest::newRow("given") << with(interactions, "~") << with(items, "~") << "~";
        QTest::newRow("tab written out") << with(interactions, "\t") << with(items, "\t") << "\\t";
        QTest::newRow("CRLF") << QByteArray(interactions).replace("\n", "\r\n")
                              << QByteArray(items).replace("\n", "\r\n") << "";
        QTest::newRow("no last line end") << interactions.chopped(1) << items.chopped(1) << "";
        QTest::newRow("byte order mark") << "\xEF\xBB\xBF" + interactions << "\xEF\xBB\xBF" + items << "";
        QTest::newRow("blank lines") << "\n" + QByteArray(interactions).replace("u2,c", "\n\nu2,c") << items + "\n\n"
                                     << "";
        QTest::newRow("blanks around ids") << QByteArray(interactions).replace("u1,a,5", " u1 , a ,5 ") << items << "";
        QTest::newRow("RecBole types") << QByteArray(interactions)
                                              .replace("user_id,item_id,rating,timestamp",
                                                       "user_id:token,item_id:token,rating:float,timestamp:float")
                                       << QByteArray(items).replace("item_id,title,genre",
                                                                    "item_id:token,title:token_seq,genre:token_seq")
                                       << "";
        QTest::newRow("quoted") << interactions
                                << QByteArray(items).replace("a,Alpha,Drama", "\"a\",\"Alpha\",\"Drama\"") << "";
        QTest::newRow("quoted header") << QByteArray(interactions).replace("user_id", "\"user_id\"") << items << "";
        QTest::newRow("numbers written otherwise")
            << QByteArray(interactions).replace(",5,10", ",+5.0e0,10.9").replace(",30", ",3e1") << items << "";
        QTest::newRow("other columns first") << QByteArray("other,user_id,item_id,rating,timestamp\n"
                                                           "x,u1,a,5,10\nx,u1,b,4,20\n\xFF,u2,c,4.5,30\nx,u2,a,1,40\n")
                                             << items << "";
    }
    /// All of these are the same data.
    void formats()
    {
        QFETCH(QByteArray, interactions);
        QFETCH(QByteArray, items);
        QFETCH(QString, delimiter);
        DatasetFiles files(interactions, items);
        files.source.delimiter = delimiter.toStdString();
        QCOMPARE(files.load().hash, DatasetFiles().load().hash);
    }

    void quotedText()
    {
        DatasetFiles files(DatasetFiles::plainInteractions,
                           "item_id,title,genre\na,\"Two\nlines, and \"\"quotes\"\"\",Drama\nb,Tōkyō,x\nc,C,y\n");
        const Dataset dataset = files.load();
        QCOMPARE(dataset.catalog.titles[0], std::string("Two\nlines, and \"quotes\""));
        QCOMPARE(dataset.catalog.texts[0], std::string("Two\nlines, and \"quotes\". Genre: Drama"));
        QCOMPARE(dataset.catalog.titles[1], std::string("Tōkyō"));
    }

    void titles_data()
    {
        QTest::addColumn<QString>("column");
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QStringList>("titles");
        QTest::newRow("column") << "title"
                                << "" << QStringList{"Alpha", "Beta", "Gamma"};
        QTest::newRow("other column, id where empty") << "genre"
                                                      << "" << QStringList{"Drama", "b", "Comedy"};
        QTest::newRow("ids") << ""
                             << "" << QStringList{"a", "b", "c"};
        QTest::newRow("template") << "title"
                                  << "{title} ({genre})" << QStringList{"Alpha (Drama)", "Beta", "Gamma (Comedy)"};
        QTest::newRow("template without the column") << "absent"
                                                     << "{title}" << QStringList{"Alpha", "Beta", "Gamma"};
    }
    void titles()
    {
        QFETCH(QString, column);
        QFETCH(QString, pattern);
        DatasetFiles files;
        files.source.titleColumn = column.toStdString();
        files.source.titleTemplate = pattern.toStdString();
        QStringList titles;
        for (const std::string &title : files.load().catalog.titles)
            titles << QString::fromStdString(title);
        QTEST(titles, "titles");
    }

    void repeatedPairs_data()
    {
        QTest::addColumn<QByteArray>("rows");
        QTest::addColumn<bool>("timed");
        QTest::addColumn<QList<double>>("ratings");
        QTest::addColumn<QString>("warning");
        QTest::newRow("latest wins")
            << QByteArray("u,a,5,30\nu,a,4,10\nu,b,4,1\n") << true << QList<double>{5, 4}
            << "1 row repeats a pair of user and item: the latest in time of each pair counts; "
               "the first left out is line 3";
        QTest::newRow("equal times")
            << QByteArray("u,a,5,30\nu,b,4,1\nu,a,4,30\n") << true << QList<double>{4, 4}
            << "1 row repeats a pair of user and item: the latest in time of each pair counts; "
               "the first left out is line 2";
        QTest::newRow("no times") << QByteArray("u,a,5,30\nu,a,4,10\nu,a,4.5,20\n") << false << QList<double>{4.5}
                                  << "2 rows repeat a pair of user and item: the last row of each pair counts; "
                                     "the first left out is line 2";
        QTest::newRow("the latest is below the threshold")
            << QByteArray("u,a,5,1\nu,a,1,2\nu,b,4,3\n") << true << QList<double>{4}
            << "1 row repeats a pair of user and item: the latest in time "
               "of each pair counts; the first left out is line 2";
    }
    void repeatedPairs()
    {
        QFETCH(QByteArray, rows);
        QFETCH(bool, timed);
        DatasetFiles files("user_id,item_id,rating,timestamp\n" + rows);
        if (!timed)
            files.source.timestampColumn.clear();
        const Dataset dataset = files.load();
        const QList<double> ratings(dataset.interactions.ratings.begin(), dataset.interactions.ratings.end());
        QTEST(ratings, "ratings");
        QCOMPARE(dataset.warnings.size(), std::size_t{1});
        QTEST(QString::fromStdString(dataset.warnings.front()), "warning");
    }

    void itemsLeftOut()
    {
        DatasetFiles files("user_id,item_id,rating,timestamp\nu,a,5,1\nu,n,5,2\nu,\"x\ny\",5,3\nu,z,5,4\n",
                           "item_id,title,genre\na,Alpha,\nn, ,\n");
        const Dataset dataset = files.load();
        QCOMPARE(dataset.interactions.items, (Strings{"a"}));
        QCOMPARE(dataset.warnings.size(), std::size_t{2});
        const std::string items = files.source.items.string();
        QCOMPARE(dataset.warnings[0],
                 "2 interactions are with items that " + items + " does not have; the first is \"x\ny\" in line 4");
        QCOMPARE(dataset.warnings[1], "1 item has no text and is left out; the first is \"n\" in line 3 of " + items);
        QCOMPARE(dataset.counts[3].interactions, 1);
    }

    /// Users are counted after the rating and the text filter, and items once more after the users.
    void usersCountedLast()
    {
        DatasetFiles files("user_id,item_id,rating,timestamp\n"
                           "u,a,5,1\nu,b,5,2\nu,c,1,3\n" // two liked
                           "v,b,5,1\nv,n,5,2\nv,a,5,3\n" // two with text
                           "w,c,5,1\n",                  // one: w goes, and c with it
                           "item_id,title,genre\na,A,\nb,B,\nc,C,\nn,,\n");
        files.filter.minUserInteractions = 2;
        const Dataset dataset = files.load();
        QCOMPARE(dataset.interactions.users, (Strings{"u", "v"}));
        QCOMPARE(dataset.interactions.items, (Strings{"a", "b"}));
        checkInvariants(dataset);
    }

    void hashDepends_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<bool>("changes");
        QTest::newRow("user id") << QByteArray("u1,") << QByteArray("u9,") << true;
        QTest::newRow("item") << QByteArray("u2,c") << QByteArray("u2,b") << true;
        QTest::newRow("time") << QByteArray(",30") << QByteArray(",31") << true;
        QTest::newRow("rating") << QByteArray("4.5") << QByteArray("4.6") << true;
        QTest::newRow("text") << QByteArray("Gamma") << QByteArray("Gamna") << true;
        QTest::newRow("rating below the threshold") << QByteArray("a,1,40") << QByteArray("a,2,41") << false;
    }
    void hashDepends()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(bool, changes);
        const DatasetFiles changed(QByteArray(DatasetFiles::plainInteractions).replace(from, to),
                                   QByteArray(DatasetFiles::plainItems).replace(from, to));
        DatasetFiles other;
        other.source.name = "renamed";
        QCOMPARE(changed.load().hash != other.load().hash, changes);
    }

    void stops()
    {
        const DatasetFiles files;
        std::stop_source source;
        source.request_stop();
        QVERIFY_EXCEPTION_THROWN(loadDataset(files.source, files.filter, {}, source.get_token()), Cancelled);
        std::stop_source later; // asked for while the rows are read
        QVERIFY_EXCEPTION_THROWN(
            loadDataset(
                files.source, files.filter, [&](const Progress &) { later.request_stop(); }, later.get_token()),
            Cancelled);
    }

    void reports()
    {
        const DatasetFiles files;
        Progress last;
        std::string after;
        loadDataset(files.source, files.filter, [&](const Progress &progress) {
            if (progress.unit == "bytes")
                last = progress;
            after = progress.stage;
        });
        QCOMPARE(last.total, static_cast<std::int64_t>(std::string(DatasetFiles::plainInteractions).size()));
        QCOMPARE(last.done, last.total);
        QCOMPARE(after, std::string("filtering"));
    }

    void realData_data()
    {
        QTest::addColumn<DatasetSource>("source");
        QTest::addColumn<QString>("name");
        const auto movielens = tests::ml100kFolder();
        DatasetSource source;
        source.interactions = movielens / "ml-100k.inter";
        source.items = movielens / "ml-100k.item";
        source.ratingColumn = "rating";
        source.timestampColumn = "timestamp";
        source.titleTemplate = "{movie_title} ({release_year})";
        source.textTemplate = "{movie_title} ({release_year}). Genres: {class}";
        QTest::newRow("ml-100k") << source << "ml-100k";
        const auto shared = [](const std::string &name, const std::string &text, bool rated, bool timed) {
            const auto folder = tests::sharedData() / name;
            DatasetSource source;
            source.interactions = folder / "interactions.csv";
            source.items = folder / "items.csv";
            source.ratingColumn = rated ? "rating" : "";
            source.timestampColumn = timed ? "timestamp" : "";
            source.textTemplate = text;
            return source;
        };
        QTest::newRow("goodbooks10k") << shared("goodbooks10k", "{description}", true, false) << "goodbooks10k";
        QTest::newRow("ifdb") << shared("ifdb", "{text}", false, true) << "ifdb";
        QTest::newRow("ml-latest-small") << shared("ml-latest-small", "{overview}", true, true) << "ml-latest-small";
    }
    /// Counts after each step and the digest of everything, as pandas finds them (tests/golden/datasets.py).
    void realData()
    {
        QFETCH(DatasetSource, source);
        QFETCH(QString, name);
        if (!std::filesystem::exists(source.interactions))
            QSKIP(qPrintable("needs " + QString::fromStdString(source.interactions.string())));
        QElapsedTimer timer;
        timer.start();
        const Dataset dataset = loadDataset(source, {});
        qInfo("%s: %lld ms", qPrintable(name), static_cast<long long>(timer.elapsed()));
#if !defined(APIARY_SANITIZED) && defined(NDEBUG)
        QVERIFY2(timer.elapsed() < 5000, "a load takes seconds");
#endif
        QFile file(QString::fromStdString((tests::golden() / "datasets.json").string()));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto expected = QJsonDocument::fromJson(file.readAll())["datasets"][name];
        compareCounts(dataset, expected["counts"].toArray());
        checkInvariants(dataset);
        QCOMPARE(QString::fromStdString(dataset.hash), expected["hash"].toString());
        for (const std::string &warning : dataset.warnings)
            qInfo("%s", warning.c_str());
        if (name == "ml-100k") {
            QCOMPARE(dataset.catalog.titles[0], std::string("Toy Story (1995)"));
            QCOMPARE(dataset.catalog.texts[0], std::string("Toy Story (1995). Genres: Animation Children's Comedy"));
            QVERIFY(dataset.warnings.empty());
        }
        if (name == "goodbooks10k") {
            QCOMPARE(dataset.warnings.size(), std::size_t{1});
            QVERIFY(dataset.warnings[0].starts_with("25 items have no text and are left out; the first is "));
            QVERIFY(std::any_of(dataset.catalog.texts.begin(), dataset.catalog.texts.end(),
                                [](const std::string &text) { return text.find('\n') != std::string::npos; }));
        }
    }
};

APIARY_TEST(DatasetTest)
#include "dataset_test.moc"
