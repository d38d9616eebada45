// libtorch's headers first: Qt's keywords clash with them.
#include "core/encoder/folder_fixture.h"

#include "base/error.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>
#include <cmath>

using namespace apiary;
using namespace apiary::encoder;
using namespace apiary::tests;

class BrokenFolderTest : public QObject {
    Q_OBJECT

private slots:
    void init();
    void broken_data();
    void broken();

private:
    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path m_folder; ///< a copy of the tiny BERT
};

void BrokenFolderTest::init()
{
    m_temporary = std::make_unique<QTemporaryDir>();
    QVERIFY(m_temporary->isValid());
    m_folder = fs::path(m_temporary->path().toStdString()) / "tiny";
    fs::copy(tinyFolder(), m_folder, fs::copy_options::recursive);
}

void BrokenFolderTest::broken_data()
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
                                        << "unknown architecture \"llama\" (this version reads: bert";
    QTest::newRow("negative size") << set("config.json", "hidden_size", -32) << "config.json, hidden_size"
                                   << "found -32";
    QTest::newRow("huge size") << set("config.json", "vocab_size", 1e18) << "config.json, vocab_size"
                               << "found 1e+18";
    QTest::newRow("size is a text") << set("config.json", "num_hidden_layers", "2") << "config.json, num_hidden_layers"
                                    << "found \"2\"";
    QTest::newRow("heads do not divide") << set("config.json", "num_attention_heads", 5)
                                         << "config.json, num_attention_heads"
                                         << "does not divide among 5 heads";
    QTest::newRow("activation") << set("config.json", "hidden_act", "mish") << "config.json, hidden_act"
                                << "unknown activation \"mish\"";
    QTest::newRow("relative positions") << set("config.json", "position_embedding_type", "relative_key")
                                        << "position_embedding_type"
                                        << "unknown value \"relative_key\" (this version knows: absolute)";
    QTest::newRow("dropout of one") << set("config.json", "hidden_dropout_prob", 1)
                                    << "config.json, hidden_dropout_prob"
                                    << "expected a number";
    QTest::newRow("length of zero") << set("sentence_bert_config.json", "max_seq_length", 0)
                                    << "sentence_bert_config.json, max_seq_length"
                                    << "found 0";
    QTest::newRow("unknown module") << configuration("modules.json",
                                                     [](json &m) { m[2]["type"] = "sentence_transformers.models.CNN"; })
                                    << "modules.json, module 2"
                                    << "a module of type \"CNN\" is not supported";
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
    QTest::newRow("unknown pooling")
        << set("1_Pooling/config.json", "pooling_mode", "median") << "1_Pooling/config.json, pooling_mode"
        << "unknown pooling mode \"median\" (this version knows: cls, max, mean, mean_sqrt_len_tokens, weightedmean";
    QTest::newRow("no pooling mode") << set("1_Pooling/config.json", "pooling_mode", json::array()) << "pooling_mode"
                                     << "names 0 pooling modes";
    QTest::newRow("pooling of another size")
        << set("1_Pooling/config.json", "embedding_dimension", 768) << "embedding_dimension"
        << "vectors of 768 values, the Transformer's have 32";
    QTest::newRow("default prompt of no prompt")
        << set("config_sentence_transformers.json", "default_prompt_name", "q") << "default_prompt_name"
        << "names the prompt \"q\", which is not among the prompts";
    QTest::newRow("prompt is a number") << set("config_sentence_transformers.json", "prompts", json{{"query", 3}})
                                        << "prompts"
                                        << "the prompt \"query\" is no text";
    QTest::newRow("no weights") << Edit([](const fs::path &f) { fs::remove(f / "model.safetensors"); })
                                << "model.safetensors"
                                << "cannot be opened";
    QTest::newRow("pickle only") << Edit([](const fs::path &f) {
        fs::rename(f / "model.safetensors", f / "pytorch_model.bin");
    }) << "pytorch_model.bin"
                                 << "a pickle, which is never loaded";
    QTest::newRow("index of nothing") << Edit([](const fs::path &f) {
        fs::rename(f / "model.safetensors", f / "model-1.safetensors");
        std::ofstream(f / "model.safetensors.index.json") << "{\"weight_map\": 3}";
    }) << "index.json, weight_map"
                                      << "expected an object from tensors to files";
    QTest::newRow("index leads out") << Edit([](const fs::path &f) {
        fs::rename(f / "model.safetensors", f / "model-1.safetensors");
        std::ofstream(f / "model.safetensors.index.json") << "{\"weight_map\": {\"w\": \"../model.safetensors\"}}";
    }) << "index.json, weight_map"
                                     << "tensor \"w\" is not said to be in a file of this folder";
    QTest::newRow("shard lacks a tensor") << Edit([](const fs::path &f) {
        fs::rename(f / "model.safetensors", f / "model-1.safetensors");
        std::ofstream(f / "model.safetensors.index.json") << "{\"weight_map\": {\"w\": \"model-1.safetensors\"}}";
    }) << "model-1.safetensors"
                                          << "tensor \"w\" is missing, though the index says it is here";
    QTest::newRow("link leads out") << Edit([](const fs::path &f) {
        fs::rename(f / "model.safetensors", f.parent_path() / "elsewhere.safetensors");
        fs::create_symlink("../elsewhere.safetensors", f / "model.safetensors");
    }) << "model.safetensors"
                                    << "a link that leads out of the encoder's folder";
    QTest::newRow("cut off weights") << Edit([](const fs::path &f) {
        fs::resize_file(f / "model.safetensors", fs::file_size(f / "model.safetensors") / 2);
    }) << "model.safetensors"
                                     << "";
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

void BrokenFolderTest::broken()
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

APIARY_TEST(BrokenFolderTest)

#include "broken_folder_test.moc"
