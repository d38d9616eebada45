// libtorch's headers first: Qt's keywords would break them.
#include "base/error.h"
#include "support/tiny_training.h"
#include "train/sampler.h"
#include "train/trainer.h"

#include "support/registry.h"

#include <QTest>
#include <chrono>
#include <set>
#include <thread>

using namespace apiary;
using tests::TinyTraining;

namespace {

train::TrainerConfig tinyConfig()
{
    train::TrainerConfig config;
    config.usersPerStep = 20;
    config.itemsPerStep = 40;
    config.epochs = 100;
    config.learningRate = 1e-3;
    config.tokenBudget = 64;
    return config;
}

} // namespace

class TrainerAndSampler : public QObject {
    Q_OBJECT

private slots:
    void sampleIsUniqueAndComplete_data()
    {
        QTest::addColumn<int>("items");
        QTest::addColumn<bool>("replacement");
        for (const int items : {1, 20, 36, 40, 10000})
            for (const bool replacement : {false, true})
                QTest::addRow("%d items, replacement %d", items, replacement) << items << replacement;
    }

    void sampleIsUniqueAndComplete()
    {
        QFETCH(int, items);
        QFETCH(bool, replacement);
        const TinyTraining tiny;
        const train::Sampler sampler(tiny.interactions, tiny.items(), {4, items, replacement, 3});
        const train::StepSample sample = sampler.sample(2);
        const std::set<std::int32_t> unique(sample.items.begin(), sample.items.end());
        QCOMPARE(unique.size(), sample.items.size());
        QCOMPARE(sample.users.rows(), std::int64_t{4});
        // Positives are exactly the items of the users.
        std::set<std::int64_t> touched;
        for (std::int64_t u = 0; u < 4; ++u)
            for (const std::int32_t column : sample.users.view().row(u))
                touched.insert(column);
        QCOMPARE(static_cast<std::int64_t>(touched.size()), sample.positives());
        const auto size = static_cast<std::int64_t>(sample.items.size());
        if (!replacement) {
            QCOMPARE(size, std::max(sample.positives(), std::min<std::int64_t>(items, 40)));
            QVERIFY(sample.multiplicity.empty());
        } else if (!sample.multiplicity.empty()) {
            QCOMPARE(sample.multiplicity.size(), sample.items.size());
            const float drawn = std::accumulate(sample.multiplicity.begin(), sample.multiplicity.end(), 0.0F);
            QCOMPARE(static_cast<std::int64_t>(drawn), std::max<std::int64_t>(items, sample.positives()));
        }
    }

    void anEpochVisitsEveryUserOnce()
    {
        const TinyTraining tiny;
        const train::Sampler sampler(tiny.interactions, tiny.items(), {7, 40, false, 3});
        std::int64_t seen = 0, entries = 0;
        for (int step = 1; step <= sampler.stepsPerEpoch(); ++step) {
            const train::StepSample sample = sampler.sample(step);
            QCOMPARE(sample.epoch, 1);
            seen += sample.users.rows();
            entries += static_cast<std::int64_t>(sample.users.columns.size());
        }
        QCOMPARE(seen, sampler.users());
        QCOMPARE(entries, static_cast<std::int64_t>(tiny.interactions.columns.size()));
        QCOMPARE(sampler.sample(sampler.stepsPerEpoch() + 1).epoch, 2);
        QVERIFY(sampler.sample(1).users.columns != sampler.sample(sampler.stepsPerEpoch() + 1).users.columns);
    }

    void lossFalls()
    {
        TinyTraining tiny;
        train::TrainerConfig config = tinyConfig();
        config.usersPerStep = 60;
        config.learningRate = 5e-3;
        train::Trainer trainer(*tiny.model, tiny.interactions, tiny.tokens, tiny.items(), config);
        const double first = trainer.step({}).loss;
        double last = first;
        for (int i = 0; i < 120; ++i)
            last = trainer.step({}).loss;
        QVERIFY2(last < 0.8 * first, qPrintable(QString("%1 to %2").arg(first).arg(last)));
    }

    void keepsTheBestWeightsAndStopsEarly()
    {
        TinyTraining tiny;
        train::TrainerConfig config = tinyConfig();
        config.evaluateEvery = 1;
        config.patience = 3;
        train::Trainer trainer(*tiny.model, tiny.interactions, tiny.tokens, tiny.items(), config);
        at::Tensor atBest;
        train::TrainerHooks hooks;
        hooks.validate = [](int step) { return step <= 2 ? step : 0.5; };
        hooks.best = [&](int, double) { atBest = tiny.model->parameters()[0].value.detach().clone(); };
        const train::TrainerResult result = trainer.train(hooks, {});
        QCOMPARE(result.bestStep, 2);
        QCOMPARE(result.steps, 5);
        QVERIFY(result.stoppedEarly);
        QVERIFY(at::equal(atBest, tiny.model->parameters()[0].value.detach()));
    }

    void aLossThatIsNotFiniteLeavesTheWeights_data()
    {
        QTest::addColumn<float>("value");
        QTest::newRow("NaN") << std::numeric_limits<float>::quiet_NaN();
        QTest::newRow("infinite") << std::numeric_limits<float>::infinity();
    }

    void aLossThatIsNotFiniteLeavesTheWeights()
    {
        QFETCH(float, value);
        TinyTraining tiny;
        train::Trainer trainer(*tiny.model, tiny.interactions, tiny.tokens, tiny.items(), tinyConfig());
        trainer.step({});
        at::Tensor poisoned = tiny.model->parameters()[5].value.detach();
        poisoned.view(-1)[0] = value;
        const at::Tensor before = tiny.model->parameters()[0].value.detach().clone();
        QVERIFY_EXCEPTION_THROWN(trainer.step({}), Error);
        QVERIFY(at::equal(before, tiny.model->parameters()[0].value.detach()));
    }

    void stopLeavesTheLastWholeStep()
    {
        TinyTraining tiny;
        train::Trainer trainer(*tiny.model, tiny.interactions, tiny.tokens, tiny.items(), tinyConfig());
        std::stop_source stop;
        at::Tensor weights;
        train::TrainerHooks hooks;
        hooks.step = [&](const train::StepReport &report) {
            if (report.step == 3) {
                weights = tiny.model->parameters()[0].value.detach().clone();
                stop.request_stop();
            }
        };
        const train::TrainerResult result = trainer.train(hooks, stop.get_token());
        QVERIFY(result.cancelled);
        QCOMPARE(result.steps, 3);
        QVERIFY(at::equal(weights, tiny.model->parameters()[0].value.detach()));
    }

    void theSameSeedGivesTheSameBits()
    {
        const auto run = [](std::uint64_t seed) {
            TinyTraining tiny;
            train::TrainerConfig config = tinyConfig();
            config.seed = seed;
            train::Trainer trainer(*tiny.model, tiny.interactions, tiny.tokens, tiny.items(), config);
            for (int i = 0; i < 4; ++i)
                trainer.step({});
            return tiny.model->parameters()[0].value.detach().clone();
        };
        QVERIFY(at::equal(run(1), run(1)));
        QVERIFY(!at::equal(run(1), run(2)));
    }

    void noTrainingItemIsAnError()
    {
        TinyTraining tiny;
        Csr empty;
        empty.cols = tiny.interactions.cols;
        empty.addRow({});
        QVERIFY_EXCEPTION_THROWN(train::Trainer(*tiny.model, empty, tiny.tokens, tiny.items(), tinyConfig()),
                                 InputError);
    }
};

APIARY_TEST(TrainerAndSampler)
#include "trainer_test.moc"
