#include "hostile_files.h"

#include "data/preview.h"
#include "support/registry.h"

#include <QDir>
#include <csignal>
#include <sys/resource.h>

using namespace apiary;
using namespace apiary::data;
using namespace apiary::tests;

namespace {

constexpr const char *again = "fetch or pack it again";

/// One bit of a byte turned over; from the end where `at` is negative.
QByteArray flipped(QByteArray bytes, qsizetype at)
{
    const qsizetype place = at < 0 ? bytes.size() + at : at;
    bytes[place] = static_cast<char>(bytes[place] ^ 1);
    return bytes;
}

QByteArray replaced(QByteArray bytes, const QByteArray &before, const QByteArray &after)
{
    return bytes.replace(before, after);
}

/// While it lives, no file may grow beyond so many bytes: writing on fails, as on a full disk.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes)
    {
        m_handler = std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit limit{bytes, m_before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit()
    {
        setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_handler);
    }
    FileSizeLimit(const FileSizeLimit &) = delete;
    FileSizeLimit &operator=(const FileSizeLimit &) = delete;

private:
    rlimit m_before{};
    void (*m_handler)(int) = SIG_DFL;
};

} // namespace

/// What archives and binary tables can do to an import, as HostileFilesTest has it of texts; and that those which are
/// whole are read.
class HostileArchivesTest : public QObject {
    Q_OBJECT
    QByteArray m_temporary;

private slots:
    void init() { m_temporary = qgetenv("TMPDIR"); }
    void cleanup()
    {
        if (m_temporary.isEmpty())
            qunsetenv("TMPDIR");
        else
            qputenv("TMPDIR", m_temporary);
    }

    void refuses_data()
    {
        refusalColumns();
        packed();
        otherKinds();
        packedTables();
        binary();
    }
    void refuses()
    {
        QFETCH(Refusal, refusal);
        verifyRefused(refusal);
    }

    void readsBinaryTablesInArchives_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("plain");
        for (const char *name : {"types.parquet", "types.feather"}) {
            QTest::addRow("%s in a zip", name) << zipped({{name, table(name)}}) << QString(name);
            QTest::addRow("%s in a gzip", name) << gzipped(table(name)) << QString(name);
        }
    }
    /// As the same file beside them, and nothing stays in the temporary folder.
    void readsBinaryTablesInArchives()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, plain);
        const ImportFiles files;
        QVERIFY(QDir(files.folder.path()).mkdir("tmp"));
        qputenv("TMPDIR", QByteArray::fromStdString(files.path("tmp")));
        const Preview expected = previewTable(golden() / "tables" / plain.toStdString());
        const Preview preview = previewTable(files.write("packed", bytes));
        QVERIFY(preview.rows.size() > 1);
        QCOMPARE(preview.columns, expected.columns);
        QCOMPARE(preview.rows, expected.rows);
        const bool zip = bytes.startsWith("PK"); // its directory knows the size of the table
        QCOMPARE(preview.fileBytes, zip ? table(plain.toStdString().c_str()).size() : bytes.size());
        QVERIFY(QDir(files.path("tmp").c_str()).isEmpty());
    }

    void saysThatTheDiskIsFull()
    {
        const ImportFiles files;
        qputenv("TMPDIR", QByteArray::fromStdString(files.path("")));
        const std::string file = files.write("types.parquet.gz", gzipped(table("types.parquet")));
        const FileSizeLimit limit(100);
        try {
            previewTable(file);
            QFAIL("accepted");
        } catch (const Error &error) {
            QVERIFY2(error.problem().starts_with("the archive's table cannot be unpacked into this folder"),
                     error.what());
            QCOMPARE(error.remedy(), std::string("free some disk space, then try again"));
        }
    }

    /// A gzip of several members is one text, zeros behind it are padding; a name that leads out of the archive is a name.
    void readsWhatIsOnlyOdd()
    {
        ImportFiles files;
        const QByteArray plain = ImportFiles::plainInteractions;
        files.spec.interactions.file =
            files.write("inter.csv.gz", gzipped(plain.left(50)) + gzipped(plain.mid(50)) + QByteArray(100, '\0'));
        files.spec.items.file = files.write("items.zip", zipped({{"../../items.csv", ImportFiles::plainItems}}));
        const Imported odd = files.import();
        QCOMPARE(odd.dataset.interactions.count(), 4);
        QCOMPARE(odd.dataset.hash, ImportFiles().import().dataset.hash);
        QVERIFY(!QFile::exists(files.folder.filePath("../../items.csv")));
    }

    /// Whatever the locale of the process is.
    void readsNamesBeyondAscii()
    {
        ImportFiles files;
        files.spec.items.file = files.write("one.zip", zipped({{"g\xC3\xB6.csv", ImportFiles::plainItems}}));
        QCOMPARE(files.import().dataset.hash, ImportFiles().import().dataset.hash);
        const std::string two =
            files.write("two.zip", zipped({{"g\xC3\xB6.csv", ImportFiles::plainItems}, {"b.csv", "x\n1\n"}}));
        QCOMPARE(tablesIn(two).size(), std::size_t{2});
        files.spec.items.file = two + "/g\xC3\xB6.csv";
        QCOMPARE(files.import().dataset.hash, ImportFiles().import().dataset.hash);
    }

