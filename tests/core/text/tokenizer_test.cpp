#include "base/error.h"
#include "golden_tokenizer.h"
#include "support/registry.h"
#include "text/bert_normalizer.h"
#include "text/character_split.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QtTest>
#include <ctime>
#include <thread>

using namespace apiary;
using namespace apiary::tests;

namespace {

std::string bytesOf(const nlohmann::json &entry)
{
    if (entry.contains("text"))
        return entry.at("text").get<std::string>();
    return QByteArray::fromHex(QByteArray::fromStdString(entry.at("hex").get<std::string>())).toStdString();
}

std::vector<std::string> tortureTexts()
{
    std::vector<std::string> texts;
    for (const auto &entry : tokenizerGolden().at("texts"))
        texts.push_back(bytesOf(entry));
    return texts;
}

std::shared_ptr<const text::Tokenizer> smallEncoder()
{
    return text::loadTokenizer(golden() / "small_encoder");
}

std::string digestOf(const text::TokenBatch &batch)
{
    Digest digest;
    for (std::int64_t i = 0; i < batch.size(); ++i)
        digest.add(std::span(batch.ids).subspan(static_cast<std::size_t>(batch.offsets[static_cast<std::size_t>(i)]),
                                                static_cast<std::size_t>(batch.length(i))));
    return digest.text();
}

/// Compares count, tokens and digest of all texts with the golden ones.
void compare(const text::Tokenizer &tokenizer, const std::vector<std::string> &texts, const nlohmann::json &expected)
{
    const text::TokenBatch batch = tokenizer.encodeAll(texts, anyLength);
    QCOMPARE(batch.size(), expected.at("texts").get<std::int64_t>());
    QCOMPARE(static_cast<std::int64_t>(batch.ids.size()), expected.at("tokens").get<std::int64_t>());
    QCOMPARE(digestOf(batch), expected.at("digest").get<std::string>());
}

#define SKIP_WITHOUT_ENCODER()                                                                                         \
    if (!std::filesystem::exists(encoderFolder() / "tokenizer.json"))                                                  \
    QSKIP("needs all-MiniLM-L6-v2 (APIARY_ENCODER)")

} // namespace

/// Against the `tokenizers` package, see tests/golden/tokenizer.py.
class TokenizerGoldenTest : public QObject {
    Q_OBJECT

private slots:
    void tortureWithSmallEncoder() { torture(*smallEncoder(), "small"); }

    void tortureWithMiniLm()
    {
        SKIP_WITHOUT_ENCODER();
        const auto tokenizer = text::loadTokenizer(encoderFolder());
        torture(*tokenizer, "minilm");
        QCOMPARE(tokenizer->vocabularySize(), std::int64_t{30522});
        QCOMPARE(tokenizer->padId(), 0);
        QCOMPARE(tokenizer->specialTokenCount(), std::int64_t{2});
    }

    void fuzzVariants_data()
    {
        QTest::addColumn<int>("index");
        const auto &variants = tokenizerGolden().at("fuzz").at("variants");
        for (std::size_t i = 0; i < variants.size(); ++i)
            QTest::newRow(variants.at(i).at("name").get<std::string>().c_str()) << static_cast<int>(i);
    }

    void fuzzVariants()
    {
        QFETCH(int, index);
        const auto &fuzz = tokenizerGolden().at("fuzz");
        const auto &variant = fuzz.at("variants").at(static_cast<std::size_t>(index));
        QTemporaryDir folder;
        nlohmann::json definition = readJson(golden() / "small_encoder" / "tokenizer.json");
        definition.merge_patch(variant.at("patch"));
        std::ofstream(folder.filePath("tokenizer.json").toStdString()) << definition.dump();
        const auto tokenizer = text::loadTokenizer(folder.path().toStdString());
        compare(*tokenizer, Fuzz(fuzz).texts(variant.at("texts").get<std::size_t>()), variant);
    }

    void fuzzMiniLm()
    {
        SKIP_WITHOUT_ENCODER();
        const auto &fuzz = tokenizerGolden().at("fuzz");
        compare(*text::loadTokenizer(encoderFolder()),
                Fuzz(fuzz).texts(fuzz.at("minilm").at("texts").get<std::size_t>()), fuzz.at("minilm"));
    }

    void vocabTxtEqualsJson()
    {
        SKIP_WITHOUT_ENCODER();
        if (!std::filesystem::exists(encoderFolder() / "vocab.txt"))
            QSKIP("the encoder has no vocab.txt");
        QTemporaryDir folder;
        const std::filesystem::path to = folder.path().toStdString();
        for (const char *name : {"vocab.txt", "tokenizer_config.json"})
            std::filesystem::copy_file(encoderFolder() / name, to / name);
        const auto tokenizer = text::loadTokenizer(to);
        torture(*tokenizer, "minilm");
        QCOMPARE(tokenizer->vocabularySize(), std::int64_t{30522});
    }

