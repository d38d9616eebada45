#include "import_files.h"

#include "data/preview.h"
#include "support/registry.h"

#include <QTest>

using namespace apiary;
using namespace apiary::data;
using tests::ImportFiles;

namespace {

QByteArray item(const QByteArray &id, const QByteArray &more = {})
{
    return "{\"item_id\": \"" + id + "\", \"title\": \"T " + id + "\"" + more + "}\n";
}

} // namespace

/// Which keys of JSON lines are columns, and what becomes of the others.
class JsonLinesTest : public QObject {
    Q_OBJECT
    ImportFiles m_files;

    Imported import(const QByteArray &lines)
    {
        m_files.spec.items.file = m_files.write("items.json", lines);
        m_files.spec.items.textTemplate = "{title}";
        return m_files.import();
    }

private slots:
    /// The keys of the first thousand lines, however long those are.
    void columnsOfTheFirstThousand()
    {
        QByteArray lines = item("a", ", \"genre\": \"" + QByteArray(400'000, 'g') + "\"");
        for (int i = 1; i < 999; ++i)
            lines += item("x" + QByteArray::number(i));
        lines += item("b", ", \"plot\": \"late, but not too late\"") + item("c");
        const Imported imported = import(lines);
        QCOMPARE(imported.dataset.catalog.ids.size(), std::size_t{3}); // those that someone chose
        QVERIFY(imported.report.warnings.empty());
        const Preview preview = previewTable(m_files.spec.items.file, {}, 2);
        QCOMPARE(preview.columns, (std::vector<std::string>{"item_id", "title", "genre", "plot"}));
        QCOMPARE(preview.rows[1], (std::vector<std::string>{"x1", "T x1", "", ""}));
    }

    /// A key that comes later is not read; it is counted, and said with its line.
    void laterKeysAreCounted()
    {
        QByteArray lines = item("a") + item("b");
        for (int i = 2; i < 1000; ++i)
            lines += item("x" + QByteArray::number(i));
        lines += item("c", ", \"plot\": \"A plot.\", \"cast\": [\"A\", \"B\"]");
        lines += item("d", ", \"plot\": \"A plot.\", \"inside\": {\"plot\": 1}") + item("e", ", \"plot\": null");
        const std::vector<std::string> warnings = import(lines).report.warnings;
        const auto late = [](const char *key, const char *line, const char *rows) {
            return std::string("items.json: the key \"") + key + "\" first comes in line " + line +
                   ", after those whose keys are the columns, and is not read (" + rows +
                   "): move such a row to the front to have it";
        };
        QCOMPARE(warnings,
                 (std::vector<std::string>{late("plot", "1001", "3 rows have it"), late("cast", "1001", "1 row has it"),
                                           late("inside", "1002", "1 row has it")}));
        QCOMPARE(m_files.import().dataset.warnings.front(),
                 warnings.front()); // where the page and the commands show them
    }

    /// Columns that are there but not asked for are no late keys.
    void columnsThatAreNotReadAreNoNews()
    {
        m_files.spec.items.allColumns = false;
        QVERIFY(
            import(item("a", ", \"year\": 1995") + item("b") + item("c", ", \"year\": 1996")).report.warnings.empty());
    }

    /// A key that stands twice in a row: neither value is taken for the other.
    void aKeyTwiceIsABadRow()
    {
        m_files.spec.maxBadShare = 0.5;
        const Imported imported = import(item("a") + item("b") + item("c", ", \"title\": \"U\""));
        QCOMPARE(imported.report.badTotal, 1);
        QCOMPARE(imported.report.bad[0].line, 3);
        QCOMPARE(imported.report.bad[0].reason, std::string("has this key twice"));
    }
};

APIARY_TEST(JsonLinesTest)
#include "json_lines_test.moc"
