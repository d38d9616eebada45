#include "embed/sentence_encoder.h"

#include "base/error.h"
#include "support/assets.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

using namespace apiary;
using namespace apiary::embed;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> goldenTexts()
{
    std::ifstream stream(tests::golden() / "texts.json");
    return nlohmann::json::parse(stream).get<std::vector<std::string>>();
}

/// A float32 matrix of a golden safetensors file, read by hand: Apiary's own reader has its tests elsewhere.
Embeddings goldenMatrix(const fs::path &path, const std::string &name)
{
    std::ifstream stream(path, std::ios::binary);
    std::uint64_t length = 0;
    stream.read(reinterpret_cast<char *>(&length), sizeof length);
    std::string header(length, ' ');
    stream.read(header.data(), static_cast<std::streamsize>(length));
    const nlohmann::json entry = nlohmann::json::parse(header).at(name);
    Embeddings values(entry["shape"][0].get<Eigen::Index>(), entry["shape"][1].get<Eigen::Index>());
    stream.seekg(static_cast<std::streamoff>(8 + length + entry["data_offsets"][0].get<std::uint64_t>()));
    stream.read(reinterpret_cast<char *>(values.data()), values.size() * static_cast<std::streamsize>(sizeof(float)));
    if (!stream)
        throw std::runtime_error("golden file cut off");
    return values;
}

float largestDifference(const Embeddings &a, const Embeddings &b)
{
    return (a - b).cwiseAbs().maxCoeff();
}

} // namespace

class SentenceEncoderTest : public QObject {
    Q_OBJECT

private slots:
    void card();
    void tinyMatches();
    void miniLmMatches();
    void budgetChangesNothing();
    void equalTextsShareOneEmbedding();
    void nothingToEncode();
    void reportsProgress();
    void stops();
    void refusesLongTexts();
    void refusesForeignTokenizer();
    void putsPrompts_data();
    void putsPrompts();
    void cutsDimensions();
};

void SentenceEncoderTest::card()
{
    const fs::path folder = tests::golden() / "tiny-bert";
    SentenceEncoder encoder(folder / ""); // a path may end in a slash
    QCOMPARE(encoder.card().name, std::string("tiny-bert"));
    QCOMPARE(encoder.card().architecture, std::string("bert"));
    QCOMPARE(encoder.card().pooling, std::string("mean"));
    QCOMPARE(encoder.card().parameters, 25664);
    QCOMPARE(encoder.card().dimension, 32);
    QCOMPARE(encoder.card().maxTokens, 48);
    QCOMPARE(encoder.card().hash, SentenceEncoder(folder).card().hash);
    QCOMPARE(encoder.tokenizer().vocabularySize(), 200);
}

void SentenceEncoderTest::tinyMatches()
{
    const auto texts = goldenTexts();
    SentenceEncoder encoder(tests::golden() / "tiny-bert");
    const Embeddings expected = goldenMatrix(tests::golden() / "tiny-bert.safetensors", "embeddings.mean");
    const float difference = largestDifference(encoder.encode(texts), expected);
    QVERIFY2(difference <= 1e-5F, qPrintable(QString::number(difference)));
}

void SentenceEncoderTest::miniLmMatches()
{
    if (!fs::exists(tests::encoderFolder()))
        QSKIP("all-MiniLM-L6-v2 is absent: ./run build fetches it, or set APIARY_ENCODER");
    const auto texts = goldenTexts();
    SentenceEncoder encoder(tests::encoderFolder());
    QCOMPARE(encoder.card().dimension, 384);
    QCOMPARE(encoder.card().maxTokens, 256);
    const Embeddings expected = goldenMatrix(tests::golden() / "minilm.safetensors", "embeddings");
    const float difference = largestDifference(encoder.encode(texts), expected);
    QVERIFY2(difference <= 1e-5F, qPrintable(QString::number(difference)));
}

void SentenceEncoderTest::budgetChangesNothing()
{
    const auto texts = goldenTexts();
    SentenceEncoder encoder(tests::golden() / "tiny-bert");
    const Embeddings together = encoder.encode(texts);
    for (const std::int64_t budget : {1, 64, 200}) {
        encoder.tokenBudget = budget;
        QVERIFY(largestDifference(encoder.encode(texts), together) <= 1e-5F);
    }
}

void SentenceEncoderTest::equalTextsShareOneEmbedding()
{
    const std::vector<std::string> texts{"rain", "the bee", "rain", "RAIN", "the bee", "rain"};
    SentenceEncoder encoder(tests::golden() / "tiny-bert");
    encoder.tokenBudget = 4; // texts alone in their micro-batches
    const Embeddings embeddings = encoder.encode(texts);
    QCOMPARE(embeddings.rows(), 6);
    for (const int same : {2, 3, 5})
        QVERIFY((embeddings.row(0).array() == embeddings.row(same).array()).all());
    QVERIFY((embeddings.row(1).array() == embeddings.row(4).array()).all());
    QVERIFY((embeddings.row(0) - embeddings.row(1)).norm() > 0.01F);
}