    void everyScalar_data()
    {
        QTest::addColumn<int>("index");
        const auto &forms = tokenizerGolden().at("scalars").at("forms");
        for (std::size_t i = 0; i < forms.size(); ++i)
            QTest::newRow(forms.at(i).at("options").dump().c_str()) << static_cast<int>(i);
    }

    /// The normal form and the words of every scalar value.
    void everyScalar()
    {
        QFETCH(int, index);
        const auto &form = tokenizerGolden().at("scalars").at("forms").at(static_cast<std::size_t>(index));
        const auto &options = form.at("options");
        const auto &strip = options.at("strip_accents");
        const text::BertNormalizer normalizer(
            {options.at("clean_text").get<bool>(), options.at("handle_chinese_chars").get<bool>(),
             strip.is_null() ? std::nullopt : std::optional(strip.get<bool>()), options.at("lowercase").get<bool>()});
        const auto preTokenizer = text::makeBertPreTokenizer();
        Digest digest;
        std::string normal;
        forEachScalarText([&](const std::string &text) {
            normal.clear();
            normalizer.normalize(text, normal);
            digest.addScalars(normal);
            preTokenizer->split(normal, true, [&](std::string_view word, bool) {
                digest.addScalars(word);
                return true;
            });
        });
        QCOMPARE(digest.text(), form.at("digest").get<std::string>());
    }

    /// Canonical order, where it can be seen: most marks are taken off, but not those that are younger than the
    /// library's tables, and not spacing ones.
    void markOrders()
    {
        const auto &orders = tokenizerGolden().at("orders");
        const auto marks = orders.at("marks").get<std::vector<std::uint32_t>>();
        QVERIFY(marks.size() > 100);
        const text::BertNormalizer normalizer({});
        Digest digest;
        std::string text, normal;
        for (const std::uint32_t first : marks)
            for (const std::uint32_t second : marks) {
                text = "a";
                normal.clear();
                text::appendScalar(text, first);
                text::appendScalar(text, second);
                normalizer.normalize(text, normal);
                digest.addScalars(normal);
            }
        QCOMPARE(digest.text(), orders.at("digest").get<std::string>());
    }

    void everyScalarWithMiniLm()
    {
        SKIP_WITHOUT_ENCODER();
        std::vector<std::string> texts;
        forEachScalarText([&](const std::string &text) { texts.push_back(text); });
        compare(*text::loadTokenizer(encoderFolder()), texts, tokenizerGolden().at("scalars").at("minilm"));
    }

    void ml100k()
    {
        SKIP_WITHOUT_ENCODER();
        const std::filesystem::path file = ml100kFolder() / "ml-100k.item";
        if (!std::filesystem::exists(file))
            QSKIP("needs ml-100k (APIARY_ML100K)");
        compare(*text::loadTokenizer(encoderFolder()), ml100kTexts(file),
                tokenizerGolden().at("datasets").at("ml-100k"));
    }

    void sharedDatasets_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto &[name, value] : tokenizerGolden().at("datasets").items())
            if (name != "ml-100k")
                QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }

    void sharedDatasets()
    {
        QFETCH(QString, name);
        SKIP_WITHOUT_ENCODER();
        const std::filesystem::path file = sharedData() / name.toStdString() / "items.csv";
        if (!std::filesystem::exists(file))
            QSKIP("needs the shared data (APIARY_DATA)");
        compare(*text::loadTokenizer(encoderFolder()), csvFields(file),
                tokenizerGolden().at("datasets").at(name.toStdString()));
    }

private:
    static void torture(const text::Tokenizer &tokenizer, const char *name)
    {
        const std::vector<std::string> texts = tortureTexts();
        const auto &expected = tokenizerGolden().at(name);
        QCOMPARE(expected.size(), texts.size());
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const auto ids = tokenizer.encode(texts[i], anyLength);
            if (ids != expected.at(i).get<std::vector<std::int32_t>>())
                QFAIL(("text " + std::to_string(i) + ": " + nlohmann::json(ids).dump() + " instead of " +
                       expected.at(i).dump())
                          .c_str());
        }
        for (const auto &[most, digest] : tokenizerGolden().at("truncated").at(name).items())
            QCOMPARE(digestOf(tokenizer.encodeAll(texts, std::stoll(most))), digest.get<std::string>());
    }
};

