#include "hostile_files.h"

#include "data/preview.h"
#include "support/registry.h"

#include <sys/stat.h>
#include <unistd.h>

using namespace apiary;
using namespace apiary::data;
using namespace apiary::tests;

/// What files can do to an import. Each is an error that names the file, the line and column where there is one, and a
/// remedy; a row that is at fault by itself is one of its line under `strict`, and else is left out and listed.
class HostileFilesTest : public QObject {
    Q_OBJECT
private slots:
    void refuses_data()
    {
        refusalColumns();
        noFile();
        noText();
        noTable();
        badRows();
        jsonLines();
    }
    void refuses()
    {
        QFETCH(Refusal, refusal);
        verifyRefused(refusal);
    }

    /// The same rows without `strict`: the import goes on without them, and they are counted and listed.
    void listed()
    {
        ImportFiles files;
        files.spec.maxBadShare = 0.9;
        files.spec.interactions.format.encoding = Encoding::Utf8; // else it would be read as Windows-1252
        files.write("inter.csv",
                    "user_id,item_id,rating,timestamp\nu,a,5,1\nu,b,NaN,2\n,c,5,3\nu,c\nu,c,x,4\nu,b,4,never\n"
                    "u,b,4,5\n\nu,\xFF,4,5\n");
        files.write("items.csv", "item_id,title,genre\na,A,g\n,B,g\nb,B,h\na,A,g\nc,\"C,\nc\",i\n");
        const Imported imported = files.import();
        QCOMPARE(imported.dataset.interactions.count(), 2);
        QCOMPARE(imported.report.badTotal, 8);
        QStringList bad;
        for (const BadRow &row : imported.report.bad)
            bad << QString("%1:%2 %3 %4")
                       .arg(row.file.c_str())
                       .arg(row.line)
                       .arg(row.column.c_str(), row.reason.c_str());
        QCOMPARE(bad, (QStringList{
                          "items.csv:3 item_id is empty where an id belongs",
                          "items.csv:5 item_id the item id \"a\" stands a second time; the first is in line 2",
                          "inter.csv:3 rating \"NaN\" is not a number (NaN)",
                          "inter.csv:4 user_id is empty where an id belongs",
                          "inter.csv:5  has 2 fields where the header has 4", "inter.csv:6 rating \"x\" is no number",
                          "inter.csv:7 timestamp \"never\" is no number", "inter.csv:10 item_id is not valid UTF-8"}));
        QCOMPARE(imported.report.badReasons.at("column rating is no finite number"), 2);
        QCOMPARE(imported.report.files.size(), std::size_t{2});
        QCOMPARE(imported.report.files[0].bad, 2);
        QCOMPARE(imported.report.files[1].rows, 2);
    }

    /// A damaged byte does not make another encoding of a whole file.
    void damagedUtf8()
    {
        ImportFiles files;
        files.write("items.csv", "item_id,title,genre\na,Pr\xC3\xA9,Com\xC3\xA9"
                                 "die\nb,Caf\xE9,Th\xC3\xA9\nc,\xC3\x89t\xC3\xA9,g\n");
        files.spec.maxBadShare = 0.5;
        const Imported imported = files.import();
        QCOMPARE(imported.spec.items.format.encoding, Encoding::Utf8);
        QCOMPARE(imported.dataset.catalog.titles[0], std::string("Pr\xC3\xA9"));
        QCOMPARE(imported.report.badTotal, 1);
        QCOMPARE(imported.report.bad[0].line, 3);
        QCOMPARE(imported.report.bad[0].column, std::string("title"));
        QVERIFY(imported.report.warnings.empty());
    }

    /// Where Windows-1252 is but a guess, the import says so; not where it was named.
    void guessedEncodingIsTold()
    {
        ImportFiles files;
        files.write("items.csv", "item_id,title,genre\na,Pr\xE9,g\nb,Caf\xE9,g\nc,C,g\n");
        const Imported guessed = files.import();
        QCOMPARE(guessed.dataset.catalog.titles[0], std::string("Pr\xC3\xA9"));
        QCOMPARE(guessed.dataset.warnings.size(), std::size_t{1});
        QVERIFY(guessed.dataset.warnings[0].starts_with("items.csv: is no UTF-8 and was read as Windows-1252"));
        files.spec.items.format.encoding = Encoding::Windows1252;
        QVERIFY(files.import().dataset.warnings.empty());
    }

