// libtorch's headers first: Qt's keywords clash with them.
#include "encoder/bert.h"
#include "encoder/model_folder.h"
#include "encoder/safetensors.h"

#include <ATen/core/grad_mode.h>

#include "base/error.h"
#include "support/assets.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

using namespace apiary;
using namespace apiary::encoder;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

fs::path tinyFolder()
{
    return tests::golden() / "tiny-bert";
}

/// The golden texts' token ids, those of `which` alone where given.
PackedTokens goldenTokens(const SafetensorsFile &golden, std::vector<std::int64_t> which = {})
{
    const at::Tensor ids = golden.tensor("ids"), offsets = golden.tensor("offsets");
    const auto *id = ids.const_data_ptr<std::int32_t>();
    const auto *offset = offsets.const_data_ptr<std::int64_t>();
    if (which.empty())
        for (std::int64_t i = 0; i + 1 < offsets.numel(); ++i)
            which.push_back(i);
    PackedTokens tokens;
    for (const std::int64_t i : which)
        tokens.add({id + offset[i], id + offset[i + 1]}, i);
    return tokens;
}

double maxDifference(const at::Tensor &a, const at::Tensor &b)
{
    return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

json readJson(const fs::path &path)
{
    std::ifstream stream(path);
    return json::parse(stream);
}

void editJson(const fs::path &path, const std::function<void(json &)> &edit)
{
    json value = readJson(path);
    edit(value);
    std::ofstream(path) << value.dump();
}

using Tensors = std::map<std::string, at::Tensor>;

/// Rewrites the weights of a folder.
void editWeights(const fs::path &folder, const std::function<void(Tensors &)> &edit)
{
    Tensors tensors;
    {
        const SafetensorsFile file = SafetensorsFile::open(folder / "model.safetensors");
        for (const std::string &name : file.names())
            tensors[name] = file.tensor(name).clone();
    }
    edit(tensors);
    writeSafetensors(folder / "model.safetensors",
                     std::vector<std::pair<std::string, at::Tensor>>(tensors.begin(), tensors.end()));
}

} // namespace

