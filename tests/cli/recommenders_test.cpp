#include "cli_call.h"
#include "support/registry.h"

#include <QRegularExpression>
#include <QTest>

using namespace apiary;
using tests::Answer;
using tests::call;

/// What there is to compare encoders with.
class CliRecommendersTest : public QObject {
    Q_OBJECT

private slots:
    void listsRecommenders()
    {
        const Answer all = call({"recommenders"});
        QCOMPARE(all.code, 0);
        QVERIFY2(all.out.contains(QRegularExpression("\\nitem-knn\n.*\\n +K=200 +a whole number from 1 to 1000000\\. ",
                                                     QRegularExpression::DotMatchesEverythingOption)),
                 qPrintable(all.out));
        QVERIFY(all.out.contains("source: Steck"));
        const QList<QJsonObject> lines = call({"recommenders", "--json"}).json();
        QVERIFY(lines.size() > 10);
        for (const QJsonObject &line : lines)
            QVERIFY2(all.out.contains(line["source"].toString()), qPrintable(line["recommender"].toString()));
        const QList<QJsonObject> one = call({"recommenders", "ease", "--json"}).json();
        QCOMPARE(one.size(), 1);
        QVERIFY(one[0]["parameters"].toObject()["lambda"].toObject().contains("default"));
        const Answer none = call({"recommenders", "eese"});
        QCOMPARE(none.code, 2);
        QVERIFY2(none.err.contains("eese") && none.err.contains("sansa"), qPrintable(none.err));
    }
};

APIARY_TEST(CliRecommendersTest)
#include "recommenders_test.moc"
