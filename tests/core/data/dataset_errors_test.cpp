#include "dataset_files.h"

#include "base/error.h"
#include "data/csv_scan.h"
#include "support/registry.h"

#include <QTest>
#include <cmath>
#include <functional>

using namespace apiary;
using namespace apiary::data;
using tests::DatasetFiles;

namespace {

using Edit = std::function<void(DatasetFiles &)>;

Edit interactions(const QByteArray &rows)
{
    return [rows](DatasetFiles &files) { files.write("inter.csv", "user_id,item_id,rating,timestamp\n" + rows); };
}

Edit items(const QByteArray &bytes)
{
    return [bytes](DatasetFiles &files) { files.write("items.csv", bytes); };
}

} // namespace

Q_DECLARE_METATYPE(Edit)

class DatasetErrorsTest : public QObject {
    Q_OBJECT
private slots:
    void refuses_data()
    {
        QTest::addColumn<Edit>("edit");
        QTest::addColumn<QString>("where"); // DIR stands for the folder
        QTest::addColumn<QString>("problem");
        QTest::addColumn<QString>("remedy");
        const auto source = [](auto change) {
            return Edit([change](DatasetFiles &files) { change(files.source, files); });
        };
        const char *noTable = "give a file with a header and at least one row";

        QTest::newRow("missing file") << source([](DatasetSource &s, DatasetFiles &f) {
            s.items = f.folder.filePath("no.csv").toStdString();
        }) << "DIR/no.csv"
                                      << "there is no such file"
                                      << "check the path";
        QTest::newRow("no file") << source([](DatasetSource &s, DatasetFiles &) { s.interactions.clear(); }) << ""
                                 << "no file is named"
                                 << "check the path";
        QTest::newRow("folder") << source([](DatasetSource &s, DatasetFiles &f) {
            s.interactions = f.folder.path().toStdString();
        }) << "DIR"
                                << "is a folder, not a file"
                                << "name the file in it";
        QTest::newRow("empty file") << items("") << "DIR/items.csv"
                                    << "is empty" << noTable;
        QTest::newRow("blank lines only") << items("\n\r\n\n") << "DIR/items.csv"
                                          << "is empty" << noTable;
        QTest::newRow("byte order mark only") << items("\xEF\xBB\xBF") << "DIR/items.csv"
                                              << "is empty" << noTable;
        QTest::newRow("header only") << items("item_id,title,genre\n") << "DIR/items.csv"
                                     << "has a header but no rows"
                                     << "give a file with at least one row";
        QTest::newRow("header without a line end") << items("item_id,title,genre") << "DIR/items.csv"
                                                   << "has a header but no rows"
                                                   << "give a file with at least one row";

        QTest::newRow("wrong item id column")
            << source([](DatasetSource &s, DatasetFiles &) { s.itemIdColumn = "movie"; }) << "DIR/items.csv:1"
            << "there is no column \"movie\""
            << "its columns are: item_id, title, genre";
        QTest::newRow("wrong title column")
            << source([](DatasetSource &s, DatasetFiles &) { s.titleColumn = "name"; }) << "DIR/items.csv:1"
            << "there is no column \"name\""
            << "its columns are: item_id, title, genre";
        QTest::newRow("wrong user column")
            << source([](DatasetSource &s, DatasetFiles &) { s.userColumn = "who"; }) << "DIR/inter.csv:1"
            << "there is no column \"who\""
            << "its columns are: user_id, item_id, rating, timestamp";
        QTest::newRow("wrong rating column")
            << source([](DatasetSource &s, DatasetFiles &) { s.ratingColumn = "stars"; }) << "DIR/inter.csv:1"
            << "there is no column \"stars\""
            << "its columns are: user_id, item_id, rating, timestamp";
        QTest::newRow("wrong delimiter") << source([](DatasetSource &s, DatasetFiles &) { s.delimiter = ";"; })
                                         << "DIR/items.csv:1"
                                         << "there is no column \"item_id\""
                                         << "its columns are: item_id,title,genre";
        QTest::newRow("delimiter of five characters")
            << source([](DatasetSource &s, DatasetFiles &) { s.delimiter = ":::::"; }) << "delimiter"
            << "\":::::\" does not separate columns"
            << "give up to four characters such as , ; | :: or \\t, or leave it empty";
        QTest::newRow("column twice") << items("item_id,title,title,genre\na,A,B,g\n") << "DIR/items.csv:1"
                                      << "two columns are named \"title\""
                                      << "rename one of them";
        QTest::newRow("column twice but for its type")
            << items("item_id:token,title:token,title:float,genre:token\na,A,B,g\n") << "DIR/items.csv:1"
            << "two columns are named \"title\""
            << "rename one of them";

        const char *rating = "give a finite number such as 4 or 3.5, or remove the row";
        const char *time = "give times in Unix seconds, name another time unit, or read the file without a time column";
        QTest::newRow("rating no number") << interactions("u,a,5,1\nu,b,good,2\n") << "DIR/inter.csv:3, column rating"
                                          << "\"good\" is no number" << rating;
        QTest::newRow("rating with a tail") << interactions("u,a,5x,1\n") << "DIR/inter.csv:2, column rating"
                                            << "\"5x\" is no number" << rating;
        QTest::newRow("decimal comma") << interactions("u,a,\"4,5\",1\n") << "DIR/inter.csv:2, column rating"
                                       << "\"4,5\" is no number" << rating;
        QTest::newRow("rating NaN") << interactions("u,a,5,1\nu,b,NaN,2\n") << "DIR/inter.csv:3, column rating"
                                    << "\"NaN\" is not a number (NaN)" << rating;
        QTest::newRow("rating infinite") << interactions("u,a,-inf,1\n") << "DIR/inter.csv:2, column rating"
                                         << "\"-inf\" is out of range" << rating;
        QTest::newRow("rating too large for a float")
            << interactions("u,a,1e300,1\n") << "DIR/inter.csv:2, column rating"
            << "\"1e300\" is out of range" << rating;
        QTest::newRow("rating empty") << interactions("u,a,,1\n") << "DIR/inter.csv:2, column rating"
                                      << "is empty where a number belongs" << rating;
        QTest::newRow("timestamp no number")
            << interactions("u,a,5,2015-01-01\n") << "DIR/inter.csv:2, column timestamp"
            << "\"2015-01-01\" is no number" << time;
        QTest::newRow("timestamp NaN") << interactions("u,a,5,nan\n") << "DIR/inter.csv:2, column timestamp"
                                       << "\"nan\" is not a number (NaN)" << time;
        QTest::newRow("timestamp out of range") << interactions("u,a,5,1e30\n") << "DIR/inter.csv:2, column timestamp"
                                                << "\"1e30\" is out of range (years 1 to 9999)" << time;
        QTest::newRow("long cell is cut")
            << interactions("u,a," + QByteArray("é").repeated(40) + ",1\n") << "DIR/inter.csv:2, column rating"
            << "\"" + QString("é").repeated(30) + "…\" is no number" << rating;
        QTest::newRow("line after quoted lines")
            << interactions("\"u\n1\",a,5,1\n\n\"u \"\"\n2\r\n\",b,5,2\r\nu,c,x,3\n")
            << "DIR/inter.csv:8, column rating"
            << "\"x\" is no number" << rating;
        QTest::newRow("user id empty") << interactions("u,a,5,1\n ,a,5,1\n") << "DIR/inter.csv:3, column user_id"
                                       << "is empty where an id belongs"
                                       << "give an id or remove the row";
        QTest::newRow("item id empty") << items("item_id,title,genre\n,A,g\n") << "DIR/items.csv:2, column item_id"
                                       << "is empty where an id belongs"
                                       << "give an id or remove the row";
        QTest::newRow("item id twice") << items("item_id,title,genre\na,\"A\nB\",g\nb,B,g\n a,A,g\n")
                                       << "DIR/items.csv:5, column item_id"
                                       << "the item id \"a\" stands a second time; the first is in line 2"
                                       << "keep one row for each item";

        const char *columns = "its columns are: item_id, title, genre";
        QTest::newRow("text template names no column of the file")
            << source([](DatasetSource &s, DatasetFiles &) { s.textTemplate = "{title} {plot}"; }) << "text template"
            << "{plot} names no column of DIR/items.csv" << columns;
        QTest::newRow("title template names no column of the file")
            << source([](DatasetSource &s, DatasetFiles &) { s.titleTemplate = "{title} ({year})"; })
            << "title template"
            << "{year} names no column of DIR/items.csv" << columns;
        QTest::newRow("no text template")
            << source([](DatasetSource &s, DatasetFiles &) { s.textTemplate = " "; }) << "text template"
            << "is empty"
            << "name what the encoder reads, such as {title}";

        const char *utf8 = "save the file as text in UTF-8";
        QTest::newRow("Latin-1 text") << items("item_id,title,genre\na,A,g\nb,Caf\xE9,g\n")
                                      << "DIR/items.csv:3, column title"
                                      << "is not valid UTF-8" << utf8;
        QTest::newRow("overlong form") << items("item_id,title,genre\na,\xC0\xAF,g\n")
                                       << "DIR/items.csv:2, column title"
                                       << "is not valid UTF-8" << utf8;
        QTest::newRow("surrogate") << items("item_id,title,genre\na,A,\xED\xA0\x80\n")
                                   << "DIR/items.csv:2, column genre"
                                   << "is not valid UTF-8" << utf8;
        QTest::newRow("Latin-1 id") << interactions("u\xE9,a,5,1\n") << "DIR/inter.csv:2, column user_id"
                                    << "is not valid UTF-8" << utf8;
        QTest::newRow("Latin-1 header") << items("item_id,title,genre\xE9\na,A,g\n") << "DIR/items.csv:1"
                                        << "is no text in UTF-8" << utf8;
        QTest::newRow("UTF-16") << items(QByteArray("\xFF\xFEi\0t\0e\0m\0", 10)) << "DIR/items.csv:1"
                                << "is no text in UTF-8" << utf8;
        QTest::newRow("binary") << items(QByteArray("PAR1\0\1\2", 7)) << "DIR/items.csv:1"
                                << "is no text in UTF-8" << utf8;

        const char *mend = "mend the row, or put fields that hold the delimiter in quotes";
        QTest::newRow("too few fields") << items("item_id,title,genre\na,A,g\nb,B\n") << "DIR/items.csv:3"
                                        << "has 2 fields where the header has 3" << mend;
        QTest::newRow("too many fields") << items("item_id,title,genre\na,A, B,g\nb,B,g\n") << "DIR/items.csv:2"
                                         << "has 4 fields where the header has 3" << mend;
        QTest::newRow("quotes never closed")
            << items("item_id,title,genre\na,A,g\nb,\"B,g\nc,C,g\n") << "DIR/items.csv:3"
            << "the quotes of a field that begins in this row are never closed"
            << "close them, or double a quote that is part of the text";
        QTest::newRow("header's quotes never closed")
            << items("item_id,\"title,genre\na,A,g\n") << "DIR/items.csv:1"
            << "the quotes of a field that begins in this row are never closed"
            << "close them, or double a quote that is part of the text";

        QTest::newRow("nothing liked") << interactions("u,a,3,1\nv,b,1,2\n") << "DIR/inter.csv"
                                       << "no interaction is left after the filter \"rating at least 4\""
                                       << "lower the least rating, or check the rating column";
        QTest::newRow("other ids") << interactions("u,1,5,1\nv,2,5,2\n") << "DIR/inter.csv"
                                   << "no interaction is left after the filter \"items with text\""
                                   << "check that both files mean the same ids: the interactions name \"1\", the items "
                                      "file \"a\"";
        QTest::newRow("no texts") << items("item_id,title,genre\na,,\nb,,\nc,,\n") << "DIR/inter.csv"
                                  << "no interaction is left after the filter \"items with text\""
                                  << "check the text template";
        QTest::newRow("no user with enough")
            << Edit([](DatasetFiles &files) { files.filter.minUserInteractions = 3; }) << "DIR/inter.csv"
            << "no interaction is left after the filter \"users with at least 3\""
            << "lower the least number of interactions";
        QTest::newRow("threshold no number")
            << Edit([](DatasetFiles &files) { files.filter.minRating = std::nan(""); }) << "least rating"
            << "is not a number"
            << "give a number such as 4";
    }
    void refuses()
    {
        QFETCH(Edit, edit);
        DatasetFiles files;
        edit(files);
        const auto shown = [&files](const std::string &text) {
            return QString::fromStdString(text).replace(files.folder.path(), "DIR");
        };
        try {
            files.load();
            QFAIL("accepted");
        } catch (const InputError &error) {
            QTEST(shown(error.problem()), "problem");
            QTEST(shown(error.where()), "where");
            QTEST(shown(error.remedy()), "remedy");
        }
    }

