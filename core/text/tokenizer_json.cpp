#include "text/tokenizer_files.h"

#include "text/wordpiece.h"

#include <algorithm>
#include <map>

namespace apiary::text {

namespace {

std::unique_ptr<const Normalizer> readNormalizer(const JsonField &root, const TokenizerConfig &config)
{
    const auto field = root.find("normalizer");
    if (!field)
        return nullptr;
    const JsonField type = field->at("type");
    if (type.string() != "BertNormalizer")
        type.fail("this build does not know the normalizer \"" + type.string() + "\"", "choose a BERT-like encoder");
    return std::make_unique<BertNormalizer>(bertOptions(field, config));
}

std::unique_ptr<const PreTokenizer> readPreTokenizer(const JsonField &root)
{
    const JsonField type = root.at("pre_tokenizer").at("type");
    if (type.string() != "BertPreTokenizer")
        type.fail("this build does not know the pre-tokenizer \"" + type.string() + "\"", "choose a BERT-like encoder");
    return std::make_unique<BertPreTokenizer>();
}

std::vector<TokenEntry> readVocabulary(const JsonField &field)
{
    std::vector<TokenEntry> tokens;
    tokens.reserve(field.object().value().size());
    for (const auto &[text, id] : field.value().items()) {
        const bool isId = id.is_number_unsigned() && id.get<std::uint64_t>() <= INT32_MAX;
        if (!isId)
            field.fail("the token \"" + text + "\" has no id from 0 to " + std::to_string(INT32_MAX));
        tokens.push_back({text, id.get<std::int32_t>()});
    }
    return tokens;
}

std::unique_ptr<const Model> readModel(const JsonField &root)
{
    const JsonField model = root.at("model");
    const bool isUnnamedWordPiece = !model.find("type") && model.find("continuing_subword_prefix");
    const std::string type = isUnnamedWordPiece ? "WordPiece" : model.at("type").string();
    if (type != "WordPiece")
        model.at("type").fail("this build does not know the tokenizer model \"" + type + "\"",
                              "choose an encoder with a WordPiece tokenizer");
    WordPiece::Options options;
    options.unknown = model.stringOr("unk_token", options.unknown);
    options.continuationPrefix = model.stringOr("continuing_subword_prefix", options.continuationPrefix);
    if (const auto most = model.find("max_input_chars_per_word"))
        options.maxCharacters = static_cast<std::size_t>(most->integer(0, INT32_MAX));
    const JsonField vocabulary = model.at("vocab");
    return std::make_unique<WordPiece>(readVocabulary(vocabulary), options, vocabulary.where());
}

/// The id of an added token is that of the model's vocabulary where it is there; what the file says has to agree.
void checkAddedId(const AddedToken &token, const Model &model, std::map<std::int32_t, std::string> &owners,
                  const JsonField &field)
{
    const std::int32_t known = model.idOf(token.content);
    if (known >= 0 && known != token.id)
        field.fail("the added token \"" + token.content + "\" has the id " + std::to_string(token.id) + " here and " +
                   std::to_string(known) + " in the vocabulary");
    const auto [owner, isNew] = owners.emplace(token.id, token.content);
    if (!isNew && owner->second != token.content)
        field.fail("the added tokens \"" + owner->second + "\" and \"" + token.content + "\" share the id " +
                   std::to_string(token.id));
}

std::vector<AddedToken> readAddedTokens(const JsonField &root, const Model &model,
                                        const std::vector<std::int32_t> &taken)
{
    std::vector<AddedToken> tokens;
    const auto list = root.find("added_tokens");
    if (!list)
        return tokens;
    std::map<std::int32_t, std::string> owners;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const JsonField field = list->at(i);
        AddedToken token;
        token.content = field.at("content").string();
        token.id = static_cast<std::int32_t>(field.at("id").integer(0, INT32_MAX));
        token.special = field.booleanOr("special", false);
        token.singleWord = field.booleanOr("single_word", false);
        token.stripLeft = field.booleanOr("lstrip", false);
        token.stripRight = field.booleanOr("rstrip", false);
        token.normalized = field.booleanOr("normalized", !token.special);
        checkAddedId(token, model, owners, field);
        if (model.idOf(token.content) < 0 && std::binary_search(taken.begin(), taken.end(), token.id))
            field.fail("the id " + std::to_string(token.id) + " of the added token \"" + token.content +
                       "\" belongs to another token of the vocabulary");
        tokens.push_back(std::move(token));
    }
    return tokens;
}

/// TemplateProcessing for single texts: special tokens, $A once, special tokens.
void readTemplate(const JsonField &processor, PipelineParts &parts)
{
    const JsonField single = processor.at("single");
    const JsonField special = processor.at("special_tokens");
    bool seenText = false;
    for (std::size_t i = 0; i < single.size(); ++i) {
        const JsonField piece = single.at(i);
        if (const auto sequence = piece.find("Sequence")) {
            if (seenText || sequence->at("id").string() != "A")
                sequence->fail("the template of a single text holds it once, as A");
            seenText = true;
            continue;
        }
        const JsonField ids = special.at(piece.at("SpecialToken").at("id").string()).at("ids");
        for (std::size_t k = 0; k < ids.size(); ++k)
            (seenText ? parts.after : parts.before)
                .push_back(static_cast<std::int32_t>(ids.at(k).integer(0, INT32_MAX)));
    }
    if (!seenText)
        single.fail("the template of a single text does not hold it");
}

/// BertProcessing and RobertaProcessing: ["token", id] before and behind.
void readPair(const JsonField &processor, PipelineParts &parts)
{
    const auto id = [&](const char *name) {
        const JsonField pair = processor.at(name);
        if (pair.size() != 2)
            pair.fail("a token and its id are needed here");
        return static_cast<std::int32_t>(pair.at(1).integer(0, INT32_MAX));
    };
    parts.before = {id("cls")};
    parts.after = {id("sep")};
}

void readPostProcessor(const JsonField &root, PipelineParts &parts)
{
    const auto processor = root.find("post_processor");
    if (!processor)
        return;
    const JsonField type = processor->at("type");
    if (type.string() == "TemplateProcessing")
        readTemplate(*processor, parts);
    else if (type.string() == "BertProcessing" || type.string() == "RobertaProcessing")
        readPair(*processor, parts);
    else
        type.fail("this build does not know the post-processor \"" + type.string() + "\"",
                  "choose a BERT-like encoder");
}

std::int32_t readPadId(const JsonField &root, const TokenizerConfig &config, const PipelineParts &parts,
                       const std::vector<AddedToken> &added)
{
    const auto idOf = [&](const std::string &content) {
        const auto token = std::find_if(added.begin(), added.end(),
                                        [&](const AddedToken &candidate) { return candidate.content == content; });
        return token != added.end() ? token->id : parts.model->idOf(content);
    };
    if (config.padToken) {
        if (const std::int32_t id = idOf(*config.padToken); id >= 0)
            return id;
        root.fail("the pad token \"" + *config.padToken + "\" of tokenizer_config.json is in no vocabulary",
                  "name a token of the vocabulary as pad_token");
    }
    if (const auto padding = root.find("padding"))
        if (const auto id = padding->find("pad_id"))
            return static_cast<std::int32_t>(id->integer(0, INT32_MAX));
    for (const char *usual : {"[PAD]", "<pad>"})
        if (const std::int32_t id = idOf(usual); id >= 0)
            return id;
    return 0;
}

} // namespace