    void leastRatingWithoutRatings()
    {
        ImportFiles files;
        files.write("inter.csv", "user_id,item_id\nu,a\nu,b\nv,c\n");
        files.spec.filter.minRating = 4;
        const Imported imported = files.import();
        QCOMPARE(imported.dataset.warnings.size(), std::size_t{1});
        QVERIFY(imported.dataset.warnings[0].starts_with("no column of ratings was read"));
    }

    /// A fault that ends the reading does not hide the rows before it that could not be used.
    void earlierFaultsAreTold()
    {
        ImportFiles files;
        files.spec.maxBadShare = 0.9;
        files.write("inter.csv", "user_id,item_id,rating,timestamp\nu,a,5,1\nu,b,x,2\nu,c\nu,\"c,5,3\nu,a,5,4\n");
        const Preview preview = previewTable(files.path("inter.csv"));
        QCOMPARE(preview.rows.size(), std::size_t{2});
        QCOMPARE(preview.bad.size(), std::size_t{2});
        QCOMPARE(preview.bad[1].line, 5);
        QVERIFY(preview.bad[1].reason.ends_with("are never closed"));
        try {
            files.import();
            QFAIL("accepted");
        } catch (const InputError &error) {
            QCOMPARE(error.where(), files.path("inter.csv") + ":5");
            QCOMPARE(QString::fromStdString(error.problem()),
                     QString::fromStdString(
                         "the quotes of a field that begins in this row are never closed; before it 2 rows "
                         "cannot be used, the first " +
                         files.path("inter.csv") + ":3, column rating: \"x\" is no number"));
        }
    }

    /// More bad rows than may be: the format is wrong.
    void tooMany()
    {
        ImportFiles files;
        files.write("inter.csv", "user_id,item_id,rating,timestamp\nu,a,5,1\nu,b,,2\nu,c,5,3\n");
        try {
            files.import();
            QFAIL("accepted");
        } catch (const InputError &error) {
            QCOMPARE(error.problem(),
                     std::string("1 of 3 rows cannot be used; the first is empty where a number belongs"));
            QCOMPARE(error.where(), files.path("inter.csv") + ":3, column rating");
        }
    }

    /// Ten megabytes of text in one row are long, not wrong.
    void longText()
    {
        ImportFiles files;
        files.write("items.csv", "item_id,title,genre\na," + QByteArray(10 << 20, 'x') + ",g\nb,B,g\nc,C,g\n");
        QCOMPARE(files.import().dataset.catalog.texts[0].size(),
                 (std::size_t{10} << 20) + std::string(". Genre: g").size());
    }

private:
    static void noFile()
    {
        add(
            "links in a circle",
            [](ImportFiles &f) {
                QFile::link(f.folder.filePath("one.csv"), f.folder.filePath("two.csv"));
                QFile::link(f.folder.filePath("two.csv"), f.folder.filePath("one.csv"));
                f.spec.items.file = f.path("one.csv");
            },
            "DIR/one.csv", "cannot be read: Too many levels of symbolic links", "check the path");
        add(
            "missing file", [](ImportFiles &f) { f.spec.items.file = f.path("no.csv"); }, "DIR/no.csv",
            "there is no such file", "check the path");
        add(
            "file that disappeared", [](ImportFiles &f) { QFile::remove(f.folder.filePath("inter.csv")); },
            "DIR/inter.csv", "there is no such file", "check the path");
        add(
            "folder instead of a file", [](ImportFiles &f) { f.spec.interactions.file = f.path(""); }, "DIR",
            "is a folder, not a file", "name the file in it");
        add(
            "link to nowhere",
            [](ImportFiles &f) {
                QFile::link(f.folder.filePath("gone"), f.folder.filePath("link.csv"));
                f.spec.items.file = f.path("link.csv");
            },
            "DIR/link.csv", "there is no such file", "check the path");
        add(
            "pipe",
            [](ImportFiles &f) {
                mkfifo(f.path("pipe").c_str(), 0600);
                f.spec.interactions.file = f.path("pipe");
            },
            "DIR/pipe", "is no plain file", "copy what it gives");
        if (geteuid() != 0) // root may read everything
            add(
                "no permission", [](ImportFiles &f) { chmod(f.path("items.csv").c_str(), 0); }, "DIR/items.csv",
                "cannot be read: Permission denied", "check its permissions");
        add(
            "within a file that is no archive",
            [](ImportFiles &f) { f.spec.items.file = f.path("items.csv/inner.csv"); }, "DIR/items.csv",
            "is no zip, so there is no \"inner.csv\" within it", "check the path");
    }

