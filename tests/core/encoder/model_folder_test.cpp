// libtorch's headers first: Qt's keywords clash with them.
#include "core/encoder/folder_fixture.h"

#include <ATen/core/grad_mode.h>

#include "base/error.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>
#include <sys/resource.h>

using namespace apiary;
using namespace apiary::encoder;
using namespace apiary::tests;

class ModelFolderTest : public QObject {
    Q_OBJECT

private slots:
    void init();
    void readsConfiguration();
    void maximumLength();
    void olderSentenceConfigs();
    void poolingOfABareTransformer();
    void embeddingsMatch_data();
    void embeddingsMatch();
    void gradientsMatch_data();
    void gradientsMatch();
    void neighboursDoNotMatter();
    void savedIsTheSame();
    void savedKeepsWhatItDoesNotKnow();
    void savedFromHalfPrecision();
    void savingFailsWhole();
    void hashTellsEncodersApart();

private:
    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path m_folder; ///< a copy of the tiny BERT
};

void ModelFolderTest::init()
{
    m_temporary = std::make_unique<QTemporaryDir>();
    QVERIFY(m_temporary->isValid());
    m_folder = fs::path(m_temporary->path().toStdString()) / "tiny";
    fs::copy(tinyFolder(), m_folder, fs::copy_options::recursive);
}

void ModelFolderTest::readsConfiguration()
{
    const ModelConfig config = readModelConfig(m_folder);
    QCOMPARE(config.modelType, std::string("bert"));
    QCOMPARE(config.hiddenSize, 32);
    QCOMPARE(config.layers, 2);
    QCOMPARE(config.vocabularySize, 200);
    QCOMPARE(config.maxPositions, 64);
    QCOMPARE(config.maxTokens, 48);
    QVERIFY(config.pooling() == std::vector{Pooling::Mean});
    QVERIFY(config.normalized());
    QCOMPARE(config.dimension(), 32);
    QVERIFY(config.transformerPath.empty());

    const LoadedModel model = loadModel(m_folder);
    QCOMPARE(model.architecture, std::string("bert"));
    QCOMPARE(model.hash.size(), 32U);
    // 200·32 + 64·32 + 2·32 + 2·32, and a layer 4·(32·32 + 32) + 2·64·32 + 64 + 32 + 4·32
    QCOMPARE(model.parameterCount, 8576 + 2 * 8544);
}

void ModelFolderTest::maximumLength()
{
    const auto sentence = [&](const json &length) {
        editJson(m_folder / "sentence_bert_config.json", [&](json &c) { c["max_seq_length"] = length; });
        return readModelConfig(m_folder).maxTokens;
    };
    QCOMPARE(sentence(20), 20);
    QCOMPARE(sentence(500), 64);     // no more than there are positions
    QCOMPARE(sentence(nullptr), 48); // the tokenizer's
    editJson(m_folder / "tokenizer_config.json",
             [](json &c) { c["model_max_length"] = 1000000000000000019884624838656.0; });
    QCOMPARE(sentence(nullptr), 64);
    fs::remove(m_folder / "sentence_bert_config.json");
    fs::remove(m_folder / "tokenizer_config.json");
    QCOMPARE(readModelConfig(m_folder).maxTokens, 64);
}

void ModelFolderTest::olderSentenceConfigs()
{
    QVERIFY(!readModelConfig(m_folder).lowercase);
    fs::rename(m_folder / "sentence_bert_config.json", m_folder / "sentence_roberta_config.json");
    editJson(m_folder / "sentence_roberta_config.json", [](json &c) {
        c["max_seq_length"] = 20;
        c["do_lower_case"] = true;
    });
    QCOMPARE(readModelConfig(m_folder).maxTokens, 20);
    QVERIFY(readModelConfig(m_folder).lowercase);
}

void ModelFolderTest::poolingOfABareTransformer()
{
    fs::remove(m_folder / "modules.json");
    QVERIFY(readModelConfig(m_folder).pooling() == std::vector{Pooling::Mean});
    editJson(m_folder / "config.json", [](json &c) { c["architectures"] = json::array({"BertForCausalLM"}); });
    QVERIFY(readModelConfig(m_folder).pooling() == std::vector{Pooling::LastToken});
    editJson(m_folder / "config.json", [](json &c) { c["is_causal"] = false; });
    QVERIFY(readModelConfig(m_folder).pooling() == std::vector{Pooling::Mean});
}

void ModelFolderTest::embeddingsMatch_data()
{
    QTest::addColumn<QString>("pooling");
    QTest::addColumn<bool>("normalize");
    QTest::addColumn<bool>("tensorOperations");
    for (const char *pooling : {"mean", "cls", "max"}) {
        for (const bool tensorOperations : {false, true}) {
            const char *path = tensorOperations ? "tensor operations" : "fused";
            QTest::addRow("%s, %s", pooling, path) << pooling << true << tensorOperations;
            QTest::addRow("%s, not normalised, %s", pooling, path) << pooling << false << tensorOperations;
        }
    }
}