private:
    static void packed()
    {
        const QByteArray plain = ImportFiles::plainInteractions;
        const QByteArray items1 = zipped({{"items.csv", ImportFiles::plainItems}});
        const QByteArray checksum = little(crc32(ImportFiles::plainItems), 4);
        const QByteArray many = plain + QByteArray("u3,b,4,1000000050\n").repeated(200000);
        add("truncated gzip", interactions(gzipped(many).chopped(40), "inter.csv.gz"), "DIR/inter.csv.gz",
            "is cut short", again);
        add("gzip cut within its trailer", interactions(gzipped(plain).chopped(3), "inter.csv.gz"), "DIR/inter.csv.gz",
            "is cut short", again);
        add("gzip whose second member is cut", interactions(gzipped(plain) + gzipped(many).chopped(9), "inter.csv.gz"),
            "DIR/inter.csv.gz", "is cut short", again);
        add("gzip with a flipped byte", interactions(flipped(gzipped(plain), 20), "inter.csv.gz"), "DIR/inter.csv.gz",
            "is damaged", again);
        add("gzip with another checksum", interactions(flipped(gzipped(plain), -8), "inter.csv.gz"), "DIR/inter.csv.gz",
            "is damaged: what is unpacked does not have the checksum", again);
        add("gzip with another length", interactions(flipped(gzipped(plain), -4), "inter.csv.gz"), "DIR/inter.csv.gz",
            "is damaged: what is unpacked does not have the length", again);
        add("long gzip with another checksum", interactions(flipped(gzipped(many), -8), "inter.csv.gz"),
            "DIR/inter.csv.gz", "is damaged: what is unpacked does not have the checksum", again);
        add("gzip with something behind it", interactions(gzipped(plain) + "u3,b,4,1\n", "inter.csv.gz"),
            "DIR/inter.csv.gz", "goes on with something else behind what is packed", again);
        add("gzip of gzip", interactions(gzipped(gzipped(plain)), "inter.csv.gz.gz"), "DIR/inter.csv.gz.gz",
            "is a gzip file within an archive", "unpack it once");
        add("zip in a gzip", items(gzipped(zipped({{"items.csv", ImportFiles::plainItems}})), "items.zip.gz"),
            "DIR/items.zip.gz", "is a zip file within an archive", "unpack it once");
        add("gzip of nothing", interactions(gzipped(""), "inter.csv.gz"), "DIR/inter.csv.gz", "is empty",
            "give a file");
        add("gzip bomb", interactions(gzipped(plain) + gzipped(QByteArray(16 << 20, '\n')).repeated(20), "bomb.csv.gz"),
            "DIR/bomb.csv.gz", "unpacks to more than 200 times its size", "do not use this archive");
        add("zip of nothing", items(zipped({}), "items.zip"), "DIR/items.zip", "cannot be unpacked", again);
        add("zip without a table", items(zipped({{"README.md", "x"}, {"__MACOSX/a.csv", "x"}}), "items.zip"),
            "DIR/items.zip", "holds no table", "give an archive with a table in it");
        add("zip of several tables", items(zipped({{"a.csv", "x"}, {"b/c.csv", "y"}}), "items.zip"), "DIR/items.zip",
            "holds several files",
            "name one behind the archive, as in \"DIR/items.zip/a.csv\"; they are: a.csv, b/c.csv");
        add("zip of several tables, one with a name beyond ASCII",
            items(zipped({{"g\xC3\xB6.csv", "x"}, {"b.csv", "y"}}), "items.zip"), "DIR/items.zip",
            "holds several files",
            "name one behind the archive, as in \"DIR/items.zip/b.csv\"; they are: b.csv, g\xC3\xB6.csv");
        add(
            "zip without the member",
            [](ImportFiles &f) {
                f.write("items.zip", zipped({{"a.csv", "x"}}));
                f.spec.items.file = f.path("items.zip/../items.csv");
            },
            "DIR/items.zip", "has no file \"../items.csv\"", "its files are: a.csv");
        add("truncated zip", items(zipped({{"items.csv", many}}).chopped(60), "items.zip"), "DIR/items.zip",
            "cannot be unpacked", again);
        add("zip that claims another size",
            items(zipped({{"items.csv", ImportFiles::plainItems}}, std::int64_t{0xFFFFFF00}), "items.zip"),
            "DIR/items.zip/items.csv", "is damaged or cut short", again);
        add("zip with another checksum",
            items(replaced(items1, checksum, little(~crc32(ImportFiles::plainItems), 4)), "items.zip"),
            "DIR/items.zip/items.csv", "is damaged or cut short", again);
        add("zip with a password",
            items(replaced(items1, QByteArray("\x14\0\0\x08", 4), QByteArray("\x14\0\1\x08", 4)), "items.zip"),
            "DIR/items.zip/items.csv", "is encrypted", "unpack it with its password first");
        add("zip bomb", items(zipped({{"items.csv", QByteArray(300 << 20, '\n')}}), "items.zip"),
            "DIR/items.zip/items.csv", "unpacks to more than 200 times its size", "do not use this archive");
        add("Excel workbook",
            items(zipped({{"_rels/.rels", "x"}, {"xl/workbook.xml", "x"}, {"xl/_rels/workbook.xml.rels", "x"}}),
                  "items.xlsx"),
            "DIR/items.xlsx", "is an Excel workbook", "save the sheet as CSV");
    }

    static void otherKinds()
    {
        const auto other = [](const char *name, const QByteArray &start, const char *problem, const char *remedy) {
            add(name, items(start + QByteArray(600, '\x11'), "items"), "DIR/items", problem, remedy);
        };
        other("bzip2", "BZh91AY&SY", "is a bzip2 file", "unpack it, or pack it as gzip or zip");
        other("xz", QByteArray("\xFD\x37zXZ\0\0\4", 8), "is an xz file", "unpack it, or pack it as gzip or zip");
        other("Zstandard", "\x28\xB5\x2F\xFD", "is a Zstandard file", "unpack it, or pack it as gzip or zip");
        other("tar", "items.csv" + QByteArray(248, '\0') + "ustar", "is a tar archive",
              "unpack it, and name the table");
        other("SQLite", QByteArray("SQLite format 3\0", 16), "is an SQLite database", "save the table as CSV");
        other("pickle", "\x80\4\x95", "is a Python pickle", "it may hold a program and is never opened");
        other("NumPy", "\x93NUMPY\1", "is a NumPy array", "save the table as CSV");
    }

    static void packedTables()
    {
        const QByteArray parquet = table("types.parquet");
        add("parquet cut short in a zip", items(zipped({{"types.parquet", parquet.chopped(9)}}), "items.zip"),
            "DIR/items.zip/types.parquet", "is no whole parquet file", "write or fetch it again");
        add("parquet in a damaged gzip", items(flipped(gzipped(parquet), -8), "types.parquet.gz"),
            "DIR/types.parquet.gz", "is damaged: what is unpacked does not have the checksum", again);
        add(
            "nowhere to unpack to",
            [parquet](ImportFiles &f) {
                qputenv("TMPDIR", QByteArray::fromStdString(f.path("none")));
                f.spec.items.file = f.write("types.parquet.gz", gzipped(parquet));
            },
            "DIR/none", "the archive's table cannot be unpacked into this folder", "check the path");
    }

    static void binary()
    {
        add("truncated parquet", items(table("types.parquet").chopped(9), "items.parquet"), "DIR/items.parquet",
            "is no whole parquet file", "write or fetch it again");
        add("parquet of nothing but its marks", items("PAR1PAR1", "items.parquet"), "DIR/items.parquet",
            "is no whole parquet file", "write or fetch it again");
        add(
            "nested parquet column",
            [](ImportFiles &f) {
                f.spec.items.file = f.write("items.parquet", table("nested.parquet"));
                f.spec.items.textTemplate = "{price}";
                f.spec.items.allColumns = false;
            },
            "DIR/items.parquet, column price", "holds values of type struct<", "choose another column");
        add("truncated feather", items(table("types.feather").chopped(30), "items.feather"), "DIR/items.feather",
            "is no whole feather file", "write or fetch it again");
        add(
            "feather with an empty id",
            [](ImportFiles &f) {
                f.spec.items.file = f.write("items.feather", table("types.feather"));
                f.spec.items.id = "item";
                f.spec.items.textTemplate = "{kind}";
            },
            "DIR/items.feather, row 3, column item", "is empty where an id belongs", "give an id");
    }
};

APIARY_TEST(HostileArchivesTest)
#include "hostile_archives_test.moc"