    static void noText()
    {
        add("empty file", interactions(""), "DIR/inter.csv", "is empty", "give a file with a header");
        add("blank lines only", items("\n\r\n\n"), "DIR/items.csv", "is empty", "give a file with a header");
        add("byte order mark only", items("\xEF\xBB\xBF"), "DIR/items.csv", "is empty", "give a file with a header");
        add("binary junk",
            interactions(QByteArray("\x7F"
                                    "ELF\x02\x01\0\0\xFF\xFE\0\0\n\0\0\0",
                                    16)),
            "DIR/inter.csv:1", "is no text in UTF-8", "save the file as text in UTF-8");
        add("zeros", items(QByteArray(5000, '\0')), "DIR/items.csv:1", "is no text in UTF-8", "save the file as text");
        add("zero byte in a cell", rows(QByteArray("u,a\0b,5,1\n", 10)), "DIR/inter.csv:2, column item_id",
            "holds a byte of zero", "save the file as text");
        add(
            "invalid UTF-8 in a file that says it is UTF-8",
            [](ImportFiles &f) { f.write("items.csv", "\xEF\xBB\xBFitem_id,title,genre\na,A,g\nb,Caf\xE9,g\n"); },
            "DIR/items.csv:3, column title", "is not valid UTF-8", "save the file as text in UTF-8");
        add(
            "UTF-16 without a mark, read as UTF-8",
            [](ImportFiles &f) {
                f.write("items.csv", wide("item_id,title,genre\na,A,g\n", false));
                f.spec.items.format.encoding = Encoding::Utf8;
            },
            "DIR/items.csv:1", "is no text in UTF-8", "save the file as text in UTF-8");
        add("half a character of UTF-16", items("\xFE\xFF" + wide("item_id,title,genre\na,A,g\n", true).chopped(1)),
            "DIR/items.csv", "is no text in UTF-16BE near byte", "name its encoding");
        add("half a pair of UTF-16",
            items("\xFF\xFE" + wide("item_id,title,genre\na,", false) + QByteArray("\x00\xD8", 2) +
                  wide(",g\n", false)),
            "DIR/items.csv", "is no text in UTF-16LE near byte", "name its encoding");
    }

