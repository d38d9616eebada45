#include "run/encoder_check.h"

#include "base/error.h"
#include "embed/sentence_encoder.h"
#include "support/assets.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace apiary;
namespace fs = std::filesystem;

namespace {

using Edit = std::function<void(const fs::path &)>;
constexpr auto over = fs::copy_options::recursive | fs::copy_options::overwrite_existing;

std::string contents(const fs::path &file)
{
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

/// Replaces a text of a file by one as long, so that a safetensors header stays whole.
void replace(const fs::path &file, const std::string &from, const std::string &to)
{
    std::string bytes = contents(file);
    const std::size_t at = bytes.find(from);
    if (at == std::string::npos || from.size() != to.size())
        qFatal("nothing to replace in %s", file.c_str());
    bytes.replace(at, from.size(), to);
    std::ofstream(file, std::ios::binary) << bytes;
}

/// Sets a field of a JSON file.
Edit set(const char *name, const char *field, const nlohmann::json &value)
{
    return [=](const fs::path &folder) {
        nlohmann::json json = nlohmann::json::parse(contents(folder / name));
        json[field] = value;
        std::ofstream(folder / name) << json.dump();
    };
}

Edit without(const char *name)
{
    return [=](const fs::path &folder) { fs::remove(folder / name); };
}

/// The encoder with a Dense module behind its pooling.
void addDense(const fs::path &folder)
{
    fs::copy(tests::golden() / "modules/dense_tanh", folder, over);
}

/// What a call throws; empty where it does not.
template <typename Call>
QString thrown(Call call)
{
    try {
        call();
    } catch (const InputError &error) {
        return QString::fromStdString(error.what());
    }
    return {};
}

} // namespace

Q_DECLARE_METATYPE(Edit)

class EncoderCheckTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    int m_number = 0;

    fs::path copyOfTiny()
    {
        const fs::path folder = fs::path(m_dir.path().toStdString()) / std::to_string(++m_number) / "encoder";
        fs::create_directories(folder.parent_path());
        fs::copy(tests::golden() / "tiny-bert", folder, fs::copy_options::recursive);
        return folder;
    }

private slots:
    void lets_data()
    {
        QTest::addColumn<QString>("variation");
        QTest::newRow("as it is") << QString();
        for (const char *name : {"modules/bf16", "modules/fp16_sharded", "modules/dense_tanh", "modules/layer_norm",
                                 "modules/pooling_two", "modules/prompts", "architectures/distilbert",
                                 "architectures/modern_bert", "architectures/modern_bert_biased", "architectures/mpnet",
                                 "architectures/nomic_bert", "architectures/nomic_bert_hub", "architectures/qwen3",
                                 "architectures/roberta", "architectures/xlm_roberta"})
            QTest::newRow(name) << QString(name);
    }
    /// What can be opened passes, with the same number of parameters.
    void lets()
    {
        QFETCH(QString, variation);
        const fs::path folder = copyOfTiny();
        if (variation == "modules/fp16_sharded")
            fs::remove(folder / "model.safetensors");
        if (!variation.isEmpty())
            fs::copy(tests::golden() / variation.toStdString(), folder, over);
        if (variation.startsWith("architectures")) // their widths are others: mean pooling, as without modules
            fs::remove(folder / "modules.json");
        QCOMPARE(thrown([&] { run::checkEncoder(folder, run::CheckDepth::Files); }), QString());
        QCOMPARE(run::encoderCard(folder).error, std::string());
        if (!variation.startsWith("architectures")) // with tokenizers of their own
            QCOMPARE(thrown([&] { run::checkEncoder(folder); }), QString());
    }

    void refuses_data()
    {
        QTest::addColumn<Edit>("edit");
        QTest::addColumn<QString>("says");
        const auto row = [](const char *name, const Edit &edit, const char *says) {
            QTest::newRow(name) << edit << QString(says);
        };
        row("unknown architecture", set("config.json", "model_type", "t5"), "unknown architecture \"t5\"");
        row("no configuration", without("config.json"), "config.json");
        row("unknown field", set("config.json", "hidden_act", "odd"), "hidden_act");
        row("another shape", set("config.json", "max_position_embeddings", 40), "has the shape");
        row("missing tensor", set("config.json", "num_hidden_layers", 9), "is missing");
        row("no tokenizer", without("tokenizer.json"), "no tokenizer");
        row(
            "broken tokenizer",
            [](const fs::path &folder) { std::ofstream(folder / "tokenizer.json") << "{\"model\": 1}"; },
            "tokenizer.json");
        row("no weights", without("model.safetensors"), "model.safetensors");
        row(
            "whole numbers",
            [](const fs::path &folder) { replace(folder / "model.safetensors", "\"F32\"", "\"I32\""); }, "holds I32");
        row(
            "no Dense",
            [](const fs::path &folder) {
                addDense(folder);
                fs::remove(folder / "2_Dense/model.safetensors");
            },
            "2_Dense");
        row(
            "Dense of another width",
            [](const fs::path &folder) {
                addDense(folder);
                set("2_Dense/config.json", "out_features", 3)(folder);
            },
            "has the shape");
        row(
            "module outside",
            [](const fs::path &folder) { replace(folder / "modules.json", "\"1_Pooling\"", "\"../Poolin\""); },
            "leads out of the encoder's folder");
        row(
            "link outside",
            [](const fs::path &folder) {
                fs::remove(folder / "model.safetensors");
                fs::create_symlink(tests::golden() / "tiny-bert/model.safetensors", folder / "model.safetensors");
            },
            "leads out of the encoder's folder");
        row(
            "index outside",
            [](const fs::path &folder) {
                fs::rename(folder / "model.safetensors", folder / "m.safetensors");
                std::ofstream(folder / "model.safetensors.index.json")
                    << "{\"weight_map\": {\"a\": \"../m.safetensors\"}}";
            },
            "not said to be in a file of this folder");
        row(
            "cut off",
            [](const fs::path &folder) {
                fs::resize_file(folder / "model.safetensors", fs::file_size(folder / "model.safetensors") - 8);
            },
            "model.safetensors");
    }
    /// What cannot be opened is refused in the words of opening it, with what to do; the card says so, too.
    void refuses()
    {
        QFETCH(Edit, edit);
        QFETCH(QString, says);
        const fs::path folder = copyOfTiny();
        edit(folder);
        const QString error = thrown([&] { run::checkEncoder(folder); });
        QVERIFY2(error.contains(says) && error.endsWith(")"), qPrintable(error));
        if (says != "no tokenizer") // the remedy is the reader's own there
            QCOMPARE(error, thrown([&] { embed::SentenceEncoder{folder}; }));
        // The card's own words where it has some, else these.
        const std::string own = hub::readCard(folder).error;
        QCOMPARE(QString::fromStdString(run::encoderCard(folder, run::CheckDepth::Tokenizer).error),
                 own.empty() ? error : QString::fromStdString(own));
        const bool deep = says == "tokenizer.json"; // a list does not build tokenizers
        QCOMPARE(run::encoderCard(folder).error.empty(), deep);
    }

    void goneFolders()
    {
        const std::string error = run::encoderCard("/none").error;
        QVERIFY2(error.find("no such folder") != std::string::npos && error.ends_with(")"), error.c_str());
        QVERIFY(thrown([&] { run::checkEncoder("/none"); }).contains("/none"));
    }
};

APIARY_TEST(EncoderCheckTest)
#include "encoder_check_test.moc"
