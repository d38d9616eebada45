#include "base/error.h"
#include "golden_tokenizer.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace apiary;
using namespace apiary::tests;
using nlohmann::json;

namespace {

/// A folder of tokenizer files.
class Folder {
public:
    Folder &withText(const std::string &name, const std::string &content)
    {
        std::ofstream(path() / name, std::ios::binary) << content;
        return *this;
    }
    Folder &with(const std::string &name, const json &content) { return withText(name, content.dump()); }
    std::filesystem::path path() const { return m_folder.path().toStdString(); }
    std::shared_ptr<const text::Tokenizer> load() const { return text::loadTokenizer(path()); }

private:
    QTemporaryDir m_folder;
};

json small()
{
    return readJson(golden() / "small_encoder" / "tokenizer.json");
}

std::string smallVocabTxt()
{
    const json definition = small();
    const json &vocabulary = definition.at("model").at("vocab");
    std::vector<std::string> lines(vocabulary.size());
    for (const auto &[token, id] : vocabulary.items())
        lines.at(id.get<std::size_t>()) = token;
    std::string content;
    for (const std::string &line : lines)
        content += line + "\n";
    return content;
}

/// Digest over the golden fuzz texts.
std::string fuzzDigest(const text::Tokenizer &tokenizer)
{
    Digest digest;
    for (const std::string &text : Fuzz(tokenizerGolden().at("fuzz")).texts(20000))
        digest.add(tokenizer.encode(text, anyLength));
    return digest.text();
}

std::string expectedDigest(const std::string &variant)
{
    for (const auto &candidate : tokenizerGolden().at("fuzz").at("variants"))
        if (candidate.at("name") == variant)
            return candidate.at("digest").get<std::string>();
    return "no such variant";
}

/// Loads and expects an InputError whose message names all of `parts`.
void expectError(const Folder &folder, const std::vector<std::string> &parts)
{
    try {
        folder.load();
    } catch (const InputError &error) {
        for (const std::string &part : parts)
            if (std::string(error.what()).find(part) == std::string::npos)
                QFAIL(("\"" + part + "\" is not in: " + error.what()).c_str());
        QVERIFY(!error.remedy().empty());
        return;
    }
    QFAIL("no error");
}

} // namespace

class TokenizerFilesTest : public QObject {
    Q_OBJECT

private slots:
    void vocabTxt()
    {
        Folder folder;
        folder.withText("vocab.txt", smallVocabTxt());
        QCOMPARE(fuzzDigest(*folder.load()), expectedDigest("plain"));
        folder.with("tokenizer_config.json", json{{"do_lower_case", false}});
        QCOMPARE(fuzzDigest(*folder.load()), expectedDigest("cased"));
        folder.with("tokenizer_config.json", json{{"do_lower_case", true}, {"strip_accents", false}});
        QCOMPARE(fuzzDigest(*folder.load()), expectedDigest("accents kept"));
    }

    void vocabTxtLines()
    {
        Folder folder;
        // White space at the end of a line is no part of a token; of a token that comes twice the last line counts.
        folder.withText("vocab.txt", "[PAD]\n[UNK]\r\n[CLS]\n[SEP]\na\nb \na\n\n##c");
        const auto tokenizer = folder.load();
        QCOMPARE(tokenizer->encode("a b c ac", 16), (std::vector<std::int32_t>{2, 6, 5, 1, 6, 8, 3}));
        QCOMPARE(tokenizer->vocabularySize(), std::int64_t{9});
    }

    void vocabTxtSpecialTokens()
    {
        Folder folder;
        folder.withText("vocab.txt", "<u>\n<s>\n</s>\n<p>\n<m>\n<x>\na\n")
            .with("tokenizer_config.json",
                  json{{"unk_token", "<u>"},
                       {"cls_token", json{{"content", "<s>"}}},
                       {"sep_token", "</s>"},
                       {"pad_token", "<p>"},
                       {"mask_token", json{{"content", "<m>"}, {"lstrip", true}}},
                       {"additional_special_tokens", json::array({"<x>"})},
                       {"added_tokens_decoder", json{{"7", json{{"content", "<new>"}, {"special", true}}}}}});
        const auto tokenizer = folder.load();
        QCOMPARE(tokenizer->encode("a <m>z<x><new>a", 16), (std::vector<std::int32_t>{1, 6, 4, 0, 5, 7, 6, 2}));
        QCOMPARE(tokenizer->padId(), 3);
        QCOMPARE(tokenizer->vocabularySize(), std::int64_t{8});
    }