    static void noTable()
    {
        add("header only", interactions("user_id,item_id,rating,timestamp\n"), "DIR/inter.csv",
            "has a header but no rows", "give a file with at least one row");
        add("columns of one name", items("item_id,title,title,genre\na,A,B,g\n"), "DIR/items.csv:1",
            "two columns are named \"title\"", "rename one of them");
        add(
            "missing column", [](ImportFiles &f) { f.spec.interactions.rating = "stars"; }, "DIR/inter.csv:1",
            "there is no column \"stars\"", "its columns are: user_id, item_id, rating, timestamp");
        add("no column that could be the user", interactions("a,b\nx,y\n"), "DIR/inter.csv",
            "it cannot be told which column holds the users", "name it; the columns are: a, b");
        add(
            "wrong delimiter", [](ImportFiles &f) { f.spec.interactions.format.delimiter = ";"; }, "DIR/inter.csv",
            "it cannot be told which column holds the users", "name it; the columns are: user_id,item_id");
        add(
            "delimiter that is none", [](ImportFiles &f) { f.spec.items.format.delimiter = "\""; }, "delimiter",
            "\"\"\" does not separate columns", "give up to four characters");
        add("quotes never closed", items("item_id,title,genre\na,A,g\nb,\"B,g\nc,C,g\n"), "DIR/items.csv:3",
            "the quotes of a field that begins in this row are never closed", "close them");
        add("quotes never closed in a long file",
            items("item_id,title,genre\na,A,g\nb,\"B,g\n" + QByteArray("c,C,g\n").repeated(3 << 20)), "DIR/items.csv:3",
            "the quotes of a field that begins in this row are not closed within 16 MiB", "close them");
        add("endless line", items("item_id,title,genre\na," + QByteArray(17 << 20, 'x') + ",g\n"), "DIR/items.csv:2",
            "the row is longer than 16 MiB", "check that this is a table of text");
        add("ten thousand columns", items(QByteArray("c,").repeated(10001) + "c\n"), "DIR/items.csv:1",
            "has a first row of 10002 fields", "check that it is a table");
        add("nothing but quotes", items(QByteArray(4001, '"')), "DIR/items.csv:1",
            "the quotes of a field that begins in this row are never closed", "close them");
        add("nothing but quotes in pairs", items(QByteArray(4000, '"')), "DIR/items.csv",
            "it cannot be told which column holds the items' ids", "name it; the columns are: ");
        add("one JSON array", items("[\n {\"item_id\": \"a\"},\n {\"item_id\": \"b\"}\n]\n"), "DIR/items.csv:1",
            "is one JSON array", "write one object a line");
        add(
            "template of no column", [](ImportFiles &f) { f.spec.items.textTemplate = "{plot}"; }, "text template",
            "{plot} names no column of DIR/items.csv", "its columns are: item_id, title, genre");
    }

    static void badRows()
    {
        const char *rating = "give a finite number such as 4 or 3.5, or remove the row";
        const char *time = "give times";
        add("rating NaN", rows("u,a,5,1\nu,b,NaN,2\n"), "DIR/inter.csv:3, column rating",
            "\"NaN\" is not a number (NaN)", rating);
        add("rating infinite", rows("u,a,inf,1\n"), "DIR/inter.csv:2, column rating", "\"inf\" is out of range",
            rating);
        add("rating beyond a float", rows("u,a,1e39,1\n"), "DIR/inter.csv:2, column rating", "\"1e39\" is out of range",
            rating);
        add("rating beyond a double", rows("u,a,1e999,1\n"), "DIR/inter.csv:2, column rating", "\"1e999\"", rating);
        add("rating with a comma", rows("u,a,\"4,5\",1\nu,b,4,1\n"), "DIR/inter.csv:2, column rating",
            "\"4,5\" is no number", rating);
        add("rating empty", rows("u,a,5,1\nu,b, ,1\n"), "DIR/inter.csv:3, column rating",
            "is empty where a number belongs", rating);
        add("time beyond 64 bits", rows("u,a,5,99999999999999999999\n"), "DIR/inter.csv:2, column timestamp",
            "\"99999999999999999999\" is out of range", time);
        add(
            "time after the year 9999",
            [](ImportFiles &f) {
                f.write("inter.csv", "user_id,item_id,rating,timestamp\nu,a,5,1\nu,b,5,253402300800\n");
                f.spec.interactions.timeUnit = TimeUnit::Seconds;
            },
            "DIR/inter.csv:3, column timestamp", "\"253402300800\" is out of range (years 1 to 9999)", time);
        add("time of the year 99999", rows("u,a,5,2015-01-01\nu,b,5,99999-01-01\n"),
            "DIR/inter.csv:3, column timestamp", "\"99999-01-01\" is no ISO 8601 time", time);
        add("time no date", rows("u,a,5,2015-01-01\nu,b,5,2015-02-30\n"), "DIR/inter.csv:3, column timestamp",
            "\"2015-02-30\" is no ISO 8601 time", time);
        add("time a word", rows("u,a,5,1\nu,b,5,yesterday\n"), "DIR/inter.csv:3, column timestamp",
            "\"yesterday\" is no number", time);
        add("user empty", rows("u,a,5,1\n\n,a,5,1\n"), "DIR/inter.csv:4, column user_id",
            "is empty where an id belongs", "give an id or remove the row");
        add("too few fields", rows("u,a,5,1\nu,b\n"), "DIR/inter.csv:3", "has 2 fields where the header has 4",
            "mend the row");
        add("too many fields", items("item_id,title,genre\na,A,g\nb,B, and b,g\n"), "DIR/items.csv:3",
            "has 4 fields where the header has 3", "mend the row");
        add("item twice", items("item_id,title,genre\na,\"A\nB\",g\n a,A,g\n"), "DIR/items.csv:4, column item_id",
            "the item id \"a\" stands a second time; the first is in line 2", "keep one row for each item");
        add(
            "pair twice",
            [](ImportFiles &f) {
                f.write("inter.csv", "user_id,item_id,rating,timestamp\nu,a,5,9\nu,b,5,1\nu,a,4,3\n");
                f.spec.filter.duplicates = Duplicates::Error;
            },
            "DIR/inter.csv:4", "the pair of user \"u\" and item \"a\" stands a second time; the first is in line 2",
            "keep one row");
        add("ids of other items", rows("u,1,5,1\nv,2,5,2\n"), "DIR/inter.csv",
            "no interaction is left after the filter \"items with text\"", "check that both files mean the same ids");
        add(
            "descriptions of other items",
            [](ImportFiles &f) { f.spec.items.descriptions = f.write("more.csv", "item_id,description\nx,X\n"); },
            "DIR/more.csv", "no description has the id of an item", "check that both files mean the same ids");
    }

