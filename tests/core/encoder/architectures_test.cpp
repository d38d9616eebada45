// libtorch's headers first: Qt's keywords clash with them.
#include "base/error.h"
#include "core/encoder/folder_fixture.h"
#include "encoder/architecture.h"
#include "encoder/checkpoint.h"

#include <ATen/core/grad_mode.h>

#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>

using namespace apiary;
using namespace apiary::encoder;
using namespace apiary::tests;

namespace {

/// A golden folder's network without its head, and its texts.
struct Subject {
    SafetensorsFile values;
    std::unique_ptr<Body> body;
    PackedTokens tokens;

    explicit Subject(const fs::path &folder)
        : values(SafetensorsFile::open(folder / "golden.safetensors"))
        , body(bodyOf(folder))
    {
        tokens = goldenTokens(values);
    }

    static std::unique_ptr<Body> bodyOf(const fs::path &folder)
    {
        const JsonFile config = JsonFile::read(folder / "config.json");
        const Checkpoint checkpoint = Checkpoint::open(folder);
        WeightSource weights;
        weights.get = [&](const std::string &name, at::IntArrayRef shape) { return checkpoint.weight(name, shape); };
        weights.has = [&](const std::string &name) { return checkpoint.has(name); };
        return architecture(config.string("model_type"), "").make(config, weights);
    }

    at::Tensor states(const PackedTokens &texts, bool fused, const DropoutPlan *dropout = nullptr) const
    {
        auto batch = std::make_shared<PackedBatch>();
        batch->offsets = texts.offsets;
        for (std::int64_t i = 0; i < texts.size(); ++i)
            batch->longest = std::max(batch->longest, texts.length(i));
        batch->fused = fused;
        return body->states(Pass{texts, std::move(batch), dropout});
    }

    /// One vector a text: "mean", "cls" or "last" of its states.
    at::Tensor pooled(const at::Tensor &states, const std::string &mode) const
    {
        std::vector<at::Tensor> rows;
        for (std::int64_t i = 0; i < tokens.size(); ++i) {
            const at::Tensor text = states.narrow(0, tokens.offsets[static_cast<std::size_t>(i)], tokens.length(i));
            rows.push_back(mode == "mean" ? text.mean(0) : mode == "cls" ? text[0] : text[tokens.length(i) - 1]);
        }
        return at::stack(rows);
    }

    /// Gradients of sum(mean embeddings · loss.weights) by name; zeros where there is none.
    std::map<std::string, at::Tensor> gradients(bool fused, const DropoutPlan *dropout = nullptr)
    {
        for (Parameter &parameter : body->parameters().all()) {
            parameter.value.mutable_grad().reset();
            parameter.value.set_requires_grad(true);
        }
        const at::Tensor weights = values.tensor("loss.weights");
        (pooled(states(tokens, fused, dropout), "mean") * weights).sum().backward();
        std::map<std::string, at::Tensor> result;
        for (const Parameter &parameter : body->parameters().all())
            result[parameter.name] =
                parameter.value.grad().defined() ? parameter.value.grad().clone() : at::zeros_like(parameter.value);
        return result;
    }
};

/// The largest ‖a − b‖ / ‖b‖ of the tensors; where ‖b‖ is rounding (a key's bias shifts all scores alike, its gradient
/// is zero) the difference counts against the largest ‖b‖.
double relativeDifference(const std::map<std::string, at::Tensor> &a, const std::map<std::string, at::Tensor> &b)
{
    double largest = 0, worst = 0;
    for (const auto &[name, value] : b)
        largest = std::max(largest, value.norm().item<double>());
    for (const auto &[name, value] : b)
        worst = std::max(worst, (a.at(name) - value).norm().item<double>() /
                                    std::max(value.norm().item<double>(), 1e-3 * largest));
    return worst;
}

} // namespace

/// Every architecture against transformers: data/architectures/NAME.
class ArchitecturesTest : public QObject {
    Q_OBJECT

private slots:
    void statesEqualTransformers_data() { rows(); }
    void statesEqualTransformers();
    void gradientsEqualTransformers_data() { rows(); }
    void gradientsEqualTransformers();
    void fusedEqualsTensorsWithDropout_data() { rows(); }
    void fusedEqualsTensorsWithDropout();
    void bothPassesSeeTheSameNetwork_data() { rows(); }
    void bothPassesSeeTheSameNetwork();
    void dropoutActsAtEverySite_data();
    void dropoutActsAtEverySite();
    void textsDoNotDependOnTheirNeighbours_data() { rows(); }
    void textsDoNotDependOnTheirNeighbours();
    void savedFolderGivesTheSame_data() { rows(); }
    void savedFolderGivesTheSame();
    void wrongFieldsAreNamed_data();
    void wrongFieldsAreNamed();

private:
    static void rows();
    static fs::path folder() { return golden() / "architectures" / QTest::currentDataTag(); }
};