    void configOverrulesBertNormalizer()
    {
        Folder folder;
        folder.with("tokenizer.json", small());
        folder.with("tokenizer_config.json", json{{"tokenizer_class", "BertTokenizer"}, {"do_lower_case", false}});
        QCOMPARE(fuzzDigest(*folder.load()), expectedDigest("cased"));
        folder.with("tokenizer_config.json", json{{"tokenizer_class", "Other"}, {"do_lower_case", false}});
        QCOMPARE(fuzzDigest(*folder.load()), expectedDigest("plain"));
    }

    void lowercaseFirst()
    {
        const std::filesystem::path cased = golden() / "tokenizers" / "roberta_txt";
        const auto plain = text::loadTokenizer(cased), lower = text::loadTokenizer(cased, {.lowercase = true});
        const std::string text = "Der ÄRGER, it's HELLO 12 \u0130x";
        QCOMPARE(lower->encode(text, anyLength), plain->encode("der \u00E4rger, it's hello 12 i\u0307x", anyLength));
        QVERIFY(lower->encode(text, anyLength) != plain->encode(text, anyLength));
    }

    void truncationSide()
    {
        json definition = small();
        Folder folder;
        folder.with("tokenizer.json", definition);
        const std::string text = "a b c b a";
        const auto all = folder.load()->encode(text, anyLength);
        const auto right = folder.load()->encode(text, 4);
        QCOMPARE(right, (std::vector<std::int32_t>{all[0], all[1], all[2], all.back()}));
        const std::vector<std::int32_t> left{all[0], all[all.size() - 3], all[all.size() - 2], all.back()};
        QVERIFY(left != right);
        definition["truncation"] = json{{"direction", "Left"}, {"max_length", 8}};
        folder.with("tokenizer.json", definition);
        QCOMPARE(folder.load()->encode(text, 4), left);
        QCOMPARE(folder.load()->encode(text, anyLength), all);
        folder.with("tokenizer_config.json", json{{"truncation_side", "right"}});
        QCOMPARE(folder.load()->encode(text, 4), right);
        folder.with("tokenizer.json", small()).with("tokenizer_config.json", json{{"truncation_side", "left"}});
        const std::vector<std::string> texts{text, "c", text};
        const text::TokenBatch batch = folder.load()->encodeAll(texts, 4, 1);
        QCOMPARE(std::vector<std::int32_t>(batch.ids.begin(), batch.ids.begin() + 4), left);
        QCOMPARE(std::vector<std::int32_t>(batch.ids.end() - 4, batch.ids.end()), left);
        folder.with("tokenizer_config.json", json{{"truncation_side", "middle"}});
        expectError(folder, {"truncation_side", "middle"});
    }

    void otherPostProcessors()
    {
        json definition = small();
        for (const char *type : {"BertProcessing", "RobertaProcessing"}) {
            definition["post_processor"] = json{{"type", type}, {"sep", json{"[SEP]", 3}}, {"cls", json{"[CLS]", 2}}};
            Folder folder;
            QCOMPARE(fuzzDigest(*folder.with("tokenizer.json", definition).load()), expectedDigest("plain"));
        }
    }

    void padToken()
    {
        Folder folder;
        json definition = small();
        definition["padding"] = json{{"pad_id", 4}};
        folder.with("tokenizer.json", definition);
        QCOMPARE(folder.load()->padId(), 4);
        folder.with("special_tokens_map.json", json{{"pad_token", json{{"content", "[MASK]"}}}});
        QCOMPARE(folder.load()->padId(), 4);
        folder.with("tokenizer_config.json", json{{"pad_token", "[SEP]"}});
        QCOMPARE(folder.load()->padId(), 3);
        folder.with("tokenizer_config.json", json{{"pad_token", "[NONE]"}});
        expectError(folder, {"[NONE]", "tokenizer.json"});
    }