class ModelFolderTest : public QObject {
    Q_OBJECT

private slots:
    void init();
    void readsConfiguration();
    void maximumLength();
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
    void broken_data();
    void broken();

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
    QCOMPARE(config.heads, 4);
    QCOMPARE(config.intermediateSize, 64);
    QCOMPARE(config.vocabularySize, 200);
    QCOMPARE(config.maxPositions, 64);
    QCOMPARE(config.typeVocabularySize, 2);
    QCOMPARE(config.layerNormEps, 1e-12);
    QCOMPARE(config.hiddenDropout, 0.1);
    QCOMPARE(config.attentionDropout, 0.1);
    QCOMPARE(config.maxTokens, 48);
    QVERIFY(config.pooling == Pooling::Mean);
    QVERIFY(config.normalize);
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

void ModelFolderTest::broken_data()
{
    using Edit = std::function<void(const fs::path &)>;
    QTest::addColumn<Edit>("edit");
    QTest::addColumn<QString>("where");
    QTest::addColumn<QString>("message");
    const auto configuration = [](const char *file, const std::function<void(json &)> &edit) {
        return Edit([=](const fs::path &folder) { editJson(folder / file, edit); });
    };
    const auto set = [configuration](const char *file, const char *field, const json &value) {
        return configuration(file, [=](json &c) { c[field] = value; });
    };
    const auto weights = [](const std::function<void(Tensors &)> &edit) {
        return Edit([=](const fs::path &folder) { editWeights(folder, edit); });
    };
    const auto write = [](const char *file, const char *text) {
        return Edit([=](const fs::path &folder) { std::ofstream(folder / file) << text; });
    };
    const char *word = "embeddings.word_embeddings.weight";

    QTest::newRow("no folder") << Edit([](const fs::path &f) { fs::remove_all(f); }) << "tiny"
                               << "no such folder";
    QTest::newRow("no config.json") << Edit([](const fs::path &f) { fs::remove(f / "config.json"); }) << "config.json"
                                    << "file not found";
    QTest::newRow("config.json cut off") << write("config.json", "{\"model_type\": \"be") << "config.json"
                                         << "not valid JSON";
    QTest::newRow("config.json is a number") << write("config.json", "3") << "config.json"
                                             << "expected a JSON object";
    QTest::newRow("no model type") << configuration("config.json", [](json &c) { c.erase("model_type"); })
                                   << "config.json, model_type"
                                   << "expected a text, found nothing";
    QTest::newRow("unknown model type") << set("config.json", "model_type", "llama") << "config.json, model_type"
                                        << "unknown architecture \"llama\" (this version reads: bert)";
    QTest::newRow("negative size") << set("config.json", "hidden_size", -32) << "config.json, hidden_size"
                                   << "found -32";
    QTest::newRow("huge size") << set("config.json", "vocab_size", 1e18) << "config.json, vocab_size"
                               << "found 1e+18";
    QTest::newRow("size is a text") << set("config.json", "num_hidden_layers", "2") << "config.json, num_hidden_layers"
                                    << "found \"2\"";
    QTest::newRow("heads do not divide") << set("config.json", "num_attention_heads", 5)
                                         << "config.json, num_attention_heads"
                                         << "does not divide among 5 heads";
    QTest::newRow("activation") << set("config.json", "hidden_act", "silu") << "config.json, hidden_act"
                                << "unknown activation \"silu\"";
    QTest::newRow("relative positions") << set("config.json", "position_embedding_type", "relative_key")
                                        << "position_embedding_type"
                                        << "unknown position embedding";
    QTest::newRow("dropout of one") << set("config.json", "hidden_dropout_prob", 1)
                                    << "config.json, hidden_dropout_prob"
                                    << "expected a number";
    QTest::newRow("length of zero") << set("sentence_bert_config.json", "max_seq_length", 0)
                                    << "sentence_bert_config.json, max_seq_length"
                                    << "found 0";
    QTest::newRow("dense module") << configuration("modules.json",
                                                   [](json &m) { m[2]["type"] = "sentence_transformers.models.Dense"; })
                                  << "modules.json, module 2"
                                  << "a module of type \"Dense\" is not supported";
    QTest::newRow("no pooling") << configuration("modules.json", [](json &m) { m = json::array({m[0]}); })
                                << "modules.json"
                                << "names no Pooling";
    QTest::newRow("module leads out") << configuration("modules.json", [](json &m) { m[1]["path"] = "../../etc"; })
                                      << "modules.json, module 1"
                                      << "leads out of the encoder's folder";
    QTest::newRow("module is absolute") << configuration("modules.json", [](json &m) { m[0]["path"] = "/etc"; })
                                        << "modules.json, module 0"
                                        << "leads out of the encoder's folder";
    QTest::newRow("module lacks type") << configuration("modules.json", [](json &m) { m[0].erase("type"); })
                                       << "modules.json, module 0"
                                       << "expected an object";
    QTest::newRow("unknown pooling") << set("1_Pooling/config.json", "pooling_mode", "lasttoken")
                                     << "1_Pooling/config.json, pooling_mode"
                                     << "unknown pooling mode \"lasttoken\" (this version knows: mean, cls, max)";
    QTest::newRow("two poolings") << set("1_Pooling/config.json", "pooling_mode", json::array({"mean", "max"}))
                                  << "pooling_mode"
                                  << "combines 2 pooling modes";
    QTest::newRow("older unknown pooling") << configuration("1_Pooling/config.json",
                                                            [](json &c) {
                                                                c = {{"pooling_mode_mean_sqrt_len_tokens", true}};
                                                            })
                                           << "pooling_mode"
                                           << "unknown pooling mode \"mean_sqrt_len_tokens\"";
    QTest::newRow("pooling of another size")
        << set("1_Pooling/config.json", "embedding_dimension", 768) << "embedding_dimension"
        << "vectors of 768 values, the Transformer's have 32";
    QTest::newRow("default prompt") << configuration("config_sentence_transformers.json",
                                                     [](json &c) {
                                                         c["prompts"]["query"] = "query: ";
                                                         c["default_prompt_name"] = "query";
                                                     })
                                    << "default_prompt_name"
                                    << "puts the prompt \"query\" before every text";
    QTest::newRow("no weights") << Edit([](const fs::path &f) { fs::remove(f / "model.safetensors"); })
                                << "model.safetensors"
                                << "cannot be opened";
    QTest::newRow("pickle only") << Edit([](const fs::path &f) {
        fs::rename(f / "model.safetensors", f / "pytorch_model.bin");
    }) << "pytorch_model.bin"
                                 << "a pickle, which is never loaded";
    QTest::newRow("split weights") << Edit([](const fs::path &f) {
        fs::rename(f / "model.safetensors", f / "model.safetensors.index.json");
    }) << "index.json"
                                   << "split into several files";
    QTest::newRow("missing tensor") << weights([](Tensors &t) { t.erase("encoder.layer.1.output.dense.bias"); })
                                    << "model.safetensors"
                                    << "tensor \"encoder.layer.1.output.dense.bias\" is missing";
    QTest::newRow("wrong shape") << weights([=](Tensors &t) {
        t[word] = at::zeros({201, 32});
    }) << "model.safetensors"
                                 << "has the shape [201, 32], the configuration asks for [200, 32]";
    QTest::newRow("transposed") << weights([](Tensors &t) {
        auto &w = t["encoder.layer.0.output.dense.weight"];
        w = w.t().contiguous();
    }) << "model.safetensors"
                                << "has the shape [64, 32], the configuration asks for [32, 64]";
    QTest::newRow("whole numbers") << weights([=](Tensors &t) {
        t[word] = at::zeros({200, 32}, at::kChar);
    }) << "model.safetensors"
                                   << "holds I8, expected floating-point numbers";
    QTest::newRow("not a number") << weights([=](Tensors &t) { t[word][3][4] = std::nan(""); }) << "model.safetensors"
                                  << "values that are not finite";
    QTest::newRow("more layers than weights") << set("config.json", "num_hidden_layers", 3) << "model.safetensors"
                                              << "\"encoder.layer.2.attention.self.query.weight\" is missing";
}

void ModelFolderTest::broken()
{
    QFETCH(const std::function<void(const fs::path &)>, edit);
    QFETCH(const QString, where);
    QFETCH(const QString, message);
    edit(m_folder);
    try {
        loadModel(m_folder);
        QFAIL("no error");
    } catch (const InputError &error) {
        QVERIFY2(QString::fromStdString(error.where()).contains(where), error.what());
        QVERIFY2(QString::fromStdString(error.what()).contains(message), error.what());
        QVERIFY(!error.remedy().empty());
    }
}

APIARY_TEST(ModelFolderTest)

#include "test_model_folder.moc"