    /// Longer than the reader's block.
    void longRow()
    {
        DatasetFiles files;
        files.write("items.csv", "item_id,title,genre\na," + QByteArray(40 << 20, 'x') + ",g\nb,B,g\n");
        QVERIFY_EXCEPTION_THROWN(files.load(), InputError);
    }

    void utf8_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<bool>("valid");
        QTest::newRow("nothing") << QByteArray() << true;
        QTest::newRow("ASCII of more than eight") << QByteArray("a film of 1995") << true;
        QTest::newRow("two bytes") << QByteArray("\xC2\x80") << true;
        QTest::newRow("three bytes") << QByteArray("\xE0\xA0\x80 \xEF\xBF\xBF") << true;
        QTest::newRow("before the surrogates") << QByteArray("\xED\x9F\xBF") << true;
        QTest::newRow("four bytes") << QByteArray("\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF") << true;
        QTest::newRow("after eight bytes") << QByteArray("abcdefgh\xE9") << false;
        QTest::newRow("lone continuation") << QByteArray("\x80") << false;
        QTest::newRow("overlong two") << QByteArray("\xC1\xBF") << false;
        QTest::newRow("overlong three") << QByteArray("\xE0\x9F\xBF") << false;
        QTest::newRow("overlong four") << QByteArray("\xF0\x8F\xBF\xBF") << false;
        QTest::newRow("surrogate") << QByteArray("\xED\xA0\x80") << false;
        QTest::newRow("beyond Unicode") << QByteArray("\xF4\x90\x80\x80") << false;
        QTest::newRow("no such lead") << QByteArray("\xF5\x80\x80\x80") << false;
        QTest::newRow("cut short") << QByteArray("a\xE2\x82") << false;
        QTest::newRow("wrong third byte") << QByteArray("\xE2\x82x") << false;
    }
    void utf8()
    {
        QFETCH(QByteArray, bytes);
        QTEST(isUtf8(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size()))), "valid");
    }

    /// The scanner's lines are those an editor shows, across its blocks of 64 KiB.
    void linesOfRows()
    {
        DatasetFiles files;
        QByteArray bytes = "a,b\n";
        for (int row = 0; row < 30000; ++row)
            bytes += row % 3 == 0   ? QByteArray("1,\"x\r\ny\"\r\n")
                     : row % 3 == 1 ? QByteArray("1,\"\"\"\"\n\n")
                                    : QByteArray("1,z\r");
        const std::string path = files.write("long.csv", bytes);
        for (const std::int64_t row : {0, 1, 2, 3, 10000, 29999})
            QCOMPARE(lineOfRow(path, ',', row), 2 + row / 3 * 5 + (row % 3 == 0 ? 0 : row % 3 == 1 ? 2 : 4));
        QCOMPARE(lineOfRow(path, ',', 30000), 0);
    }
};

APIARY_TEST(DatasetErrorsTest)
#include "dataset_errors_test.moc"