    void brokenJson_data()
    {
        QTest::addColumn<QString>("patch");
        QTest::addColumn<QStringList>("parts");
        const auto row = [](const char *name, const char *patch, const QStringList &parts) {
            QTest::newRow(name) << QString(patch) << (QStringList("tokenizer.json") + parts);
        };
        row("no model", R"({"model":null})", {"model", "missing"});
        row("model type", R"({"model":{"type":"Trigram"}})", {"model.type", "Trigram"});
        row("model is a list", R"({"model":[1]})", {"model", "object"});
        row("no vocabulary", R"({"model":{"vocab":null}})", {"model.vocab", "missing"});
        row("vocabulary is a text", R"({"model":{"vocab":"x"}})", {"model.vocab"});
        row("id is a text", R"({"model":{"vocab":{"a":"7"}}})", {"model.vocab", "\"a\""});
        row("id is negative", R"({"model":{"vocab":{"a":-1}}})", {"model.vocab", "\"a\""});
        row("id is broken", R"({"model":{"vocab":{"a":1.5}}})", {"model.vocab", "\"a\""});
        row("id is huge", R"({"model":{"vocab":{"a":4294967296}}})", {"model.vocab", "\"a\""});
        row("id comes twice", R"({"model":{"vocab":{"a":5,"b":5}}})", {"model.vocab", "share the id 5"});
        row("unknown token", R"({"model":{"unk_token":"<unk>"}})", {"<unk>"});
        row("unknown token is gone", R"({"model":{"vocab":{"[UNK]":null}}})", {"[UNK]"});
        row("word limit", R"({"model":{"max_input_chars_per_word":-3}})", {"model.max_input_chars_per_word"});
        row("normalizer", R"({"normalizer":{"type":"Recompiled"}})", {"normalizer.type", "Recompiled"});
        row("normalizer flag", R"({"normalizer":{"lowercase":1}})", {"normalizer.lowercase"});
        row("pre-tokenizer", R"({"pre_tokenizer":{"type":"BitLevel"}})", {"pre_tokenizer.type", "BitLevel"});
        row("post-processor", R"({"post_processor":{"type":"BitLevel"}})", {"post_processor.type", "BitLevel"});
        row("template token", R"({"post_processor":{"special_tokens":{"[SEP]":null}}})",
            {"post_processor.special_tokens.[SEP]"});
        row("template id", R"({"post_processor":{"special_tokens":{"[SEP]":{"ids":[99999]}}}})",
            {"post_processor", "99999"});
        row("template without text", R"({"post_processor":{"single":[]}})", {"post_processor.single"});
        row("template with B", R"({"post_processor":{"single":[{"Sequence":{"id":"B"}}]}})",
            {"post_processor.single[0].Sequence"});
        row("added tokens", R"({"added_tokens":{}})", {"added_tokens", "list"});
        row("added token is empty", R"({"added_tokens":[{"id":900,"content":""}]})", {"added_tokens", "empty"});
        row("added token has no id", R"({"added_tokens":[{"content":"x"}]})", {"added_tokens[0].id"});
        row("added token's other id", R"({"added_tokens":[{"id":7,"content":"[PAD]"}]})",
            {"added_tokens[0]", "[PAD]", "7"});
        row("added token's taken id", R"({"added_tokens":[{"id":7,"content":"<new>"}]})",
            {"added_tokens[0]", "<new>", "7"});
        row("added tokens with one id", R"({"added_tokens":[{"id":900,"content":"<x>"},{"id":900,"content":"<y>"}]})",
            {"added_tokens[1]", "900"});
        row("added token twice",
            R"({"added_tokens":[{"id":900,"content":"<x>"},{"id":900,"content":"<x>","lstrip":true}]})",
            {"added_tokens", "<x>", "twice"});
        row("normalizer within", R"({"normalizer":{"type":"Sequence","normalizers":[{"type":"Other"}]}})",
            {"normalizer.normalizers[0].type", "Other"});
        row("no base64", R"({"normalizer":{"type":"Precompiled","precompiled_charsmap":"!!!!"}})",
            {"normalizer.precompiled_charsmap", "base64"});
        row("charsmap is cut", R"({"normalizer":{"type":"Precompiled","precompiled_charsmap":"AAQAAA=="}})",
            {"normalizer.precompiled_charsmap", "cut short"});
        row("expression", R"({"normalizer":{"type":"Replace","pattern":{"Regex":"*"},"content":""}})",
            {"normalizer.pattern.Regex", "regular expression"});
        row("metaspace", R"({"pre_tokenizer":{"type":"Metaspace","replacement":"ab"}})",
            {"pre_tokenizer.replacement", "one character"});
        row("scheme", R"({"pre_tokenizer":{"type":"Metaspace","replacement":"a","prepend_scheme":"often"}})",
            {"pre_tokenizer.prepend_scheme", "always"});
        row("behavior", R"({"pre_tokenizer":{"type":"Split","pattern":{"String":"a"},"behavior":"Lost"}})",
            {"pre_tokenizer.behavior", "Lost"});
        row("empty pattern", R"({"pre_tokenizer":{"type":"Split","pattern":{"String":""},"behavior":"Removed"}})",
            {"pre_tokenizer.pattern.String"});
        row("Unigram's vocabulary", R"({"model":{"type":"Unigram"}})", {"model.vocab", "list"});
        row("Unigram's entry", R"({"model":{"type":"Unigram","unk_id":0,"vocab":[["a",0],["b"]]}})",
            {"model.vocab[1]", "score"});
        row("Unigram's unknown", R"({"model":{"type":"Unigram","unk_id":5,"vocab":[["a",0]]}})", {"model.vocab", "5"});
        row("no merges", R"({"model":{"type":"BPE"}})", {"model.merges", "missing"});
        row("merge of nothing", R"({"model":{"type":"BPE","merges":["qq zz"]}})", {"model", "qq"});
        row("merge of one", R"({"model":{"type":"BPE","merges":[["a","b"],"a"]}})", {"model.merges[1]", "two tokens"});
        row("dropout", R"({"model":{"type":"BPE","merges":[],"dropout":0.1}})", {"model.dropout"});
        row("added token vanishes", R"({"added_tokens":[{"id":900,"content":"\u0302","normalized":true}]})",
            {"added_tokens", "normalization"});
    }

