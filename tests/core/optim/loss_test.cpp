// libtorch's headers first: Qt's keywords would break them.
#include "base/random.h"
#include "optim/elsa_loss.h"
#include "optim/nadam.h"

#include "support/assets.h"
#include "support/registry.h"

#include <QTest>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace apiary;
using nlohmann::json;

namespace {

json golden()
{
    return json::parse(std::ifstream(tests::golden() / "loss.json"));
}

at::Tensor matrix(const json &rows)
{
    std::vector<double> values;
    for (const json &row : rows)
        for (const json &value : row)
            values.push_back(value.get<double>());
    const auto count = static_cast<std::int64_t>(rows.size());
    return at::tensor(values, at::kDouble).view({count, -1}).to(at::kFloat);
}

double relativeDifference(const at::Tensor &a, const at::Tensor &b)
{
    return ((a - b).norm() / b.norm()).item<double>();
}

} // namespace

class LossAndOptimizer : public QObject {
    Q_OBJECT

private slots:
    void lossAgainstPyTorch_data()
    {
        QTest::addColumn<int>("index");
        const json cases = golden()["loss"];
        for (std::size_t i = 0; i < cases.size(); ++i)
            QTest::addRow("%s", cases[i]["name"].get<std::string>().c_str()) << static_cast<int>(i);
    }

    void lossAgainstPyTorch()
    {
        QFETCH(int, index);
        const json sample = golden()["loss"][static_cast<std::size_t>(index)];
        Csr users;
        users.cols = sample["positives"];
        for (const json &row : sample["rows"])
            users.addRow(row.get<std::vector<std::int32_t>>());
        const auto times = sample["multiplicity"].get<std::vector<float>>();
        const optim::LossAndGradient result =
            optim::elsaNmse(matrix(sample["embeddings"]), users, times.empty() ? at::Tensor() : at::tensor(times));
        const double expected = sample["loss"];
        QVERIFY2(std::abs(result.loss - expected) < 1e-6 * expected, qPrintable(QString::number(result.loss, 'g', 9)));
        const double difference = relativeDifference(result.gradient, matrix(sample["gradient"]));
        QVERIFY2(difference < 1e-5, qPrintable(QString::number(difference)));
    }

    // Users are taken in blocks; the block's size must not show.
    void manyUsersEqualTheMeanOfParts()
    {
        CounterRng rng(3);
        const at::Tensor embeddings = at::randn({3000, 8});
        Csr all, first, second;
        all.cols = first.cols = second.cols = 3000;
        for (int user = 0; user < 4000; ++user) {
            std::vector<std::int32_t> row{static_cast<std::int32_t>(rng.below(1000)),
                                          static_cast<std::int32_t>(1000 + rng.below(2000))};
            all.addRow(row);
            (user < 2000 ? first : second).addRow(row);
        }
        const auto whole = optim::elsaNmse(embeddings, all);
        const auto a = optim::elsaNmse(embeddings, first);
        const auto b = optim::elsaNmse(embeddings, second);
        QVERIFY(std::abs(whole.loss - (a.loss + b.loss) / 2) < 1e-6 * whole.loss);
        QVERIFY(relativeDifference(whole.gradient, (a.gradient + b.gradient) / 2) < 1e-5);
    }

    void nadamAgainstPyTorch()
    {
        const json sample = golden()["nadam"];
        at::Tensor value = at::tensor(sample["start"].get<std::vector<double>>(), at::kDouble).to(at::kFloat);
        value.set_requires_grad(true);
        optim::Nadam nadam({value}, {.learningRate = sample["learning_rate"]});
        for (std::size_t step = 0; step < sample["gradients"].size(); ++step) {
            value.mutable_grad() =
                at::tensor(sample["gradients"][step].get<std::vector<double>>(), at::kDouble).to(at::kFloat);
            nadam.step();
            const auto expected = sample["values"][step].get<std::vector<double>>();
            for (std::size_t i = 0; i < expected.size(); ++i) {
                const double actual = value.detach()[static_cast<std::int64_t>(i)].item<double>();
                QVERIFY2(std::abs(actual - expected[i]) < 2e-6,
                         qPrintable(QString("step %1: %2 against %3").arg(step).arg(actual).arg(expected[i])));
            }
        }
    }

    void gradientNormSeesWhatIsNotFinite()
    {
        at::Tensor value = at::ones({4}).set_requires_grad(true);
        value.mutable_grad() = at::full({4}, 2.0F);
        QCOMPARE(optim::gradientNorm({value}), 4.0);
        value.mutable_grad()[2] = std::numeric_limits<float>::quiet_NaN();
        QVERIFY(!std::isfinite(optim::gradientNorm({value})));
    }
};

APIARY_TEST(LossAndOptimizer)
#include "loss_test.moc"