void ArchitecturesTest::rows()
{
    QTest::addColumn<int>("unused");
    for (const fs::directory_entry &entry : fs::directory_iterator(golden() / "architectures"))
        QTest::addRow("%s", entry.path().filename().c_str()) << 0;
}

void ArchitecturesTest::statesEqualTransformers()
{
    const at::NoGradGuard noGradients;
    const Subject subject(folder());
    for (const bool fused : {true, false}) {
        const at::Tensor states = subject.states(subject.tokens, fused);
        for (const char *mode : {"mean", "cls", "last"}) {
            const double difference =
                maxDifference(subject.pooled(states, mode), subject.values.tensor(std::string("embeddings.") + mode));
            QVERIFY2(difference <= 1e-5, qPrintable(QString("%1: %2").arg(mode).arg(difference)));
            if (fused)
                qInfo("%s, %s: largest difference %.2g", QTest::currentDataTag(), mode, difference);
        }
    }
}

void ArchitecturesTest::gradientsEqualTransformers()
{
    Subject subject(folder());
    const at::Tensor projection = subject.values.tensor("projection").to(at::kDouble);
    for (const bool fused : {true, false}) {
        std::map<std::string, at::Tensor> found = subject.gradients(fused), expected;
        for (auto &[name, value] : found) {
            expected[name] = subject.values.tensor("gradient." + name).to(at::kDouble);
            value = value.to(at::kDouble);
            if (value.numel() > 600)
                value = projection.narrow(1, 0, value.size(0)).mm(value);
        }
        std::size_t known = 0;
        for (const std::string &name : subject.values.names())
            known += name.starts_with("gradient.");
        QCOMPARE(found.size(), known);
        const double difference = relativeDifference(found, expected);
        QVERIFY2(difference <= 1e-4, qPrintable(QString::number(difference)));
        if (fused)
            qInfo("%s: largest relative difference %.2g", QTest::currentDataTag(), difference);
    }
}

void ArchitecturesTest::fusedEqualsTensorsWithDropout()
{
    Subject subject(folder());
    const DropoutPlan plan{5, 3};
    {
        const at::NoGradGuard noGradients;
        const at::Tensor tensors = subject.states(subject.tokens, false, &plan);
        const double difference = maxDifference(subject.states(subject.tokens, true, &plan), tensors);
        QVERIFY2(difference <= 1e-5, qPrintable(QString::number(difference)));
        QVERIFY(maxDifference(subject.states(subject.tokens, true), tensors) > 1e-2);
    }
    const double difference = relativeDifference(subject.gradients(true, &plan), subject.gradients(false, &plan));
    QVERIFY2(difference <= 1e-4, qPrintable(QString::number(difference)));
}

// With gradients or without, alone or beside others: the same masks.
void ArchitecturesTest::bothPassesSeeTheSameNetwork()
{
    Subject subject(folder());
    const DropoutPlan plan{8, 1};
    for (Parameter &parameter : subject.body->parameters().all())
        parameter.value.set_requires_grad(true);
    const at::Tensor second = subject.states(subject.tokens, true, &plan).detach();
    const at::NoGradGuard noGradients;
    QVERIFY(at::equal(subject.states(subject.tokens, true, &plan), second));
    const at::Tensor alone = subject.states(goldenTokens(subject.values, {3}), true, &plan);
    QVERIFY(maxDifference(alone, second.narrow(0, subject.tokens.offsets[3], alone.size(0))) <= 1e-5);
}

void ArchitecturesTest::dropoutActsAtEverySite_data()
{
    QTest::addColumn<QString>("field");
    QTest::addRow("mpnet") << "hidden_dropout_prob attention_probs_dropout_prob";
    QTest::addRow("xlm_roberta") << "hidden_dropout_prob attention_probs_dropout_prob";
    QTest::addRow("distilbert") << "dropout attention_dropout";
    QTest::addRow("nomic_bert") << "hidden_dropout_prob attention_probs_dropout_prob";
    QTest::addRow("nomic_bert_hub") << "embd_pdrop attn_pdrop resid_pdrop";
    QTest::addRow("modern_bert") << "embedding_dropout attention_dropout mlp_dropout";
    QTest::addRow("qwen3") << "attention_dropout";
}

