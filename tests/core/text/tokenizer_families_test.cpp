#include "golden_tokenizer.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace apiary;
using namespace apiary::tests;
using nlohmann::json;

namespace {

const json &familiesGolden()
{
    static const json values = readJson(golden() / "tokenizer_variants.json");
    return values;
}

const json &variant(int index)
{
    return familiesGolden().at("variants").at(static_cast<std::size_t>(index));
}

void addVariants(const char *needed)
{
    QTest::addColumn<int>("index");
    const json &variants = familiesGolden().at("variants");
    for (std::size_t i = 0; i < variants.size(); ++i)
        if (variants.at(i).contains(needed))
            QTest::newRow(variants.at(i).at("name").get<std::string>().c_str()) << static_cast<int>(i);
}

/// A small tokenizer with parts in the place of its own.
std::shared_ptr<const text::Tokenizer> load(const json &entry)
{
    const std::filesystem::path from = golden() / "tokenizers" / entry.at("folder").get<std::string>();
    if (entry.at("patch").empty())
        return text::loadTokenizer(from);
    QTemporaryDir folder;
    const std::filesystem::path to = folder.path().toStdString();
    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
    const bool isJson = std::filesystem::exists(from / "tokenizer.json");
    const char *name = isJson ? "tokenizer.json" : "tokenizer_config.json";
    json definition = readJson(from / name);
    definition.merge_patch(entry.at("patch"));
    std::ofstream(to / name) << definition.dump();
    return text::loadTokenizer(to);
}

std::string digestOf(const text::TokenBatch &batch)
{
    Digest digest;
    for (std::int64_t i = 0; i < batch.size(); ++i)
        digest.add(std::span(batch.ids).subspan(static_cast<std::size_t>(batch.offsets[static_cast<std::size_t>(i)]),
                                                static_cast<std::size_t>(batch.length(i))));
    return digest.text();
}

const std::vector<std::string> &randomTexts()
{
    static const std::vector<std::string> texts =
        Fuzz(familiesGolden()).texts(familiesGolden().at("count").get<std::size_t>());
    return texts;
}

} // namespace

/// Every family against the `tokenizers` package, see tests/golden/tokenizer_variants.py.
class TokenizerFamiliesTest : public QObject {
    Q_OBJECT

private slots:
    void randomTexts_data() { addVariants("ids"); }

    void randomTexts()
    {
        QFETCH(int, index);
        const json &entry = variant(index);
        const auto tokenizer = load(entry);
        const std::vector<std::string> &texts = ::randomTexts();
        for (std::size_t i = 0; i < entry.at("ids").size(); ++i) {
            const auto ids = tokenizer->encode(texts[i], anyLength);
            if (ids != entry.at("ids").at(i).get<std::vector<std::int32_t>>())
                QFAIL(("text " + std::to_string(i) + ": " + json(ids).dump() + " instead of " +
                       entry.at("ids").at(i).dump())
                          .c_str());
        }
        const text::TokenBatch batch = tokenizer->encodeAll(texts, anyLength, 2);
        QCOMPARE(static_cast<std::int64_t>(batch.ids.size()), entry.at("tokens").get<std::int64_t>());
        QCOMPARE(digestOf(batch), entry.at("digest").get<std::string>());
        QCOMPARE(digestOf(tokenizer->encodeAll(texts, 7)), entry.at("cut").get<std::string>());
    }

    /// What is kept of a long text does not depend on how much is left out.
    void truncationOfALongText()
    {
        std::string text;
        while (text.size() < 2'000'000)
            text += "abc def, ghi 123 ";
        for (const char *folder : {"xlmr", "roberta_txt", "qwen", "bert"}) {
            const auto tokenizer = text::loadTokenizer(golden() / "tokenizers" / folder);
            const auto few = tokenizer->encode(text, 16);
            QCOMPARE(few.size(), std::size_t{16});
            QCOMPARE(tokenizer->encode(std::string_view(text).substr(0, 2000), 16), few);
        }
    }

    void everyScalar_data() { addVariants("scalars"); }

    void everyScalar()
    {
        QFETCH(int, index);
        std::vector<std::string> texts;
        forEachScalarText([&](const std::string &text) { texts.push_back(text); });
        const text::TokenBatch batch = load(variant(index))->encodeAll(texts, anyLength);
        QCOMPARE(static_cast<std::int64_t>(batch.ids.size()),
                 variant(index).at("scalars").at("tokens").get<std::int64_t>());
        QCOMPARE(digestOf(batch), variant(index).at("scalars").at("digest").get<std::string>());
    }
};

APIARY_TEST(TokenizerFamiliesTest)

#include "tokenizer_families_test.moc"
