#include "recsys/recommender.h"

#include "support/registry.h"

#include <QTest>
#include <cmath>
#include <numeric>

using namespace apiary;
using namespace apiary::recsys;

class RandomTest : public QObject {
    Q_OBJECT

private slots:
    void dependsOnSeedUserAndItemAlone()
    {
        const Csr sources;
        const auto model = randomRecommender(1);
        std::vector<std::int32_t> all(50);
        std::iota(all.begin(), all.end(), 0);
        ScoreBlock whole(30, 50);
        model->score(sources, 0, all, whole);
        QVERIFY(whole.minCoeff() > 0);
        QVERIFY(whole.maxCoeff() <= 1);

        const std::vector<std::int32_t> some{49, 7};
        ScoreBlock part(3, 2);
        model->score(sources, 20, some, part);
        for (Eigen::Index i = 0; i < 3; ++i) {
            QCOMPARE(part(i, 0), whole(20 + i, 49));
            QCOMPARE(part(i, 1), whole(20 + i, 7));
        }
        ScoreBlock other(30, 50);
        randomRecommender(2)->score(sources, 0, all, other);
        QVERIFY((other.array() != whole.array()).all());
    }

    void isUniform()
    {
        const Csr sources;
        std::vector<std::int32_t> all(500);
        std::iota(all.begin(), all.end(), 0);
        ScoreBlock scores(400, 500);
        randomRecommender(3)->score(sources, 0, all, scores);
        const auto values = scores.cast<double>().array();
        // 200,000 draws: the mean's deviation is 0.00065, that of a row's mean 0.013.
        QVERIFY(std::abs(values.mean() - 0.5) < 0.003);
        QVERIFY(std::abs(values.square().mean() - 1.0 / 3) < 0.003);
        QVERIFY((values.rowwise().mean() - 0.5).abs().maxCoeff() < 0.07);
        QVERIFY((values.colwise().mean() - 0.5).abs().maxCoeff() < 0.08);
    }
};

APIARY_TEST(RandomTest)
#include "random_test.moc"
