#include "base/number_text.h"
#include "support/registry.h"

#include <QTest>
#include <clocale>
#include <limits>

using namespace apiary;

class NumberTextTest : public QObject {
    Q_OBJECT
private slots:
    void digits_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<int>("digits");
        QTest::addColumn<QString>("text");
        QTest::newRow("four") << 0.123449 << 4 << "0.1234";
        QTest::newRow("zeros count") << 0.25 << 4 << "0.2500";
        QTest::newRow("small") << 0.0123449 << 4 << "0.01234";
        QTest::newRow("rounded up to another power") << 0.099999 << 4 << "0.1000";
        QTest::newRow("one, rounded up") << 0.99999 << 4 << "1.000";
        QTest::newRow("above one") << 12.3456 << 4 << "12.35";
        QTest::newRow("whole") << 1234.5 << 4 << "1234";
        QTest::newRow("more digits than asked for") << 123456.0 << 4 << "123456";
        QTest::newRow("two") << 0.0021 << 2 << "0.0021";
        QTest::newRow("zero") << 0.0 << 4 << "0.000";
        QTest::newRow("negative zero") << -0.0 << 4 << "0.000";
        QTest::newRow("minus") << -0.5 << 4 << QStringLiteral("−0.5000");
        QTest::newRow("tiny") << 1.5e-6 << 4 << "1.5e-6";
        QTest::newRow("tiny, a whole one") << -2e-6 << 4 << QStringLiteral("−2e-6");
        QTest::newRow("one digit") << 3e-9 << 1 << "3e-9";
        QTest::newRow("huge") << 1.25e7 << 4 << "1.25e7";
        QTest::newRow("not a number") << std::numeric_limits<double>::quiet_NaN() << 4 << QStringLiteral("–");
        QTest::newRow("infinite") << std::numeric_limits<double>::infinity() << 4 << QStringLiteral("–");
    }
    void digits()
    {
        QFETCH(double, value);
        QFETCH(int, digits);
        QFETCH(QString, text);
        QCOMPARE(QString::fromStdString(numberText(value, digits)), text);
    }

    void signsStandBeforeDifferences()
    {
        QCOMPARE(signedText(0.0123), std::string("+0.01230"));
        QCOMPARE(signedText(-0.0123), std::string("−0.01230"));
        QCOMPARE(signedText(-0.0123, 2, "$-$"), std::string("$-$0.012"));
        QCOMPARE(signedText(0), std::string("0.000"));
        QCOMPARE(signedText(std::numeric_limits<double>::infinity()), std::string("–"));
    }

    void localesChangeNothing()
    {
        const std::string before = std::setlocale(LC_NUMERIC, nullptr);
        const bool other = std::setlocale(LC_NUMERIC, "de_DE.UTF-8") != nullptr;
        const std::string text = numberText(0.5);
        std::setlocale(LC_NUMERIC, before.c_str());
        if (!other)
            QSKIP("no locale with a decimal comma is installed");
        QCOMPARE(text, std::string("0.5000"));
    }
};

APIARY_TEST(NumberTextTest)
#include "number_text_test.moc"
