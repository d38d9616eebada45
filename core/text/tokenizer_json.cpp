#include "text/json_readers.h"

#include <algorithm>
#include <map>

namespace apiary::text {

namespace {

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
    ModelParts model = readModel(root.at("model"));
    parts.model = std::move(model.model);
    if (const auto normalizer = root.find("normalizer"))
        parts.normalizer = readNormalizer(*normalizer, config);
    if (const auto preTokenizer = root.find("pre_tokenizer"))
        parts.preTokenizer = readPreTokenizer(*preTokenizer);
    const std::vector<AddedToken> added = readAddedTokens(root, *parts.model, model.ids);
    parts.addedTokens = AddedTokens(added, parts.normalizer.get(), file.string() + ": added_tokens");
    if (const auto processor = root.find("post_processor"))
        readPostProcessor(*processor, parts);
    if (const auto truncation = root.find("truncation"))
        if (const auto direction = truncation->find("direction"))
            parts.truncateLeft = isLeft(*direction);
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
