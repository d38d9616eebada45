#include "base/error.h"
#include "text/character_split.h"
#include "text/metaspace.h"
#include "text/precompiled.h"
#include "text/token_list.h"
#include "text/unigram.h"
#include "text/utf8.h"
#include "text/wire_reader.h"

#include <cmath>

namespace apiary::text {

namespace {

/// What counts of sentencepiece's ModelProto (sentencepiece_model.proto).
struct ModelFile {
    std::vector<ScoredToken> pieces;
    std::string charsmap;
    std::uint64_t modelType = 1; ///< unigram
};

ScoredToken readPiece(std::string_view bytes, const std::string &where)
{
    ScoredToken piece;
    WireReader reader(bytes, where);
    for (WireReader::Field field; reader.next(field);) {
        if (field.number == 1)
            piece.text = field.bytes;
        else if (field.number == 2)
            piece.score = field.asFloat();
    }
    if (validPrefix(piece.text) != piece.text.size() || !std::isfinite(piece.score))
        throw InputError("a piece of this model is no UTF-8, or its score no number", where,
                         "get the encoder's files again");
    return piece;
}

ModelFile readModelFile(const std::filesystem::path &file)
{
    const std::string where = file.string();
    const std::string content = readWholeFile(file);
    ModelFile model;
    WireReader reader(content, where);
    for (WireReader::Field field; reader.next(field);) {
        if (field.number == 1) {
            model.pieces.push_back(readPiece(field.bytes, where));
        } else if (field.number == 2) { // how it was trained
            WireReader trainer(field.bytes, where);
            for (WireReader::Field option; trainer.next(option);)
                if (option.number == 3)
                    model.modelType = option.value;
        } else if (field.number == 3) { // how it normalizes
            WireReader normalizer(field.bytes, where);
            for (WireReader::Field option; normalizer.next(option);)
                if (option.number == 2)
                    model.charsmap = option.bytes;
        }
    }
    return model;
}

} // namespace

PipelineParts partsFromSentencePiece(const std::filesystem::path &file, const TokenizerConfig &config)
{
    const JsonField fields(config.json, config.where.empty() ? file.string() : config.where);
    if (!config.tokenizerClass.empty() && !config.tokenizerClass.starts_with("XLMRoberta"))
        fields.at("tokenizer_class")
            .fail("a sentencepiece model alone is read for XLM-RoBERTa only, not for \"" + config.tokenizerClass + "\"",
                  "save the tokenizer with transformers, which writes tokenizer.json");
    ModelFile model = readModelFile(file);
    if (model.modelType != 1 || model.pieces.size() < 4)
        throw InputError("this sentencepiece model is no unigram model", file.string(), "choose another encoder");

    const auto name = [&](const char *key, const char *usual) {
        const auto field = fields.find(key);
        return field ? tokenContent(*field) : std::string(usual);
    };
    // fairseq's order: the model's own <unk>, <s>, </s> give way to four others, and the mask comes last.
    std::vector<ScoredToken> tokens = {{name("bos_token", "<s>"), 0},
                                       {name("pad_token", "<pad>"), 0},
                                       {name("eos_token", "</s>"), 0},
                                       {name("unk_token", "<unk>"), 0}};
    tokens.insert(tokens.end(), std::make_move_iterator(model.pieces.begin() + 3),
                  std::make_move_iterator(model.pieces.end()));
    tokens.push_back({name("mask_token", "<mask>"), 0});

    PipelineParts parts;
    parts.model = std::make_unique<Unigram>(tokens, Unigram::Options{.unknownId = 3}, file.string());
    if (!model.charsmap.empty())
        parts.normalizer = std::make_unique<Precompiled>(model.charsmap, file.string());
    std::vector<std::unique_ptr<const PreTokenizer>> stages;
    stages.push_back(makeWhitespaceSplit());
    Metaspace::Options options;
    if (!fields.booleanOr("add_prefix_space", true))
        options.prepend = Metaspace::Prepend::Never;
    stages.push_back(std::make_unique<Metaspace>(options));
    parts.preTokenizer = std::make_unique<PreTokenizerSequence>(std::move(stages));

    constexpr auto fail = TokenList::Missing::Fail;
    TokenList list(fields, *parts.model);
    parts.before = {list.addSpecial("bos_token", "<s>", fail)};
    parts.after = {list.addSpecial("eos_token", "</s>", fail)};
    list.addSpecial("unk_token", "<unk>", fail);
    list.addSpecial("sep_token", "</s>", fail);
    parts.padId = list.addSpecial("pad_token", "<pad>", fail);
    list.addSpecial("cls_token", "<s>", fail);
    list.addSpecial("mask_token", "<mask>", fail);
    list.finish(parts);
    return parts;
}

} // namespace apiary::text
