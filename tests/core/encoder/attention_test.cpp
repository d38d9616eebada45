// libtorch's headers first: Qt's keywords would break them.
#include "base/error.h"
#include "encoder/attention_tiles.h"
#include "encoder/ops.h"

#include <ATen/Parallel.h>

#include "support/registry.h"

#include <QTest>
#include <array>
#include <map>

using namespace apiary;
using namespace apiary::encoder;

namespace {

constexpr std::int64_t headWidth = 8;

struct Case {
    AttentionShape shape;
    bool biased = false;
    bool rotated = false;
};

BatchPtr batchOf(const std::vector<std::int64_t> &lengths, bool fused, std::stop_token stop = {})
{
    auto batch = std::make_shared<PackedBatch>();
    batch->offsets = {0};
    for (const std::int64_t length : lengths) {
        batch->offsets.push_back(batch->offsets.back() + length);
        batch->longest = std::max(batch->longest, length);
    }
    batch->fused = fused;
    batch->stop = stop;
    return batch;
}

Mask maskOf(std::size_t texts, double probability)
{
    Mask mask{{}, probability};
    for (std::size_t i = 0; i < texts; ++i)
        mask.keys.push_back(
            DropoutPlan{3, 4}.key(static_cast<std::int64_t>(i), 1, DropoutSite::AttentionProbabilities));
    return mask;
}

/// The result and the gradients of q, k, v and the bias, for a scalar with fixed weights.
std::vector<at::Tensor> outputAndGradients(const Case &one, const std::vector<std::int64_t> &lengths, bool fused,
                                           double dropout)
{
    at::manual_seed(9);
    const BatchPtr batch = batchOf(lengths, fused);
    AttentionShape shape = one.shape;
    if (one.rotated)
        shape.rotary = rotaryTable(headWidth, 100, batch->longest, at::kCPU);
    const std::int64_t keys = shape.headsOfKeys() * headWidth, queries = shape.heads * headWidth;
    std::vector<at::Tensor> inputs{at::randn({batch->tokens(), queries}), at::randn({batch->tokens(), keys}),
                                   at::randn({batch->tokens(), keys})};
    if (one.biased)
        inputs.push_back(at::randn({shape.heads, 2 * batch->longest - 1}));
    for (at::Tensor &input : inputs)
        input.set_requires_grad(true);
    if (one.biased)
        shape.bias = inputs[3];
    const at::Tensor y = attention(batch, inputs[0], inputs[1], inputs[2], shape,
                                   dropout > 0 ? maskOf(lengths.size(), dropout) : Mask{});
    (y * at::sin(at::arange(y.numel(), at::kFloat)).view(y.sizes())).sum().backward();
    std::vector<at::Tensor> results{y.detach()};
    for (const at::Tensor &input : inputs)
        results.push_back(input.grad());
    return results;
}

} // namespace

class AttentionTest : public QObject {
    Q_OBJECT

private slots:
    void fusedEqualsTensors_data();
    void fusedEqualsTensors();
    void tilesCoverWhatIsSeen_data() { fusedEqualsTensors_data(); }
    void tilesCoverWhatIsSeen();
    void resultsDoNotDependOnThreads();
    void rotationKeepsLengths();
    void rmsNormIsItsFormula();
    void stopsInBothDirections();
};

void AttentionTest::fusedEqualsTensors_data()
{
    QTest::addColumn<int>("heads");
    QTest::addColumn<int>("keyHeads");
    QTest::addColumn<bool>("causal");
    QTest::addColumn<int>("window");
    QTest::addColumn<bool>("biased");
    QTest::addColumn<bool>("rotated");
    QTest::addRow("plain") << 4 << 4 << false << -1 << false << false;
    QTest::addRow("bias") << 4 << 4 << false << -1 << true << false;
    QTest::addRow("rotated") << 4 << 4 << false << -1 << false << true;
    QTest::addRow("window") << 4 << 4 << false << 9 << false << true;
    QTest::addRow("narrow window") << 2 << 2 << false << 1 << false << false;
    QTest::addRow("causal") << 4 << 4 << true << -1 << false << false;
    QTest::addRow("causal window, grouped") << 6 << 2 << true << 33 << false << true;
    QTest::addRow("grouped to one") << 4 << 1 << false << -1 << false << false;
    QTest::addRow("all at once") << 6 << 3 << true << 40 << true << true;
}

#define APIARY_CASE                                                                                                    \
    QFETCH(const int, heads);                                                                                          \
    QFETCH(const int, keyHeads);                                                                                       \
    QFETCH(const bool, causal);                                                                                        \
    QFETCH(const int, window);                                                                                         \
    QFETCH(const bool, biased);                                                                                        \
    QFETCH(const bool, rotated);                                                                                       \
    const Case one                                                                                                     \
    {                                                                                                                  \
        {heads, keyHeads, causal, window}, biased, rotated                                                             \
    }

