#include "base/error.h"
#include "eval/metric.h"

#include "support/registry.h"

#include <QTest>

using namespace apiary;
using namespace apiary::eval;

class MetricNamesTest : public QObject {
    Q_OBJECT

private slots:
    void everyMetricHasANameThatReadsBack()
    {
        for (std::size_t i = 0; i < metricInfos().size(); ++i) {
            const MetricInfo &info = metricInfos()[i];
            QCOMPARE(static_cast<std::size_t>(info.kind), i);
            const Metric metric{info.kind, 17};
            QCOMPARE(metric.name(), info.name + "@17");
            QVERIFY(parseMetric(metric.name()) == metric);
            QVERIFY(!info.help.empty());
        }
    }

    void parsesLists()
    {
        QVERIFY(parseMetrics("recall@20, recall@50 ,ndcg@100") == defaultMetrics());
        QVERIFY(parseMetrics("recall@20,recall@50,ndcg@100,") == defaultMetrics());
        const auto one = parseMetrics("plain-recall@5");
        QCOMPARE(one.size(), std::size_t{1});
        QVERIFY(one[0].kind == MetricKind::PlainRecall);
        QCOMPARE(deepest(parseMetrics("mrr@3, coverage@250, hit@10")), 250);
    }

    void saysWhatIsWrong_data()
    {
        QTest::addColumn<QString>("list");
        QTest::addColumn<QString>("message");
        QTest::newRow("nothing") << ""
                                 << "a metric has no name";
        QTest::newRow("blank") << " "
                               << "a metric has no name";
        QTest::newRow("hole") << "recall@20,,hit@5"
                              << "a metric has no name";
        QTest::newRow("no depth") << "recall"
                                  << "\"recall\" does not say how many places";
        QTest::newRow("unknown") << "recal@20"
                                 << "there is no metric \"recal\"";
        QTest::newRow("case") << "NDCG@20"
                              << "there is no metric \"NDCG\"";
        QTest::newRow("no name") << "@20"
                                 << "there is no metric \"\"";
        QTest::newRow("zero") << "hit@0"
                              << "\"hit@0\" reads \"0\" places";
        QTest::newRow("negative") << "hit@-3"
                                  << "reads \"-3\" places";
        QTest::newRow("letters") << "hit@ten"
                                 << "reads \"ten\" places";
        QTest::newRow("fraction") << "hit@1.5"
                                  << "reads \"1.5\" places";
        QTest::newRow("rest") << "hit@10@20"
                              << "reads \"10@20\" places";
        QTest::newRow("empty depth") << "hit@"
                                     << "reads \"\" places";
        QTest::newRow("huge") << "hit@99999999999999999999"
                              << "places";
        QTest::newRow("deep") << "hit@10001"
                              << "reads \"10001\" places";
        QTest::newRow("twice") << "hit@10, ndcg@5, hit@10"
                               << "hit@10 stands there twice";
    }

    void saysWhatIsWrong()
    {
        QFETCH(QString, list);
        QFETCH(QString, message);
        try {
            parseMetrics(list.toStdString());
            QFAIL("accepted");
        } catch (const InputError &error) {
            QVERIFY2(QString::fromStdString(error.problem()).contains(message), error.what());
            QVERIFY(!error.remedy().empty());
        }
    }
};

APIARY_TEST(MetricNamesTest)
#include "metric_names_test.moc"
