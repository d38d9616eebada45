// libtorch's headers first: Qt's keywords would break them.
#include "support/tiny_training.h"
#include "train/trainer.h"
#include "train/two_pass.h"

#include "support/registry.h"

#include <QTest>

using namespace apiary;

namespace {

using tests::TinyTraining;

/// One autograd graph over one padded batch with plain tensor operations: nothing shared with the two-pass step but the
/// masks' definition.
double onePassLoss(const TinyTraining &tiny, const train::StepSample &sample, const encoder::DropoutPlan *plan)
{
    encoder::PackedTokens batch;
    for (const std::int32_t item : sample.items)
        batch.add(std::span(tiny.tokens.ids)
                      .subspan(static_cast<std::size_t>(tiny.tokens.offsets[static_cast<std::size_t>(item)]),
                               static_cast<std::size_t>(tiny.tokens.length(item))),
                  item);
    encoder::ForwardOptions options;
    options.dropout = plan;
    options.tensorOperations = true;
    const at::Tensor A = tiny.model->forward(batch, options);
    const at::Tensor unit = A / A.norm(2, {1}, true).clamp_min(1e-12);
    at::Tensor y = at::zeros({sample.users.rows(), A.size(0)});
    for (std::int64_t u = 0; u < sample.users.rows(); ++u)
        for (const std::int32_t column : sample.users.view().row(u))
            y.index_put_({at::tensor(u), at::tensor(static_cast<std::int64_t>(column))}, at::tensor(1.0F));
    const at::Tensor x = y.narrow(1, 0, sample.positives());
    const at::Tensor p = (x.mm(unit.narrow(0, 0, sample.positives())).mm(unit.t()) - y).relu();
    const auto rows = [](const at::Tensor &t) { return t / t.norm(2, {1}, true).clamp_min(1e-12); };
    const at::Tensor loss = at::mse_loss(rows(p), rows(y));
    loss.backward();
    return loss.item<double>();
}

std::vector<at::Tensor> takeGradients(encoder::Transformer &model)
{
    std::vector<at::Tensor> gradients;
    for (encoder::Parameter &parameter : model.parameters()) {
        gradients.push_back(parameter.value.grad().defined() ? parameter.value.grad().clone()
                                                             : at::zeros_like(parameter.value.detach()));
        parameter.value.mutable_grad().reset();
    }
    return gradients;
}

bool isKeyBias(const std::string &name)
{
    return name.find("self.key.bias") != std::string::npos;
}

} // namespace

class MemorySettings : public QObject {
    Q_OBJECT

private slots:
    void gradientEqualsOnePass_data()
    {
        QTest::addColumn<bool>("dropout");
        QTest::addColumn<int>("budget");
        QTest::addColumn<bool>("keep");
        for (const bool dropout : {true, false})
            for (const int budget : {16, 64, 100000})
                for (const bool keep : {true, false})
                    QTest::addRow("dropout %d budget %d keep %d", dropout, budget, keep) << dropout << budget << keep;
    }