    static void jsonLines()
    {
        const QByteArray good = "{\"item_id\": \"a\", \"title\": \"A\", \"genre\": \"g\"}\n";
        add("broken JSON line", items(good + "{\"item_id\": \"b\", \"title\": \n", "items.json"), "DIR/items.json:2",
            "is no JSON: the fault is at character", "write one JSON object a line");
        add("JSON line cut off", items(good + good.chopped(4), "items.json"), "DIR/items.json:2", "is no JSON",
            "write one JSON object a line");
        add("array among JSON lines", items(good + "[\"b\", \"B\"]\n", "items.json"), "DIR/items.json:2",
            "is an array, not an object", "write one JSON object a line");
        add("object within a JSON line",
            items(good + "{\"item_id\": \"b\", \"title\": {\"en\": \"B\"}, \"genre\": \"g\"}\n", "items.json"),
            "DIR/items.json:2, column title", "holds an object where a text or a number belongs",
            "choose another column");
        add("JSON key twice", items(good + "{\"item_id\": \"b\", \"title\": \"B\", \"title\": \"C\"}\n", "items.json"),
            "DIR/items.json:2, column title", "has this key twice", "keep one of the two");
        add("Python instead of JSON", items("{'item_id': 'a', 'title': 'A'}\n", "items.json"), "DIR/items.json:1",
            "holds no JSON object with a key", "this is Python's notation");
        add("JSON nested without end", items(good + "{\"item_id\":" + QByteArray(100000, '[') + "\n", "items.json"),
            "DIR/items.json:2", "is nested too deeply", "write one JSON object a line");
        add(
            "invalid UTF-8 in JSON",
            [good](ImportFiles &f) {
                f.spec.items.file = f.write("items.json", good + "{\"item_id\": \"b\", \"title\": \"\xFF\"}\n");
                f.spec.items.format.encoding = Encoding::Utf8;
            },
            "DIR/items.json:2", "is no JSON: the fault is at character", "write one JSON object a line");
    }
};

APIARY_TEST(HostileFilesTest)
#include "hostile_files_test.moc"