// Texts of one token, short ones that share a tile, and one long enough to be cut.
void AttentionTest::fusedEqualsTensors()
{
    APIARY_CASE;
    const std::vector<std::int64_t> lengths{5, 1, 600, 33};
    for (const double dropout : {0.0, 0.2}) {
        const auto fused = outputAndGradients(one, lengths, true, dropout);
        const auto tensors = outputAndGradients(one, lengths, false, dropout);
        QCOMPARE(fused.size(), tensors.size());
        for (std::size_t i = 0; i < fused.size(); ++i) {
            const double difference = (fused[i] - tensors[i]).norm().item<double>() / tensors[i].norm().item<double>();
            QVERIFY2(difference < 2e-5, qPrintable(QString("%1: %2").arg(i).arg(difference)));
        }
    }
}

void AttentionTest::tilesCoverWhatIsSeen()
{
    APIARY_CASE;
    Q_UNUSED(biased)
    Q_UNUSED(rotated)
    const BatchPtr batch = batchOf({7, 6000, 1, 30, 30}, true);
    std::map<std::array<std::int64_t, 3>, int> covered; // text, head, query
    bool inside = true, once = true;
    for (const AttentionTile &tile : attentionTiles(*batch, one.shape)) {
        QVERIFY(tile.matrices() * tile.queries() * tile.keys() <= 1 << 21);
        QCOMPARE(tile.firstHead % (heads / keyHeads), std::int64_t{0});
        for (std::int64_t i = 0; i < tile.matrices(); ++i)
            for (std::int64_t q = tile.queryBegin; q < std::min(tile.queryEnd, batch->length(tile.text(i))); ++q) {
                const auto [first, last] = visibleKeys(one.shape, q, batch->length(tile.text(i)));
                inside = inside && first >= tile.keyBegin && last <= tile.keyEnd && first <= q && q < last;
                ++covered[{tile.text(i), tile.head(i), q}];
            }
    }
    QCOMPARE(covered.size(), static_cast<std::size_t>(batch->tokens() * heads));
    for (const auto &[place, times] : covered)
        once = once && times == 1;
    QVERIFY(inside);
    QVERIFY(once);
}

void AttentionTest::resultsDoNotDependOnThreads()
{
    const Case one{{6, 2, false, -1}, true, true};
    const int before = at::get_num_threads();
    std::vector<std::vector<at::Tensor>> results;
    for (const int threads : {1, 3}) {
        at::set_num_threads(threads);
        results.push_back(outputAndGradients(one, {300, 4, 90}, true, 0.1));
    }
    at::set_num_threads(before);
    for (std::size_t i = 0; i < results[0].size(); ++i)
        QVERIFY2(at::allclose(results[0][i], results[1][i], 1e-6, 1e-6), qPrintable(QString::number(i)));
}

void AttentionTest::rotationKeepsLengths()
{
    at::manual_seed(2);
    const at::Tensor x = at::randn({5, 3 * headWidth});
    const at::Tensor position = at::tensor({0, 1, 2, 70, 4}, at::kLong);
    const at::Tensor y = rotated(x, 3, rotaryTable(headWidth, 10000, 100, at::kCPU), position);
    QVERIFY(at::allclose(y[0], x[0]));
    QVERIFY(!at::allclose(y[3], x[3], 1e-2, 1e-2));
    const auto lengths = [](const at::Tensor &t) { return t.view({5, 3, 2, headWidth / 2}).norm(2, {2}); };
    QVERIFY(at::allclose(lengths(y), lengths(x), 1e-5, 1e-6));
}

void AttentionTest::rmsNormIsItsFormula()
{
    for (const std::int64_t width : {24, 8}) {
        std::vector<std::vector<at::Tensor>> results;
        for (const bool fused : {true, false}) {
            at::manual_seed(3);
            const at::Tensor x = at::randn({300, 24}).set_requires_grad(true);
            const at::Tensor weight = at::randn({width}).set_requires_grad(true);
            const at::Tensor y = rmsNorm(batchOf({100, 200}, fused), x, weight, 1e-3);
            (y * at::cos(at::arange(y.numel(), at::kFloat)).view(y.sizes())).sum().backward();
            results.push_back({y.detach(), x.grad(), weight.grad()});
        }
        for (std::size_t i = 0; i < 3; ++i)
            QVERIFY(at::allclose(results[0][i], results[1][i], 1e-5, 1e-5));
    }
}

void AttentionTest::stopsInBothDirections()
{
    std::stop_source source;
    const BatchPtr batch = batchOf({9, 4}, true, source.get_token());
    const at::Tensor x = at::randn({13, 16}).set_requires_grad(true);
    const at::Tensor weight = at::ones({16});
    const at::Tensor attended = attention(batch, x, x, x, {2}, Mask{}).sum();
    const at::Tensor normed = rmsNorm(batch, x, weight, 1e-6).sum();
    Linear down;
    down.weight = at::ones({16, 16});
    const at::Tensor gated = gatedFeedForward(batch, x, x, down, Activation::Silu).sum();
    source.request_stop();
    for (const at::Tensor &loss : {attended, normed, gated})
        QVERIFY_THROWS_EXCEPTION(Cancelled, loss.backward());
    QVERIFY_THROWS_EXCEPTION(Cancelled, attention(batch, x, x, x, {2}, Mask{}));
    QVERIFY_THROWS_EXCEPTION(Cancelled, rmsNorm(batch, x, weight, 1e-6));
    QVERIFY_THROWS_EXCEPTION(Cancelled, gatedFeedForward(batch, x, x, down, Activation::Silu));
}

APIARY_TEST(AttentionTest)

#include "attention_test.moc"
