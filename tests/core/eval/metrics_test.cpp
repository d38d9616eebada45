#include "eval/evaluate.h"

#include "support/assets.h"
#include "support/registry.h"

#include <QTest>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace apiary::eval;

using Items = std::vector<std::int32_t>;

class MetricsTest : public QObject {
    Q_OBJECT

private slots:
    /// Every user's value, and the mean over users with targets, against RecPack 0.3.6.
    void equalRecPack()
    {
        std::ifstream file(apiary::tests::golden() / "metrics.json");
        const auto golden = nlohmann::json::parse(file);
        QCOMPARE(golden["versions"]["recpack"].get<std::string>(), std::string("0.3.6"));
        const auto rankings = golden["rankings"].get<std::vector<Items>>();
        const auto targets = golden["targets"].get<std::vector<Items>>();
        double largest = 0;
        std::size_t emptyLists = 0;
        for (const auto &metric : golden["metrics"]) {
            const int k = metric["k"].get<int>();
            const bool recall = metric["metric"].get<std::string>() == "recall";
            MetricValues own;
            for (std::size_t i = 0; i < metric["users"].size(); ++i) {
                const auto u = metric["users"][i].get<std::size_t>();
                emptyLists += rankings[u].empty();
                own.perUser.push_back(recall ? calibratedRecall(rankings[u], targets[u], k)
                                             : ndcg(rankings[u], targets[u], k));
                largest = std::max(largest, std::abs(own.perUser.back() - metric["values"][i].get<double>()));
            }
            largest = std::max(largest, std::abs(own.mean() - metric["mean"].get<double>()));
        }
        QVERIFY(emptyLists > 0);
        qInfo("largest difference to RecPack: %.3g", largest);
        QVERIFY2(largest <= 1e-9, qPrintable(QString::number(largest)));
    }

    void byHand()
    {
        const Items ranking{5, 9, 2, 7};
        const Items targets{2, 5, 11};
        QCOMPARE(calibratedRecall(ranking, targets, 1), 1.0);
        QCOMPARE(calibratedRecall(ranking, targets, 2), 0.5);
        QCOMPARE(calibratedRecall(ranking, targets, 20), 2.0 / 3);
        const double ideal = 1 + 1 / std::log2(3.0) + 0.5;
        QCOMPARE(ndcg(ranking, targets, 100), (1 + 0.5) / ideal);
        QCOMPARE(ndcg(ranking, targets, 1), 1.0);
    }

    void edges()
    {
        const Items some{1, 2};
        QCOMPARE(calibratedRecall({}, some, 20), 0.0);
        QCOMPARE(ndcg({}, some, 20), 0.0);
        QCOMPARE(calibratedRecall(some, {}, 20), 0.0);
        QCOMPARE(ndcg(some, {}, 20), 0.0);
        QCOMPARE(calibratedRecall(some, some, 0), 0.0);
        QCOMPARE(ndcg(some, some, 0), 0.0);
        QCOMPARE(MetricValues{}.mean(), 0.0);
    }
};

APIARY_TEST(MetricsTest)
#include "metrics_test.moc"