void SentenceEncoderTest::nothingToEncode()
{
    SentenceEncoder encoder(tests::golden() / "tiny-bert");
    const Embeddings none = encoder.encode(std::vector<std::string>{});
    QCOMPARE(none.rows(), 0);
    QCOMPARE(none.cols(), 32);
}

void SentenceEncoderTest::reportsProgress()
{
    SentenceEncoder encoder(tests::golden() / "tiny-bert");
    encoder.tokenBudget = 4;
    const std::vector<std::string> texts{"rain", "the bee", "rain", "tree"};
    std::vector<std::int64_t> done;
    encoder.encode(texts, [&](const Progress &progress) {
        QCOMPARE(progress.total, 4);
        done.push_back(progress.done);
    });
    QVERIFY(done.size() >= 2);
    QCOMPARE(done.front(), 0);
    QCOMPARE(done.back(), 4); // the copy counted too
    QVERIFY(std::is_sorted(done.begin(), done.end()));
}

void SentenceEncoderTest::stops()
{
    SentenceEncoder encoder(tests::golden() / "tiny-bert");
    encoder.tokenBudget = 1;
    const auto texts = goldenTexts();
    std::stop_source source;
    int reports = 0;
    const auto stopAtOnce = [&](const Progress &) {
        ++reports;
        source.request_stop();
    };
    QVERIFY_EXCEPTION_THROWN(encoder.encode(texts, stopAtOnce, source.get_token()), Cancelled);
    QCOMPARE(reports, 1);
}

void SentenceEncoderTest::refusesLongTexts()
{
    SentenceEncoder encoder(tests::golden() / "tiny-bert");
    text::TokenBatch tokens;
    tokens.ids.assign(49, 5);
    tokens.offsets.push_back(49);
    QVERIFY_EXCEPTION_THROWN(encoder.encode(tokens), InputError);
    tokens.ids.clear();
    tokens.offsets = {0, 0};
    QVERIFY_EXCEPTION_THROWN(encoder.encode(tokens), InputError);
}

void SentenceEncoderTest::refusesForeignTokenizer()
{
    QTemporaryDir temporary;
    const fs::path folder = fs::path(temporary.path().toStdString()) / "tiny";
    fs::copy(tests::golden() / "tiny-bert", folder, fs::copy_options::recursive);
    nlohmann::json tokenizer;
    std::ifstream(folder / "tokenizer.json") >> tokenizer;
    tokenizer["model"]["vocab"]["beehive"] = 200;
    std::ofstream(folder / "tokenizer.json") << tokenizer.dump();
    try {
        SentenceEncoder encoder(folder);
        QFAIL("no error");
    } catch (const InputError &error) {
        QVERIFY2(error.problem().find("the tokenizer has 201 tokens, the network 200") != std::string::npos,
                 error.what());
    }
}

void SentenceEncoderTest::putsPrompts_data()
{
    QTest::addColumn<QString>("variation");
    QTest::addColumn<QString>("prompt");
    QTest::newRow("by default") << "prompts"
                                << "";
    QTest::newRow("by name") << "prompts"
                             << "query";
    QTest::newRow("pooled without it") << "without_prompt_mean"
                                       << "query";
    QTest::newRow("pooled without it, weighted") << "without_prompt_weightedmean"
                                                 << "document";
}

void SentenceEncoderTest::putsPrompts()
{
    QFETCH(const QString, variation);
    QFETCH(const QString, prompt);
    const QTemporaryDir place;
    const fs::path folder = fs::path(place.path().toStdString()) / "encoder";
    const fs::path golden = tests::golden() / "modules" / variation.toStdString();
    fs::copy(tests::golden() / "tiny-bert", folder, fs::copy_options::recursive);
    fs::copy(golden, folder, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    SentenceEncoder encoder(folder);
    std::vector<std::string> texts = goldenTexts();
    texts.resize(8);
    TextOptions how;
    if (!prompt.isEmpty())
        how.prompt = encoder.prompt(prompt.toStdString());
    const Embeddings expected = goldenMatrix(golden / "golden.safetensors",
                                             "embeddings" + (prompt.isEmpty() ? "" : "." + prompt.toStdString()));
    QVERIFY(largestDifference(encoder.encode(encoder.tokenize(texts, how)), expected) <= 1e-5F);
    if (prompt.isEmpty())
        QVERIFY(largestDifference(encoder.encode(texts), expected) <= 1e-5F);
    QVERIFY_THROWS_EXCEPTION(InputError, encoder.prompt("passage"));
}

void SentenceEncoderTest::cutsDimensions()
{
    const fs::path folder = tests::golden() / "tiny-bert";
    const std::vector<std::string> texts = goldenTexts();
    SentenceEncoder whole(folder);
    SentenceEncoder cut(folder, EncoderOptions{"cpu", 5});
    QCOMPARE(cut.card().dimension, 5);
    const Embeddings embeddings = cut.encode(texts);
    QCOMPARE(embeddings.cols(), 5);
    QVERIFY(embeddings == whole.encode(texts).leftCols(5));
    QVERIFY_THROWS_EXCEPTION(InputError, SentenceEncoder(folder, EncoderOptions{"cpu", 33}));
}

APIARY_TEST(SentenceEncoderTest)

#include "sentence_encoder_test.moc"
