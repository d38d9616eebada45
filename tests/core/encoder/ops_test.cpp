// libtorch's headers first: Qt's keywords would break them.
#include "base/cancel.h"
#include "encoder/kernels.h"
#include "encoder/ops.h"
#include "support/tiny_training.h"

#include "support/registry.h"

#include <QTest>
#include <set>

using namespace apiary;
using namespace apiary::encoder;

namespace {

BatchPtr batchOf(std::vector<std::int64_t> lengths, bool fused)
{
    auto batch = std::make_shared<PackedBatch>();
    batch->offsets = {0};
    for (const std::int64_t length : lengths) {
        batch->offsets.push_back(batch->offsets.back() + length);
        batch->longest = std::max(batch->longest, length);
    }
    batch->fused = fused;
    return batch;
}

double largestDifference(const at::Tensor &a, const at::Tensor &b)
{
    return (a - b).abs().max().item<double>();
}

// Output and input gradients of an operation, with fixed pseudo-random weights for the scalar.
template <typename Operation>
std::vector<at::Tensor> outputAndGradients(std::vector<at::Tensor> inputs, const Operation &operation)
{
    for (at::Tensor &input : inputs)
        input = input.detach().clone().set_requires_grad(true);
    const at::Tensor y = operation(inputs);
    const at::Tensor weights = at::sin(at::arange(y.numel(), at::kFloat)).view(y.sizes());
    (y * weights).sum().backward();
    std::vector<at::Tensor> results{y.detach()};
    for (const at::Tensor &input : inputs)
        results.push_back(input.grad());
    return results;
}

} // namespace