void ModelFolderTest::embeddingsMatch()
{
    QFETCH(const QString, pooling);
    QFETCH(const bool, normalize);
    QFETCH(const bool, tensorOperations);
    ForwardOptions options;
    options.tensorOperations = tensorOperations;
    editJson(m_folder / "1_Pooling/config.json", [&](json &c) { c["pooling_mode"] = pooling.toStdString(); });
    if (!normalize)
        editJson(m_folder / "modules.json", [](json &m) { m.erase(2); });
    const SafetensorsFile golden = SafetensorsFile::open(tests::golden() / "tiny-bert.safetensors");
    const at::NoGradGuard noGradients;
    const at::Tensor embeddings = loadModel(m_folder).transformer->forward(goldenTokens(golden), options);
    const at::Tensor expected = golden.tensor("embeddings." + pooling.toStdString() + (normalize ? "" : ".plain"));
    const double difference = maxDifference(embeddings, expected);
    QVERIFY2(difference <= 1e-5, qPrintable(QString("largest difference %1").arg(difference)));
}

void ModelFolderTest::gradientsMatch_data()
{
    QTest::addColumn<bool>("tensorOperations");
    QTest::newRow("fused") << false;
    QTest::newRow("tensor operations") << true;
}

void ModelFolderTest::gradientsMatch()
{
    QFETCH(const bool, tensorOperations);
    ForwardOptions options;
    options.tensorOperations = tensorOperations;
    const SafetensorsFile golden = SafetensorsFile::open(tests::golden() / "tiny-bert.safetensors");
    const LoadedModel model = loadModel(m_folder);
    for (Parameter &parameter : model.transformer->parameters())
        parameter.value.set_requires_grad(true);
    const at::Tensor embeddings = model.transformer->forward(goldenTokens(golden), options);
    const at::Tensor loss = (embeddings * golden.tensor("loss.weights")).sum();
    loss.backward();
    QVERIFY(std::abs(loss.item<double>() - golden.tensor("loss").item<double>()) < 1e-4);
    std::size_t compared = 0;
    for (const Parameter &parameter : model.transformer->parameters()) {
        const at::Tensor expected = golden.tensor("gradient." + parameter.name);
        const at::Tensor &found = parameter.value.grad();
        QVERIFY2(found.defined(), parameter.name.c_str());
        // A key's bias shifts all scores of a query alike, so that its true gradient is zero.
        const bool zero = parameter.name.ends_with("key.bias");
        const double scale = zero ? 1 : expected.norm().item<double>();
        const double difference = (found - expected).norm().item<double>() / scale;
        QVERIFY2(difference <= (zero ? 1e-5 : 1e-4),
                 qPrintable(QString("%1: %2").arg(parameter.name.c_str()).arg(difference)));
        ++compared;
    }
    const auto names = golden.names();
    const auto gradients =
        std::count_if(names.begin(), names.end(), [](const auto &n) { return n.starts_with("gradient."); });
    QCOMPARE(compared, static_cast<std::size_t>(gradients));
}

void ModelFolderTest::neighboursDoNotMatter()
{
    const SafetensorsFile golden = SafetensorsFile::open(tests::golden() / "tiny-bert.safetensors");
    const LoadedModel model = loadModel(m_folder);
    const at::NoGradGuard noGradients;
    const at::Tensor together = model.transformer->forward(goldenTokens(golden), {});
    for (std::int64_t i = 0; i < together.size(0); ++i) {
        const at::Tensor alone = model.transformer->forward(goldenTokens(golden, {i}), {});
        QVERIFY(maxDifference(alone[0], together[i]) <= 1e-5);
        const at::Tensor beside = model.transformer->forward(goldenTokens(golden, {18, i, 4}), {});
        QVERIFY(maxDifference(beside[1], together[i]) <= 1e-5);
    }
}

void ModelFolderTest::savedIsTheSame()
{
    const LoadedModel model = loadModel(m_folder);
    for (Parameter &parameter : model.transformer->parameters()) {
        parameter.value.add_(at::randn_like(parameter.value), 0.01);
        parameter.value.set_requires_grad(true);
    }
    std::ofstream(m_folder / "data_config.json") << "[]";
    std::ofstream(m_folder / "pytorch_model.bin") << "old weights";
    const fs::path target = m_folder.parent_path() / "saved";
    saveModel(*model.transformer, m_folder, target, "# Tuned\n");

    const LoadedModel again = loadModel(target);
    const auto &before = model.transformer->parameters();
    const auto &after = again.transformer->parameters();
    QCOMPARE(after.size(), before.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
        QCOMPARE(after[i].name, before[i].name);
        QVERIFY(std::memcmp(after[i].value.const_data_ptr(), before[i].value.const_data_ptr(),
                            before[i].value.nbytes()) == 0);
    }
    for (const char *name :
         {"modules.json", "config.json", "tokenizer.json", "1_Pooling/config.json", "sentence_bert_config.json"})
        QVERIFY2(fs::is_regular_file(target / name), name);
    QVERIFY(!fs::exists(target / "data_config.json") && !fs::exists(target / "pytorch_model.bin"));
    std::string readme;
    std::getline(std::ifstream(target / "README.md"), readme);
    QCOMPARE(readme, std::string("# Tuned"));
    // Beside the two folders nothing is left.
    QCOMPARE(std::distance(fs::directory_iterator(m_folder.parent_path()), {}), 2);
}