PipelineParts partsFromTokenizerJson(const std::filesystem::path &file, const TokenizerConfig &config)
{
    const nlohmann::json json = readJsonFile(file);
    const JsonField root(json, file.string());
    root.object();
    PipelineParts parts;
    parts.model = readModel(root);
    parts.normalizer = readNormalizer(root, config);
    parts.preTokenizer = readPreTokenizer(root);

    std::vector<std::int32_t> taken;
    for (const auto &entry : root.at("model").at("vocab").value())
        taken.push_back(entry.get<std::int32_t>());
    std::sort(taken.begin(), taken.end());
    const std::vector<AddedToken> added = readAddedTokens(root, *parts.model, taken);
    parts.addedTokens = AddedTokens(added, parts.normalizer.get(), file.string() + ": added_tokens");
    readPostProcessor(root, parts);
    parts.padId = readPadId(root, config, parts, added);

    parts.maxId = parts.model->maxId();
    for (const AddedToken &token : added)
        parts.maxId = std::max(parts.maxId, token.id);
    for (const auto *ids : {&parts.before, &parts.after})
        for (const std::int32_t id : *ids)
            if (id > parts.maxId)
                root.at("post_processor").fail("the special token id " + std::to_string(id) + " is in no vocabulary");
    if (parts.padId > parts.maxId)
        root.at("padding").fail("the pad id " + std::to_string(parts.padId) + " is in no vocabulary");
    return parts;
}

} // namespace apiary::text