    void brokenJson()
    {
        QFETCH(QString, patch);
        QFETCH(QStringList, parts);
        json definition = small();
        definition.merge_patch(json::parse(patch.toStdString()));
        std::vector<std::string> wanted;
        for (const QString &part : parts)
            wanted.push_back(part.toStdString());
        Folder folder;
        expectError(folder.with("tokenizer.json", definition), wanted);
    }

    void brokenFiles()
    {
        expectError(Folder(), {"tokenizer.json", "vocab.txt"});
        expectError(Folder().withText("tokenizer.json", std::string("{\"model\": ")),
                    {"tokenizer.json", "byte", "JSON"});
        expectError(Folder().withText("tokenizer.json", std::string("\xff\xfe")), {"tokenizer.json", "JSON"});
        expectError(Folder().withText("tokenizer.json", std::string()), {"tokenizer.json", "JSON"});
        expectError(Folder().withText("tokenizer.json", std::string("[]")), {"tokenizer.json", "object"});
        expectError(Folder().withText("tokenizer.json", std::string(1'000'000, '[')), {"tokenizer.json", "levels"});
        expectError(Folder().with("tokenizer.json", small()).withText("tokenizer_config.json", std::string("nope")),
                    {"tokenizer_config.json", "JSON"});
        expectError(Folder().withText("vocab.txt", std::string()), {"vocab.txt", "empty"});
        expectError(Folder().withText("vocab.txt", std::string("a\n")), {"vocab.txt", "[UNK]"});
        expectError(Folder().withText("vocab.txt", std::string("[UNK]\n")), {"vocab.txt", "[CLS]"});
        expectError(Folder().withText("vocab.txt", std::string("[UNK]\n[CLS]\n[SEP]\n\xff\n")), {"vocab.txt:4"});
        expectError(Folder()
                        .withText("vocab.txt", smallVocabTxt())
                        .with("tokenizer_config.json", json{{"pad_token", "<none>"}}),
                    {"tokenizer_config.json: pad_token", "<none>"});
        expectError(
            Folder()
                .withText("vocab.txt", smallVocabTxt())
                .with("tokenizer_config.json", json{{"added_tokens_decoder", json{{"x", json{{"content", "y"}}}}}}),
            {"tokenizer_config.json: added_tokens_decoder.x"});
        expectError(Folder().withText("tokenizer.json", std::string("{\"model\": 1e999}")),
                    {"tokenizer.json", "number"});
        const std::string broken = "\x0a\x7f";
        expectError(Folder().withText("sentencepiece.bpe.model", broken), {"sentencepiece.bpe.model", "broken"});
        expectError(Folder()
                        .withText("sentencepiece.bpe.model", broken)
                        .with("tokenizer_config.json", json{{"tokenizer_class", "CamembertTokenizer"}}),
                    {"tokenizer_class", "CamembertTokenizer"});
        expectError(Folder().with("vocab.json", json{{"a", 0}}).withText("merges.txt", std::string("a\n")),
                    {"merges.txt:1", "two tokens"});
        Folder folder;
        std::filesystem::create_directory(folder.path() / "tokenizer.json");
        expectError(folder, {"tokenizer.json"});
    }