// Each probability alone changes the states, in training only.
void ArchitecturesTest::dropoutActsAtEverySite()
{
    QFETCH(const QString, field);
    const at::NoGradGuard noGradients;
    const DropoutPlan plan{5, 3};
    const QStringList fields = field.split(' ');
    for (int on = -1; on < fields.size(); ++on) {
        const QTemporaryDir place;
        const fs::path copy = fs::path(place.path().toStdString()) / "copy";
        fs::copy(folder(), copy);
        for (int i = 0; i < fields.size(); ++i)
            editJson(copy / "config.json",
                     [&](json &config) { config[fields[i].toStdString()] = i == on ? 0.2 : 0.0; });
        const Subject subject(copy);
        const double difference =
            maxDifference(subject.states(subject.tokens, true, &plan), subject.states(subject.tokens, true));
        QVERIFY2(on < 0 ? difference <= 1e-5 : difference > 1e-3, qPrintable(QString::number(difference)));
    }
}

void ArchitecturesTest::textsDoNotDependOnTheirNeighbours()
{
    const at::NoGradGuard noGradients;
    const Subject subject(folder());
    const at::Tensor together = subject.states(subject.tokens, true);
    for (std::int64_t i = 0; i < subject.tokens.size(); ++i) {
        const at::Tensor part =
            together.narrow(0, subject.tokens.offsets[static_cast<std::size_t>(i)], subject.tokens.length(i));
        QVERIFY(maxDifference(subject.states(goldenTokens(subject.values, {i}), true), part) <= 1e-5);
    }
}

void ArchitecturesTest::savedFolderGivesTheSame()
{
    const at::NoGradGuard noGradients;
    const LoadedModel model = loadModel(folder());
    const Subject subject(folder());
    const at::Tensor embeddings = model.transformer->forward(subject.tokens, {});
    QVERIFY(maxDifference(embeddings, subject.values.tensor("embeddings.mean")) <= 1e-5);
    const QTemporaryDir place;
    const fs::path target = fs::path(place.path().toStdString()) / "saved";
    saveModel(*model.transformer, folder(), target, "");
    const LoadedModel again = loadModel(target);
    QVERIFY(at::equal(again.transformer->forward(subject.tokens, {}), embeddings));
    // Under the names of the source.
    const Checkpoint source = Checkpoint::open(folder()), saved = Checkpoint::open(target);
    QCOMPARE(saved.names(), source.names());
}

void ArchitecturesTest::wrongFieldsAreNamed_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("value");
    const auto row = [](const char *name, const char *field, const char *value) {
        QTest::addRow("%s, %s %s", name, field, value) << name << field << value;
    };
    row("mpnet", "hidden_act", "\"selu\"");
    row("mpnet", "num_attention_heads", "5");
    row("mpnet", "relative_attention_num_buckets", "16");
    row("xlm_roberta", "position_embedding_type", "\"relative_key\"");
    row("xlm_roberta", "max_position_embeddings", "2");
    row("xlm_roberta", "is_decoder", "true");
    row("distilbert", "n_heads", "3");
    row("distilbert", "dropout", "1.5");
    row("nomic_bert", "rope_parameters", "[1]");
    row("nomic_bert", "head_dim", "4");
    row("nomic_bert_hub", "rotary_emb_fraction", "0.5");
    row("nomic_bert_hub", "prenorm", "true");
    row("nomic_bert_hub", "qkv_proj_bias", "true");
    row("nomic_bert_hub", "activation_function", "\"gelu\"");
    row("nomic_bert_hub", "num_experts", "8");
    row("modern_bert", "layer_types", "[\"full_attention\"]");
    row("modern_bert", "layer_types", "[\"a\", \"b\", \"c\", \"d\"]");
    row("modern_bert", "local_attention", "0");
    row("modern_bert", "rope_parameters", "{\"full_attention\": {\"rope_type\": \"yarn\"}}");
    row("qwen3", "num_key_value_heads", "3");
    row("qwen3", "head_dim", "7");
    row("qwen3", "rope_parameters", "{\"rope_type\": \"yarn\", \"factor\": 4}");
}

void ArchitecturesTest::wrongFieldsAreNamed()
{
    QFETCH(const QString, name);
    QFETCH(const QString, field);
    QFETCH(const QString, value);
    const QTemporaryDir place;
    const fs::path copy = fs::path(place.path().toStdString()) / "copy";
    fs::copy(golden() / "architectures" / name.toStdString(), copy);
    editJson(copy / "config.json",
             [&](json &config) { config[field.toStdString()] = json::parse(value.toStdString()); });
    try {
        loadModel(copy);
        QFAIL("it was read");
    } catch (const InputError &error) {
        const QString where = QString::fromStdString(error.where());
        QVERIFY2(where.contains("config.json, " + field), qPrintable(where));
    }
}

APIARY_TEST(ArchitecturesTest)

#include "architectures_test.moc"
