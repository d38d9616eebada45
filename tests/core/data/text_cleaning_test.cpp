#include "data/text_cleaning.h"
#include "support/registry.h"

#include <QTest>

using namespace apiary::data;

namespace {

void row(const char *text, const char *expected)
{
    QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(expected);
}

void columns()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
}

} // namespace

class TextCleaningTest : public QObject {
    Q_OBJECT
private slots:
    void entities_data()
    {
        columns();
        row("Tom &amp; Jerry", "Tom & Jerry");
        row("&lt;b&gt;", "<b>");
        row("caf&eacute; &#233; &#xE9; &#XE9;", "café é é é");
        row("&ldquo;so&rdquo; &mdash; &hellip;", "“so” — …");
        row("&#8217;&#146;", "’’");
        row("&euro;&nbsp;5", "€\u00A05");
        row("AT&T; &unknown; &; & co.", "AT&T; &unknown; &; & co.");
        row("&#0; &#xD800; &#x110000; &#12a;", "&#0; &#xD800; &#x110000; &#12a;");
        row("&amp;amp;", "&amp;");
        row("&#128029;", "🐝");
        row("&yuml;&THORN;&times;", "ÿÞ×");
        row("no end &amp", "no end &amp");
    }
    /// References that name a character; others stay.
    void entities()
    {
        QFETCH(QString, text);
        QTEST(QString::fromStdString(withoutEntities(text.toStdString())), "expected");
    }

    void tags_data()
    {
        columns();
        row("A <b>bold</b> word", "A bold word");
        row("One<br/>two<BR>three", "One two three");
        row("<p class=\"x\">Para</p><p>Next</p>", "Para Next ");
        row("3 < 4 and 5 > 4", "3 < 4 and 5 > 4");
        row("a<3", "a<3");
        row("<script>alert('<b>')</script>text<style>p{}</style>", "text");
        row("before<!-- a <b>comment</b> -->after", "beforeafter");
        row("<a href='x'>link</a>", "link");
        row("cut <b", "cut <b");
        row("cut <b ", "cut ");
        row("<3 <> </>", "<3 <> </>");
    }
    void tags()
    {
        QFETCH(QString, text);
        QTEST(QString::fromStdString(withoutTags(text.toStdString())), "expected");
    }

    void quotes_data()
    {
        columns();
        row("\"A whole text.\"", "A whole text.");
        row("  \"With blanks around.\" ", "With blanks around.");
        row("\"Never closed, as models write.", "Never closed, as models write.");
        row("\"Emma\" is a novel", "\"Emma\" is a novel");
        row("\"Emma\" and \"Persuasion\"", "\"Emma\" and \"Persuasion\"");
        row("\"He said \"no\" to all.\"", "He said \"no\" to all.");
        row("\"He said \"no\" to all.", "He said \"no\" to all.");
        row("no quotes", "no quotes");
        row("ends with one\"", "ends with one\"");
        row("\"\"", "");
        row("\"", "");
        row("", "");
        row("“Curly, whole.”", "Curly, whole.");
        row("“Emma” is a novel", "“Emma” is a novel");
        row("“Never closed", "Never closed");
        row("“He said “no” to all.”", "He said “no” to all.");
    }
    void quotes()
    {
        QFETCH(QString, text);
        QTEST(QString::fromStdString(withoutWholeQuotes(text.toStdString())), "expected");
    }

    void refusals_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("expected");
        const auto row = [](const char *text, bool expected) {
            QTest::newRow(text) << QString::fromUtf8(text) << expected;
        };
        row("I'm a large language model, I don't have the capability to read Arabic.", true);
        row("\"I’m a large language model and cannot do that.\"", true);
        row("I'm sorry, but I can't provide a description of this book.", true);
        row("I cannot fulfill your request.", true);
        row("As an AI language model, I have no access to the book.", true);
        row("I apologize, but as an AI assistant I have not read it.", true);
        row("I'm happy to help, but I have to inform you that the text is in a language that I don't know.", true);
        row("I cannot help with that request.", true);
        row("I'm sorry, but I can't help you with this.", true);
        row("I cannot help falling in love, sings the king.", false);
        row("I'm happy to help, but first you must find me, says the genie.", false);
        row("I cannot remember my name, says the man who wakes in a strange bed.", false);
        row("As an airplane crashes, two strangers meet.", false);
        row("I'm sorry, she said, and closed the door for good.", false);
        row("A thriller about a large language model that escapes its laboratory.", false);
        row("", false);
    }
    void refusals()
    {
        QFETCH(QString, text);
        QTEST(isRefusal(text.toStdString()), "expected");
    }

    void order()
    {
        Cleaning all{true, true, true, true};
        QCOMPARE(cleaned(" \"<p>Tom &amp; &lt;Jerry&gt;</p>\" ", all), std::string("Tom & <Jerry>"));
        QCOMPARE(cleaned(" \"x\" ", {}), std::string("\"x\""));
        QCOMPARE(cleaned("I'm a large language model.", all), std::string());
    }
};

APIARY_TEST(TextCleaningTest)
#include "text_cleaning_test.moc"
