// libtorch's headers first: Qt's keywords clash with them.
#include "core/encoder/folder_fixture.h"
#include "encoder/kernels.h"
#include "encoder/packed_matrix.h"
#include "encoder/quantized_linear.h"

#include <ATen/core/grad_mode.h>

#include "support/registry.h"

#include <QTest>

using namespace apiary;
using namespace apiary::encoder;
using namespace apiary::tests;

/// Evaluation mode's own operations: biases added late, joined projections, whole numbers.
class EvaluationTest : public QObject {
    Q_OBJECT

private slots:
    void kernelsAreTheirFormulas_data();
    void kernelsAreTheirFormulas();
    void quantizedProductIsTheIntegers();
    void packedProductIsTheProduct();
    void followsTheParameters();
    void quantizedIsNear();
};

void EvaluationTest::kernelsAreTheirFormulas_data()
{
    QTest::addColumn<QString>("name");
    for (const char *name : {"default", "avx2", "avx512"})
        QTest::newRow(name) << name;
}

void EvaluationTest::kernelsAreTheirFormulas()
{
    QFETCH(const QString, name);
    const Kernels *k = kernelsNamed(qPrintable(name));
    if (!k)
        QSKIP("this processor or build lacks it");
    const std::int64_t width = 101;
    at::manual_seed(7);
    const at::Tensor x = at::randn({width}), bias = at::randn({width}), residual = at::randn({width}),
                     gamma = at::randn({width}), beta = at::randn({width});
    const auto data = [](const at::Tensor &t) { return t.const_data_ptr<float>(); };
    const auto applied = [&](const auto &operation) {
        at::Tensor y = x.clone();
        operation(y.mutable_data_ptr<float>());
        return y;
    };
    QVERIFY(at::equal(applied([&](float *y) { k->addBias(width, data(bias), y); }), x + bias));
    QVERIFY(maxDifference(applied([&](float *y) { k->biasGelu(width, data(bias), y); }), at::gelu(x + bias)) < 2e-6);
    QVERIFY(maxDifference(applied([&](float *y) {
                              k->biasNorm(width, data(bias), data(residual), data(gamma), data(beta), 1e-5F, y);
                          }),
                          at::layer_norm(x + bias + residual, {width}, gamma, beta, 1e-5)) < 2e-6);
    QVERIFY(maxDifference(
                applied([&](float *y) { k->biasNorm(width, nullptr, data(residual), data(gamma), nullptr, 1e-5F, y); }),
                at::layer_norm(x + residual, {width}, gamma, {}, 1e-5)) < 2e-6);

    std::vector<std::int8_t> whole(static_cast<std::size_t>(width));
    const float scale = k->quantize(width, data(x), whole.data());
    QVERIFY(std::abs(scale * 127 - x.abs().max().item<float>()) < 1e-5F);
    int largest = 0;
    for (std::int64_t i = 0; i < width; ++i) {
        const int q = whole[static_cast<std::size_t>(i)];
        QVERIFY(std::abs(static_cast<float>(q) * scale - data(x)[i]) <= scale * 0.5001F);
        largest = std::max(largest, std::abs(q));
    }
    QCOMPARE(largest, 127);
    const std::vector<float> zeros(static_cast<std::size_t>(width), 0.0F);
    k->quantize(width, zeros.data(), whole.data());
    QCOMPARE(std::count(whole.begin(), whole.end(), 0), width);
}

void EvaluationTest::quantizedProductIsTheIntegers()
{
    at::manual_seed(8);
    Linear linear;
    linear.weight = at::randn({24, 40});
    const auto whole = quantized(linear);
    const at::Tensor x = at::randn({17, 40});
    const at::Tensor rowScales = x.abs().amax(1, true) / 127;
    const at::Tensor expected = (x / rowScales).round().to(at::kDouble).mm(whole->weight.to(at::kDouble)) *
                                rowScales.to(at::kDouble) * whole->scales.to(at::kDouble);
    QVERIFY(maxDifference(quantizedProduct(x, *whole), expected) < 1e-5);
    QVERIFY(maxDifference(quantizedProduct(x, *whole), x.mm(linear.weight.t())) < 0.3);
    QVERIFY(maxDifference(whole->weight.t().to(at::kFloat) * whole->scales.unsqueeze(1), linear.weight) < 0.02);
}

/// The joined projections are the parameters themselves: what training changes shows at once.
// Whatever arranges the matrix; batches of any number of rows, one included.
void EvaluationTest::packedProductIsTheProduct()
{
    const at::NoGradGuard noGradients;
    at::manual_seed(3);
    const at::Tensor weight = at::randn({96, 64});
    const auto packed = PackedMatrix::of(weight);
    if (!packed)
        QSKIP("this libtorch has no arranged products");
    for (const std::int64_t rows : {1, 7, 133, 512, 700}) {
        const at::Tensor x = at::randn({rows, 64});
        QVERIFY(maxDifference(packed->product(x), x.mm(weight.t())) < 1e-4);
    }
    weight.zero_(); // a copy: it does not follow
    QVERIFY(packed->product(at::ones({2, 64})).abs().max().item<float>() > 1e-3F);
    QVERIFY(PackedMatrix::of(weight.to(at::kDouble)) == nullptr);

    // A whole network with arranged matrices, and without them again.
    const LoadedModel model = loadModel(tinyFolder());
    const PackedTokens tokens = goldenTokens(SafetensorsFile::open(golden() / "tiny-bert.safetensors"));
    const at::Tensor plain = model.transformer->forward(tokens, {});
    model.transformer->packWeights(true);
    const at::Tensor arranged = model.transformer->forward(tokens, {});
    QVERIFY(maxDifference(arranged, plain) < 1e-5);
    model.transformer->packWeights(false);
    QVERIFY(at::equal(model.transformer->forward(tokens, {}), plain));
}

void EvaluationTest::followsTheParameters()
{
    const SafetensorsFile golden = SafetensorsFile::open(tests::golden() / "tiny-bert.safetensors");
    const PackedTokens tokens = goldenTokens(golden);
    const LoadedModel model = loadModel(tinyFolder());
    const at::NoGradGuard noGradients;
    const at::Tensor before = model.transformer->forward(tokens, {});
    for (Parameter &parameter : model.transformer->parameters())
        if (parameter.name.find("attention.self") != std::string::npos)
            parameter.value.add_(at::randn_like(parameter.value), 0.2);
    ForwardOptions plain;
    plain.tensorOperations = true;
    const at::Tensor after = model.transformer->forward(tokens, {});
    QVERIFY(maxDifference(after, before) > 1e-3);
    QVERIFY(maxDifference(after, model.transformer->forward(tokens, plain)) < 1e-5);
}

void EvaluationTest::quantizedIsNear()
{
    const SafetensorsFile golden = SafetensorsFile::open(tests::golden() / "tiny-bert.safetensors");
    const PackedTokens tokens = goldenTokens(golden);
    const LoadedModel model = loadModel(tinyFolder());
    const at::NoGradGuard noGradients;
    const at::Tensor exact = model.transformer->forward(tokens, {});
    model.transformer->quantize();
    const at::Tensor approximate = model.transformer->forward(tokens, {});
    QVERIFY(!at::equal(exact, approximate));
    QVERIFY((exact * approximate).sum(1).min().item<double>() > 0.999); // both normalised
    // Plain tensor operations stay exact.
    ForwardOptions plain;
    plain.tensorOperations = true;
    QVERIFY(maxDifference(model.transformer->forward(tokens, plain), exact) < 1e-5);
}

APIARY_TEST(EvaluationTest)

#include "evaluation_test.moc"