    void hugeFile()
    {
        Folder folder;
        folder.withText("tokenizer.json", std::string("{}"));
        std::filesystem::resize_file(folder.path() / "tokenizer.json", 300U << 20); // a hole, no blocks
        expectError(folder, {"tokenizer.json", "MiB"});
    }
};

class Utf8Test : public QObject {
    Q_OBJECT

private slots:
    void maximalSubparts_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("replaced");
        const auto row = [](const char *name, const char *hex, int replaced) {
            QTest::newRow(name) << QByteArray::fromHex(hex) << replaced;
        };
        row("plain", "6162", 0);
        row("all lengths", "61c3a9e4b8adf09f9880", 0);
        row("edges", "c280dfbfe0a080ed9fbfee8080efbfbff0908080f48fbfbf", 0);
        row("lone continuation", "80", 1);
        row("cut pair", "c3", 1);
        row("cut triple is one", "e4b8", 1);
        row("cut quadruple is one", "f09f98", 1);
        row("overlong pair", "c0af", 2);
        row("overlong triple", "e080af", 3);
        row("overlong quadruple", "f08080af", 4);
        row("surrogate", "eda080", 3);
        row("beyond", "f4908080", 4);
        row("five bytes", "f888808080", 5);
        row("cut before a letter", "e4b841", 1);
        row("cut before a lead", "f09f98e4b8ad", 1);
    }

    void maximalSubparts()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, replaced);
        const std::string text = bytes.toStdString();
        QCOMPARE(text::validPrefix(text) == text.size(), replaced == 0);
        const std::string fixed = text::repaired(text);
        QCOMPARE(text::validPrefix(fixed), fixed.size());
        int count = 0;
        for (std::size_t i = 0; i < fixed.size();)
            count += text::nextScalar(fixed, i) == text::replacementCharacter;
        QCOMPARE(count, replaced);
        if (replaced == 0)
            QCOMPARE(fixed, text);
    }

    void roundTrip()
    {
        for (char32_t c = 0; c < 0x110000; ++c) {
            if (c >= 0xD800 && c < 0xE000)
                continue;
            std::string text = "x";
            text::appendScalar(text, c);
            std::size_t position = 1, end = text.size();
            if (text::validPrefix(text) != text.size() || text::scalarCount(text) != 2 ||
                text::nextScalar(text, position) != c || position != text.size() ||
                text::previousScalar(text, end) != c || end != 1)
                QFAIL(std::to_string(static_cast<unsigned>(c)).c_str());
        }
    }
};

APIARY_TEST(TokenizerFilesTest)
APIARY_TEST(Utf8Test)

#include "tokenizer_files_test.moc"
