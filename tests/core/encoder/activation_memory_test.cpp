// libtorch's headers first: Qt's keywords clash with them.
#include "core/encoder/folder_fixture.h"
#include "encoder/architecture.h"

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include "support/registry.h"

#include <QTest>
#include <atomic>

using namespace apiary;
using namespace apiary::encoder;
using namespace apiary::tests;

namespace {

/// Counts what libtorch's CPU allocator gives and takes back in this thread.
class Meter final : public c10::MemoryReportingInfoBase {
public:
    std::atomic<std::int64_t> live{0};

    void reportMemoryUsage(void *, std::int64_t size, std::size_t, std::size_t, c10::Device device) override
    {
        if (device.is_cpu())
            live += size;
    }
    bool memoryProfilingEnabled() const override { return true; }
};

/// Random weights for a configuration.
std::unique_ptr<Body> randomBody(const JsonFile &config)
{
    at::manual_seed(1);
    WeightSource weights;
    weights.get = [](const std::string &, at::IntArrayRef shape) {
        return (at::randn(shape) * 0.1).set_requires_grad(true);
    };
    weights.has = [](const std::string &) { return false; };
    return architecture(config.string("model_type"), "").make(config, weights);
}

} // namespace

/// What a training pass keeps until its backward pass is what the body says: the planner of micro-batches relies on it.
class ActivationMemoryTest : public QObject {
    Q_OBJECT

private slots:
    void statedEqualsKept_data();
    void statedEqualsKept();
};

void ActivationMemoryTest::statedEqualsKept_data()
{
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("changes");
    QTest::addRow("bert") << "bert"
                          << "{}";
    QTest::addRow("bert with tanh") << "bert"
                                    << "{\"hidden_act\": \"gelu_new\"}";
    QTest::addRow("mpnet") << "mpnet"
                           << "{}";
    QTest::addRow("xlm-roberta") << "xlm-roberta"
                                 << "{}";
    QTest::addRow("distilbert") << "distilbert"
                                << "{}";
    QTest::addRow("nomic_bert") << "nomic_bert"
                                << "{}";
    QTest::addRow("modernbert") << "modernbert"
                                << "{}";
    QTest::addRow("qwen3") << "qwen3"
                           << "{\"num_key_value_heads\": 2, \"head_dim\": 40}";
}

void ActivationMemoryTest::statedEqualsKept()
{
    QFETCH(const QString, type);
    QFETCH(const QString, changes);
    json config{{"model_type", type.toStdString()},
                {"hidden_size", 96},
                {"dim", 96},
                {"num_hidden_layers", 4},
                {"n_layers", 4},
                {"num_attention_heads", 4},
                {"n_heads", 4},
                {"intermediate_size", 256},
                {"hidden_dim", 256},
                {"vocab_size", 50},
                {"max_position_embeddings", 210}};
    config.update(json::parse(changes.toStdString()));
    const std::unique_ptr<Body> body = randomBody(JsonFile::of(config, "config.json"));
    PackedTokens tokens;
    for (std::int64_t i = 0; i < 20; ++i)
        tokens.add(std::vector<std::int32_t>(static_cast<std::size_t>(200 - 4 * i), 7), i);
    auto batch = std::make_shared<PackedBatch>();
    batch->offsets = tokens.offsets;
    batch->longest = 200;
    const auto meter = std::make_shared<Meter>();
    const DropoutPlan plan{1, 1};
    const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, meter);
    const at::Tensor states = body->states(Pass{tokens, batch, &plan});
    const double kept = static_cast<double>(meter->live) / static_cast<double>(tokens.tokens());
    const auto stated = static_cast<double>(body->activationBytesPerToken(batch->longest));
    QVERIFY(states.requires_grad());
    QVERIFY2(kept < 1.03 * stated && kept > 0.85 * stated,
             qPrintable(QString("kept %1, stated %2 bytes a token").arg(kept).arg(stated)));
}

APIARY_TEST(ActivationMemoryTest)

#include "activation_memory_test.moc"