    // Invariant 1: the gradient of the two-pass step is that of the one-pass loss, with dropout on.
    void gradientEqualsOnePass()
    {
        QFETCH(bool, dropout);
        QFETCH(int, budget);
        QFETCH(bool, keep);
        TinyTraining tiny;
        tiny.requireGradients();
        const train::Sampler sampler(tiny.interactions, tiny.items(),
                                     {.usersPerStep = 6, .itemsPerStep = 34, .seed = 7});
        const train::StepSample sample = sampler.sample(1);
        QVERIFY(sample.positives() < static_cast<std::int64_t>(sample.items.size()));
        const encoder::DropoutPlan plan{7, 1};
        const double expectedLoss = onePassLoss(tiny, sample, dropout ? &plan : nullptr);
        const auto expected = takeGradients(*tiny.model);
        const train::StepOutcome outcome = train::accumulateGradients(
            *tiny.model, tiny.tokens, sample, {plan, dropout, budget, keep ? std::int64_t{1} << 40 : 0, {}, {}});
        const auto actual = takeGradients(*tiny.model);
        QCOMPARE(outcome.encodedTwice, keep ? 0 : outcome.microBatches);
        QVERIFY2(std::abs(outcome.loss - expectedLoss) <= 1e-6 * expectedLoss,
                 qPrintable(QString("%1 against %2").arg(outcome.loss).arg(expectedLoss)));
        double largest = 0;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const std::string &name = tiny.model->parameters()[i].name;
            const double scale = expected[i].norm().item<double>();
            const double difference = (actual[i] - expected[i]).norm().item<double>();
            if (isKeyBias(name) || scale == 0) {
                QVERIFY2(difference < 1e-6, name.c_str());
                continue;
            }
            largest = std::max(largest, difference / scale);
            QVERIFY2(difference / scale < 1e-4,
                     qPrintable(QString("%1: %2").arg(name.c_str()).arg(difference / scale)));
        }
        qInfo("largest relative gradient difference: %.2e", largest);
    }

    // A gradient test must be able to fail: other masks in the second pass change it.
    void otherMasksChangeTheGradient()
    {
        TinyTraining tiny;
        tiny.requireGradients();
        const train::Sampler sampler(tiny.interactions, tiny.items(),
                                     {.usersPerStep = 6, .itemsPerStep = 34, .seed = 7});
        const train::StepSample sample = sampler.sample(1);
        train::accumulateGradients(*tiny.model, tiny.tokens, sample, {{7, 1}, true, 64, 0, {}, {}});
        const auto one = takeGradients(*tiny.model);
        train::accumulateGradients(*tiny.model, tiny.tokens, sample, {{7, 2}, true, 64, 0, {}, {}});
        const auto two = takeGradients(*tiny.model);
        QVERIFY((one[0] - two[0]).norm().item<double>() > 0.01 * one[0].norm().item<double>());
    }

    // Invariant 2: losses and weights after 20 steps under different memory settings.
    void twentySteps()
    {
        struct Outcome {
            std::vector<double> losses;
            std::vector<at::Tensor> weights;
        };
        const auto train = [](std::int64_t budget, train::Passes passes) {
            TinyTraining tiny;
            train::TrainerConfig config;
            config.usersPerStep = 6;
            config.itemsPerStep = 34;
            config.epochs = 100;
            config.learningRate = 1e-5; // as published
            config.tokenBudget = budget;
            config.passes = passes;
            train::Trainer trainer(*tiny.model, tiny.interactions, tiny.tokens, tiny.items(), config);
            Outcome outcome;
            for (int i = 0; i < 20; ++i)
                outcome.losses.push_back(trainer.step({}).loss);
            for (const encoder::Parameter &parameter : tiny.model->parameters())
                outcome.weights.push_back(parameter.value.detach().clone());
            return outcome;
        };
        const Outcome reference = train(100000, train::Passes::One);
        TinyTraining tiny;
        // Twenty steps must have moved the weights by far more than the bound below.
        const at::Tensor start = tiny.model->parameters()[0].value;
        QVERIFY((reference.weights[0] - start).norm().item<double>() > 1e-4 * start.norm().item<double>());
        for (const std::int64_t budget : {16, 64, 512}) {
            const Outcome other = train(budget, train::Passes::Two);
            for (std::size_t i = 0; i < 20; ++i)
                QVERIFY2(std::abs(other.losses[i] - reference.losses[i]) <= 1e-5 * reference.losses[i],
                         qPrintable(QString("budget %1 step %2: %3 against %4")
                                        .arg(budget)
                                        .arg(i + 1)
                                        .arg(other.losses[i], 0, 'g', 9)
                                        .arg(reference.losses[i], 0, 'g', 9)));
            for (std::size_t i = 0; i < reference.weights.size(); ++i) {
                const std::string &name = tiny.model->parameters()[i].name;
                const double change = (other.weights[i] - reference.weights[i]).norm().item<double>();
                const double limit = isKeyBias(name) ? 1e-6 : 1e-5 * reference.weights[i].norm().item<double>();
                QVERIFY2(change <= limit,
                         qPrintable(QString("budget %1 %2: %3").arg(budget).arg(name.c_str()).arg(change)));
            }
        }
    }
};

APIARY_TEST(MemorySettings)
#include "memory_settings_test.moc"
