#include "data/text_template.h"

#include "base/error.h"
#include "support/registry.h"

#include <QTest>

using namespace apiary;
using data::TextTemplate;

class TextTemplateTest : public QObject {
    Q_OBJECT
private slots:
    void fills_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QStringList>("values"); // in the order of the columns
        QTest::addColumn<QString>("text");
        const char *film = "{title} ({year}). Genres: {class}";
        QTest::newRow("all") << film << QStringList{"Heat", "1995", "Crime"} << "Heat (1995). Genres: Crime";
        QTest::newRow("no year") << film << QStringList{"Heat", "", "Crime"} << "Heat. Genres: Crime";
        QTest::newRow("no class") << film << QStringList{"Heat", "1995", ""} << "Heat (1995).";
        QTest::newRow("title only") << film << QStringList{"Heat", "", ""} << "Heat.";
        QTest::newRow("class only") << film << QStringList{"", "", "Crime"} << "Genres: Crime";
        QTest::newRow("year only") << film << QStringList{"", "1995", ""} << "(1995).";
        QTest::newRow("nothing") << film << QStringList{"", " ", "\t"} << "";
        QTest::newRow("values are trimmed")
            << film << QStringList{" Heat ", "1995\n", "Crime"} << "Heat (1995). Genres: Crime";
        QTest::newRow("values are not templates")
            << film << QStringList{"{year} (): ", "", "()"} << "{year} ():. Genres: ()";
        QTest::newRow("not Latin") << film << QStringList{"千と千尋", "", "アニメ"} << "千と千尋. Genres: アニメ";

        QTest::newRow("escapes") << "{{{a}}} {{b}}" << QStringList{"x"} << "{x} {b}";
        QTest::newRow("lone closing brace") << "{a}} }" << QStringList{"x"} << "x} }";
        QTest::newRow("blanks in braces") << "{ a }" << QStringList{"x"} << "x";
        QTest::newRow("column with a blank") << "{release year}" << QStringList{"x"} << "x";
        QTest::newRow("used twice") << "{a}, again {a}" << QStringList{"x"} << "x, again x";

        const char *book = "Title: {title}. Author: {author}, Year: {year}.";
        QTest::newRow("middle label") << book << QStringList{"T", "", "2004"} << "Title: T. Year: 2004.";
        QTest::newRow("last label") << book << QStringList{"T", "A", ""} << "Title: T. Author: A";
        QTest::newRow("two labels") << book << QStringList{"T", "", ""} << "Title: T.";
        QTest::newRow("first label") << book << QStringList{"", "A", "2004"} << "Author: A, Year: 2004.";
        QTest::newRow("line ends") << "{a}\nBy: {b}\nOn: {c}" << QStringList{"x", "", "z"} << "x\nOn: z";
        QTest::newRow("dash") << "{a} - {b}" << QStringList{"x", ""} << "x";
        QTest::newRow("pipe") << "{a}|{b}|{c}" << QStringList{"x", "", "z"} << "x|z";
        QTest::newRow("colon at the end") << "{a}: {b}" << QStringList{"x", ""} << "x";
        QTest::newRow("sentence") << "A film, directed by {d}, called {t}" << QStringList{"", "T"}
                                  << "A film, called T";
        QTest::newRow("parts without columns stay") << "A film. {d}. Good." << QStringList{""} << "";
        QTest::newRow("literal parts stay") << "A film. {d}. Good: {g}." << QStringList{"", "x"} << "A film. Good: x.";

        QTest::newRow("inside brackets") << "{t} ({a}, {b})" << QStringList{"T", "", "B"} << "T (B)";
        QTest::newRow("end of brackets") << "{t} ({a}, {b})" << QStringList{"T", "A", ""} << "T (A)";
        QTest::newRow("square brackets") << "{t} [{a}]!" << QStringList{"T", ""} << "T!";
        QTest::newRow("nested") << "{t} ({a} [{b}])" << QStringList{"T", "A", ""} << "T (A)";
        QTest::newRow("nested, all empty") << "{t} ({a} [{b}])" << QStringList{"T", "", ""} << "T";
        QTest::newRow("brackets in front") << "({y}) {t}" << QStringList{"", "T"} << "T";
        QTest::newRow("brackets without a column") << "{t} (film) {y}" << QStringList{"T", ""} << "T (film)";
        QTest::newRow("unbalanced") << "{t} (:] {y} ([" << QStringList{"T", "Y"} << "T (:] Y ([";
        QTest::newRow("unbalanced, empty") << "{t}) ({y}" << QStringList{"T", ""} << "T) (";
        QTest::newRow("middle word") << "{a} {b} {c}" << QStringList{"x", "", "z"} << "x z";
        QTest::newRow("last word") << "By {a} {b}. {c}" << QStringList{"x", "", "z"} << "By x. z";
        QTest::newRow("full templates keep their blanks") << "query:  {a} " << QStringList{"x"} << "query:  x ";
    }
    void fills()
    {
        QFETCH(QString, pattern);
        QFETCH(QStringList, values);
        const TextTemplate text(pattern.toStdString(), "text template");
        QCOMPARE(text.columns().size(), static_cast<std::size_t>(values.size()));
        std::vector<std::string> owned;
        for (const QString &value : values)
            owned.push_back(value.toStdString());
        const std::vector<std::string_view> views(owned.begin(), owned.end());
        QTEST(QString::fromStdString(text.fill(views)), "text");
    }

    void columnsInOrder()
    {
        const TextTemplate text("{b} ({a}) {b} {c d}", "text template");
        QCOMPARE(text.columns(), (std::vector<std::string>{"b", "a", "c d"}));
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("problem");
        QTest::newRow("open brace") << "x {title"
                                    << "the brace at character 3 is not closed";
        QTest::newRow("no name") << "{title} { }"
                                 << "the braces at character 9 name no column";
        QTest::newRow("brace in name") << "{a{b}"
                                       << "the braces at character 1 name no column";
        QTest::newRow("no column") << "a film"
                                   << "names no column, so every item would read the same";
        QTest::newRow("escaped only") << "{{title}}"
                                      << "names no column, so every item would read the same";
    }
    void refuses()
    {
        QFETCH(QString, pattern);
        try {
            const TextTemplate text(pattern.toStdString(), "text template");
            QFAIL("accepted");
        } catch (const InputError &error) {
            QTEST(QString::fromStdString(error.problem()), "problem");
            QCOMPARE(error.where(), std::string("text template"));
            QVERIFY(!error.remedy().empty());
        }
    }
};

APIARY_TEST(TextTemplateTest)
#include "text_template_test.moc"