class TokenizerTest : public QObject {
    Q_OBJECT

private slots:
    void truncationKeepsSpecialTokens()
    {
        const auto tokenizer = smallEncoder();
        const auto whole = tokenizer->encode("hello world hello", anyLength);
        for (std::int64_t most = 2; most < 12; ++most) {
            const auto ids = tokenizer->encode("hello world hello", most);
            QCOMPARE(static_cast<std::int64_t>(ids.size()),
                     std::min<std::int64_t>(most, static_cast<std::int64_t>(whole.size())));
            QCOMPARE(ids.front(), whole.front());
            QCOMPARE(ids.back(), whole.back());
            QVERIFY(std::equal(ids.begin(), ids.end() - 1, whole.begin()));
        }
        QVERIFY_THROWS_EXCEPTION(InputError, tokenizer->encode("x", 1));
        QVERIFY_THROWS_EXCEPTION(InputError, tokenizer->encodeAll({}, -1));
    }

    void manyThreadsGiveTheSame()
    {
        const auto tokenizer = smallEncoder();
        const auto texts = Fuzz(tokenizerGolden().at("fuzz")).texts(3000);
        const text::TokenBatch one = tokenizer->encodeAll(texts, 32, 1);
        for (const int threads : {0, 2, 7}) {
            // A fresh tokenizer, so that its pages are made by several threads at once.
            const text::TokenBatch many = smallEncoder()->encodeAll(texts, 32, threads);
            QCOMPARE(many.offsets, one.offsets);
            QCOMPARE(many.ids, one.ids);
        }
        for (std::size_t i = 0; i < texts.size(); i += 97) {
            const auto ids = tokenizer->encode(texts[i], 32);
            QVERIFY(std::equal(ids.begin(), ids.end(), one.ids.begin() + one.offsets[i]));
            QCOMPARE(static_cast<std::int64_t>(ids.size()), one.length(static_cast<std::int64_t>(i)));
        }
    }

    void noTexts()
    {
        const text::TokenBatch batch = smallEncoder()->encodeAll({}, 16);
        QCOMPARE(batch.size(), std::int64_t{0});
        QVERIFY(batch.ids.empty());
    }

    void stops()
    {
        const auto tokenizer = smallEncoder();
        const std::vector<std::string> texts(200'000, "the quick brown fox jumps over the lazy dog again and again");
        std::stop_source stopped;
        stopped.request_stop();
        QVERIFY_THROWS_EXCEPTION(Cancelled, tokenizer->encodeAll(texts, 64, 2, stopped.get_token()));

        std::stop_source later;
        QElapsedTimer sinceStop;
        std::jthread other([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            sinceStop.start();
            later.request_stop();
        });
        QVERIFY_THROWS_EXCEPTION(Cancelled, tokenizer->encodeAll(texts, 64, 1, later.get_token()));
        QVERIFY2(sinceStop.elapsed() < 500, "took too long to stop");
    }

    /// Not a check: prints how fast the real encoder's tokenizer is.
    void throughput()
    {
        SKIP_WITHOUT_ENCODER();
        const std::filesystem::path file = sharedData() / "goodbooks10k" / "items.csv";
        if (!std::filesystem::exists(file))
            QSKIP("needs the shared data (APIARY_DATA)");
        const auto fields = csvFields(file);
        std::vector<std::string> texts;
        std::size_t bytes = 0;
        for (std::size_t i = 15; i < fields.size(); i += 8) {
            texts.push_back(fields[i]);
            bytes += fields[i].size();
        }
        QElapsedTimer timer;
        timer.start();
        const auto tokenizer = text::loadTokenizer(encoderFolder());
        qInfo("loaded in %lld ms", static_cast<long long>(timer.elapsed()));
        for (const int threads : {1, 2}) {
            double best = 1e9, bestCpu = 1e9;
            std::size_t tokens = 0;
            for (int round = 0; round < 5; ++round) {
                const std::clock_t cpu = std::clock();
                timer.restart();
                tokens = tokenizer->encodeAll(texts, 512, threads).ids.size();
                best = std::min(best, static_cast<double>(timer.nsecsElapsed()) * 1e-9);
                bestCpu = std::min(bestCpu, static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC);
            }
            qInfo("%d threads: %zu texts, %.1f MB, %zu tokens in %.3f s (%.3f s of CPU): %.1f MB/s, %.2f M tokens/s",
                  threads, texts.size(), static_cast<double>(bytes) * 1e-6, tokens, best, bestCpu,
                  static_cast<double>(bytes) * 1e-6 / best, static_cast<double>(tokens) * 1e-6 / best);
        }
    }
};

APIARY_TEST(TokenizerGoldenTest)
APIARY_TEST(TokenizerTest)

#include "tokenizer_test.moc"
