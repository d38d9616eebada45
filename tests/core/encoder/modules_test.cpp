// libtorch's headers first: Qt's keywords clash with them.
#include "core/encoder/folder_fixture.h"

#include <ATen/core/grad_mode.h>

#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>

using namespace apiary;
using namespace apiary::encoder;
using namespace apiary::tests;

/// What follows the Transformer, against sentence-transformers: data/modules/NAME over a copy of the tiny BERT.
class ModulesTest : public QObject {
    Q_OBJECT

private slots:
    void embeddings_data();
    void embeddings();

private:
    static fs::path folderOf(const QTemporaryDir &place, const fs::path &variation);
};

fs::path ModulesTest::folderOf(const QTemporaryDir &place, const fs::path &variation)
{
    const fs::path folder = fs::path(place.path().toStdString()) / "encoder";
    fs::copy(tinyFolder(), folder, fs::copy_options::recursive);
    if (fs::exists(variation / "model.safetensors.index.json"))
        fs::remove(folder / "model.safetensors");
    fs::copy(variation, folder, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    return folder;
}

void ModulesTest::embeddings_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("prompt");
    for (const fs::directory_entry &entry : fs::directory_iterator(golden() / "modules")) {
        const QString name = QString::fromStdString(entry.path().filename().string());
        QTest::addRow("%s", qPrintable(name)) << name << QString();
        const SafetensorsFile values = SafetensorsFile::open(entry.path() / "golden.safetensors");
        for (const char *prompt : {"query", "document"})
            if (values.has(std::string("embeddings.") + prompt))
                QTest::addRow("%s, %s", qPrintable(name), prompt) << name << QString(prompt);
    }
}

void ModulesTest::embeddings()
{
    QFETCH(const QString, name);
    QFETCH(const QString, prompt);
    const fs::path variation = golden() / "modules" / name.toStdString();
    const SafetensorsFile values = SafetensorsFile::open(variation / "golden.safetensors");
    const QTemporaryDir place;
    const fs::path folder = folderOf(place, variation);
    const LoadedModel model = loadModel(folder);
    const std::string suffix = prompt.isEmpty() ? "" : "." + prompt.toStdString();
    // Without a name sentence-transformers takes the default prompt.
    const std::string idSuffix =
        prompt.isEmpty() && !model.config.defaultPrompt.empty() ? "." + model.config.defaultPrompt : suffix;
    const at::Tensor ids = values.tensor("ids" + idSuffix), offsets = values.tensor("offsets" + idSuffix);
    PackedTokens tokens;
    for (std::int64_t i = 0; i + 1 < offsets.numel(); ++i) {
        const at::Tensor text = ids.slice(0, offsets[i].item<std::int64_t>(), offsets[i + 1].item<std::int64_t>());
        tokens.add({text.const_data_ptr<std::int32_t>(), static_cast<std::size_t>(text.numel())}, i);
    }
    if (!prompt.isEmpty())
        tokens.promptTokens = values.tensor("prompt_length" + suffix).item<std::int64_t>();

    const at::NoGradGuard noGradients;
    const at::Tensor expected = values.tensor("embeddings" + suffix);
    QCOMPARE(model.transformer->dimension(), expected.size(1));
    for (const bool tensorOperations : {false, true}) {
        ForwardOptions options;
        options.tensorOperations = tensorOperations;
        const double difference = maxDifference(model.transformer->forward(tokens, options), expected);
        QVERIFY2(difference <= 1e-5, qPrintable(QString("largest difference %1").arg(difference)));
    }

    const fs::path saved = fs::path(place.path().toStdString()) / "saved";
    saveModel(*model.transformer, folder, saved, "");
    const LoadedModel again = loadModel(saved);
    QVERIFY(at::equal(again.transformer->forward(tokens, {}), model.transformer->forward(tokens, {})));
    QCOMPARE(again.parameterCount, model.parameterCount);
}

APIARY_TEST(ModulesTest)

#include "modules_test.moc"