class Operations : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { at::manual_seed(4); }

    // Invariant 1: the same bits in integer tensor operations and in plain integers.
    void masksAreTheSameBitsEverywhere()
    {
        const BatchPtr batch = batchOf({3, 7, 5}, false);
        const DropoutPlan plan{42, 9};
        Mask mask{{plan.key(11, 2, DropoutSite::AttentionOutput), plan.key(0, 2, DropoutSite::AttentionOutput),
                   plan.key(1 << 20, 2, DropoutSite::AttentionOutput)},
                  0.3};
        const at::Tensor hidden = hiddenMask(*batch, mask, 33);
        for (std::int64_t text = 0; text < 3; ++text)
            for (std::int64_t p = 0; p < batch->length(text); ++p)
                for (std::int64_t c = 0; c < 33; ++c) {
                    const std::uint32_t bits =
                        dropoutBits(mask.keys[static_cast<std::size_t>(text)], hiddenCounter(p, 33, c));
                    const bool kept = static_cast<std::int32_t>(bits >> 8) >= mask.threshold();
                    QCOMPARE(hidden[batch->begin(text) + p][c].item<float>(), kept ? mask.keep() : 0.0F);
                }
        const at::Tensor scores = attentionMask(*batch, mask, 4);
        for (const auto &[text, head, q, k] : {std::array<std::int64_t, 4>{0, 0, 0, 0}, {1, 3, 6, 2}, {2, 2, 4, 4}}) {
            const std::uint32_t bits =
                dropoutBits(mask.keys[static_cast<std::size_t>(text)], attentionCounter(head, q, k));
            QCOMPARE(scores[text][head][q][k].item<float>() > 0,
                     static_cast<std::int32_t>(bits >> 8) >= mask.threshold());
        }
    }

    void masksAreFairAndIndependent()
    {
        const double p = 0.1;
        constexpr std::uint32_t n = 1 << 18;
        const DropoutPlan plan{1, 1};
        const std::uint64_t a = plan.key(0, 0, DropoutSite::AttentionOutput),
                            b = plan.key(1, 0, DropoutSite::AttentionOutput);
        const auto dropped = [&](std::uint64_t key, std::uint32_t i) {
            return static_cast<std::int32_t>(dropoutBits(key, i) >> 8) < dropoutThreshold(p);
        };
        int first = 0, items = 0, neighbours = 0;
        for (std::uint32_t i = 0; i < n; ++i) {
            first += dropped(a, i);
            items += dropped(a, i) && dropped(b, i);
            neighbours += dropped(a, i) && dropped(a, i + 1);
        }
        const double sigma = std::sqrt(n * p * (1 - p)), jointSigma = std::sqrt(n * p * p * (1 - p * p));
        QVERIFY(std::abs(first - n * p) < 5 * sigma);
        QVERIFY(std::abs(items - n * p * p) < 5 * jointSigma);
        QVERIFY(std::abs(neighbours - n * p * p) < 5 * jointSigma);
    }

    void keysDifferByEveryPart()
    {
        std::set<std::uint64_t> keys;
        for (std::uint64_t seed : {1, 2})
            for (std::int64_t step : {1, 2})
                for (std::int64_t item : {0, 1})
                    for (std::int64_t layer : {0, 1})
                        for (const auto site : {DropoutSite::Embeddings, DropoutSite::AttentionOutput})
                            keys.insert(DropoutPlan{seed, step}.key(item, layer, site));
        QCOMPARE(keys.size(), std::size_t{32});
    }

    void fusedEqualsTensors_data()
    {
        QTest::addColumn<bool>("dropped");
        QTest::newRow("dropout") << true;
        QTest::newRow("no dropout") << false;
    }

    void fusedEqualsTensors()
    {
        QFETCH(bool, dropped);
        const std::vector<std::int64_t> lengths{1, 4, 4, 9, 17};
        const DropoutPlan plan{3, 2};
        Mask mask{{}, 0.2};
        for (std::int64_t item = 0; dropped && item < 5; ++item)
            mask.keys.push_back(plan.key(item, 1, DropoutSite::AttentionProbabilities));
        const auto compare = [&](const char *what, const std::vector<at::Tensor> &inputs, const auto &operation) {
            const auto fused =
                outputAndGradients(inputs, [&](const auto &in) { return operation(batchOf(lengths, true), in); });
            const auto plain =
                outputAndGradients(inputs, [&](const auto &in) { return operation(batchOf(lengths, false), in); });
            for (std::size_t i = 0; i < fused.size(); ++i) {
                const double difference = largestDifference(fused[i], plain[i]);
                const double limit = 2e-6 * (1 + largestDifference(plain[i], at::zeros_like(plain[i])));
                QVERIFY2(difference <= limit,
                         qPrintable(QString("%1, result %2: %3").arg(what).arg(i).arg(difference)));
            }
        };
        compare("attention", {at::randn({35, 24}), at::randn({35, 24}), at::randn({35, 24})},
                [&](const BatchPtr &batch, const auto &in) {
                    return attention(batch, in[0], in[1], in[2], {.heads = 3}, mask);
                });
        compare("addNorm", {at::randn({35, 24}), at::randn({35, 24}), at::randn({24}), at::randn({24})},
                [&](const BatchPtr &batch, const auto &in) {
                    return addNorm(batch, in[0], in[1], Norm{in[2], in[3]}, 1e-12, mask);
                });
        compare("addNorm without residual", {at::randn({35, 24}), at::randn({24}), at::randn({24})},
                [&](const BatchPtr &batch, const auto &in) {
                    return addNorm(batch, in[0], at::Tensor(), Norm{in[1], in[2]}, 1e-5, mask);
                });
        compare("dropout", {at::randn({35, 24})},
                [&](const BatchPtr &batch, const auto &in) { return dropout(batch, in[0] * 1.0F, mask); });
        compare("feedForward",
                {at::randn({35, 24}), at::randn({40, 24}), at::randn({40}), at::randn({24, 40}), at::randn({24})},
                [&](const BatchPtr &batch, const auto &in) {
                    return feedForward(batch, in[0], Linear{in[1], in[2], {}, {}}, Linear{in[3], in[4], {}, {}});
                });
    }

    void everyInstructionSetAgrees_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"avx2", "avx512"})
            QTest::newRow(name) << QString(name);
    }

    void everyInstructionSetAgrees()
    {
        QFETCH(QString, name);
        const Kernels *other = kernelsNamed(qPrintable(name));
        if (!other)
            QSKIP("this processor or build lacks it");
        const Kernels &plain = *kernelsNamed("default");
        const at::Tensor x = at::randn({1003}) * 4, dy = at::randn({1003});
        const auto both = [&](const auto &run) {
            const at::Tensor a = run(plain), b = run(*other);
            QVERIFY2(largestDifference(a, b) < 3e-6, qPrintable(QString::number(largestDifference(a, b))));
            QVERIFY(at::equal(a.eq(0), b.eq(0))); // masks are the same bits
        };
        both([&](const Kernels &k) {
            at::Tensor y = x.clone();
            k.dropout(1003, 0x123456789ABCDEFULL, 17, dropoutThreshold(0.4), 2.0F, y.mutable_data_ptr<float>());
            return y;
        });
        both([&](const Kernels &k) {
            at::Tensor s = x.clone();
            k.softmax(1001, 1003, 0.5F, 99, 5, dropoutThreshold(0.1), 1.1F, s.mutable_data_ptr<float>());
            return s;
        });
        both([&](const Kernels &k) {
            at::Tensor y = at::empty_like(x), d = dy.clone();
            k.geluBackward(1003, x.const_data_ptr<float>(), y.mutable_data_ptr<float>(), d.mutable_data_ptr<float>());
            return at::cat({y, d});
        });
    }

    void geluIsTheExactForm()
    {
        const at::Tensor x = at::linspace(-12, 12, 20001);
        at::Tensor y = at::empty_like(x);
        kernels().gelu(x.numel(), x.const_data_ptr<float>(), y.mutable_data_ptr<float>());
        QVERIFY(largestDifference(y, at::gelu(x.to(at::kDouble)).to(at::kFloat)) < 1e-6);
    }

    void cutsByLength()
    {
        const std::vector<std::int64_t> lengths{5, 1, 9, 5, 30, 2};
        const auto batches = cutByLength(lengths, 16);
        const std::vector<std::vector<std::int64_t>> expected{{1, 5, 0}, {3}, {2}, {4}};
        QCOMPARE(batches, expected);
        QVERIFY(cutByLength({}, 16).empty());
    }

    void stopsBetweenOperations()
    {
        tests::TinyTraining tiny;
        std::stop_source stop;
        stop.request_stop();
        ForwardOptions options;
        options.stop = stop.get_token();
        for (const bool tensors : {false, true}) {
            options.tensorOperations = tensors;
            QVERIFY_EXCEPTION_THROWN(tiny.model->forward(tiny.tokens, options), Cancelled);
        }
    }

    void stopsInTheBackwardPass()
    {
        for (const bool tensors : {false, true}) {
            tests::TinyTraining tiny;
            tiny.requireGradients();
            std::stop_source stop;
            ForwardOptions options;
            options.tensorOperations = tensors;
            options.stop = stop.get_token();
            const at::Tensor result = tiny.model->forward(tiny.tokens, options);
            stop.request_stop();
            QVERIFY_EXCEPTION_THROWN(result.sum().backward(), Cancelled);
        }
    }
};

APIARY_TEST(Operations)
#include "ops_test.moc"