void ModelFolderTest::savedKeepsWhatItDoesNotKnow()
{
    const at::Tensor positions = at::arange(64).unsqueeze(0);
    editWeights(m_folder, [&](Tensors &tensors) {
        Tensors prefixed{{"bert.embeddings.position_ids", positions}, {"cls.predictions.bias", at::randn({200})}};
        for (const auto &[name, value] : tensors)
            prefixed["bert." + name] = value;
        tensors = prefixed;
    });
    const LoadedModel plain = loadModel(tinyFolder());
    const LoadedModel model = loadModel(m_folder);
    QCOMPARE(model.hash, plain.hash); // the prefix is no part of the network
    model.transformer->parameters().front().value.zero_();
    const fs::path target = m_folder.parent_path() / "saved";
    saveModel(*model.transformer, m_folder, target, "");

    const SafetensorsFile source = SafetensorsFile::open(m_folder / "model.safetensors");
    const SafetensorsFile saved = SafetensorsFile::open(target / "model.safetensors");
    QCOMPARE(saved.names(), source.names());
    QVERIFY(saved.has("bert.pooler.dense.weight"));
    for (const std::string &name : source.names()) {
        const bool changed = name == "bert." + model.transformer->parameters().front().name;
        QCOMPARE(saved.info(name).dtype, source.info(name).dtype);
        QCOMPARE(at::equal(saved.tensor(name), source.tensor(name)), !changed);
    }
}

void ModelFolderTest::savedFromHalfPrecision()
{
    editWeights(m_folder, [](Tensors &tensors) {
        for (auto &[name, value] : tensors)
            value = value.to(at::kHalf);
    });
    editJson(m_folder / "config.json", [](json &c) { c["torch_dtype"] = c["dtype"] = "float16"; });
    const LoadedModel model = loadModel(m_folder);
    QCOMPARE(model.transformer->parameters().front().value.scalar_type(), at::kFloat);
    const fs::path target = m_folder.parent_path() / "saved";
    saveModel(*model.transformer, m_folder, target, "");
    QCOMPARE(SafetensorsFile::open(target / "model.safetensors").info("embeddings.word_embeddings.weight").dtype,
             std::string("F32"));
    // Or transformers would round the weights on loading.
    const json config = readJson(target / "config.json");
    QCOMPARE(config["dtype"].get<std::string>(), std::string("float32"));
    QCOMPARE(config["torch_dtype"].get<std::string>(), std::string("float32"));
    QCOMPARE(config["hidden_size"].get<int>(), 32);
    QCOMPARE(loadModel(target).hash, model.hash);
}

void ModelFolderTest::savingFailsWhole()
{
    const LoadedModel model = loadModel(m_folder);
    const fs::path parent = m_folder.parent_path();
    const auto entries = [&] { return std::distance(fs::directory_iterator(parent), {}); };
    QVERIFY_EXCEPTION_THROWN(saveModel(*model.transformer, m_folder, m_folder, ""), InputError);
    QVERIFY_EXCEPTION_THROWN(saveModel(*model.transformer, m_folder, parent / "missing" / "target", ""), Error);
    QCOMPARE(entries(), 1);

    // The system refuses to write more in the middle of the weights, as a full disk does.
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{50'000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    std::string problem, where;
    try {
        saveModel(*model.transformer, m_folder, parent / "target", "");
    } catch (const Error &error) {
        problem = error.problem();
        where = error.where();
    }
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    QCOMPARE(problem, std::string("cannot be written: File too large"));
    QVERIFY(where.find("model.safetensors") != std::string::npos);
    QCOMPARE(entries(), 1);

    fs::remove(m_folder / "model.safetensors");
    QVERIFY_EXCEPTION_THROWN(saveModel(*model.transformer, m_folder, parent / "target", ""), InputError);
    QCOMPARE(entries(), 1);
}

void ModelFolderTest::hashTellsEncodersApart()
{
    const std::string hash = loadModel(m_folder).hash;
    QCOMPARE(loadModel(tinyFolder()).hash, hash);
    std::ofstream(m_folder / "README.md") << "another description";
    QCOMPARE(loadModel(m_folder).hash, hash);
    editJson(m_folder / "1_Pooling/config.json", [](json &c) { c["pooling_mode"] = "max"; });
    const std::string pooled = loadModel(m_folder).hash;
    QVERIFY(pooled != hash);
    editWeights(m_folder, [](Tensors &t) { t["encoder.layer.1.output.dense.bias"][3] += 1e-6; });
    QVERIFY(loadModel(m_folder).hash != pooled);
}

APIARY_TEST(ModelFolderTest)

#include "model_folder_test.moc"
