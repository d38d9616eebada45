#pragma once

#include "text/added_tokens.h"
#include "text/model.h"
#include "text/pipeline.h"
#include "text/tokenizer_files.h"

namespace apiary::text {

/// Gathers the added tokens that tokenizer_config.json names on top of a model's vocabulary, as transformers does for
/// folders without tokenizer.json. Borrows both.
class TokenList {
public:
    TokenList(const JsonField &config, const Model &model);

    /// What becomes of a special token that the vocabulary does not hold.
    enum class Missing { Fail, Skip, Append }; ///< Append: it gets the next id

    /// Adds the special token that the configuration names under `key`, or else the `usual` one. Returns its id, -1
    /// where it was skipped.
    std::int32_t addSpecial(const std::string &key, const AddedToken &usual, Missing missing);
    std::int32_t addSpecial(const std::string &key, const char *usual, Missing missing);

    /// Adds those of additional_special_tokens, which the vocabulary has to hold, and gives the list and the largest
    /// id to the tokenizer, whose normalizer is there already.
    void finish(PipelineParts &parts);

private:
    void addListed(const std::string &key, const JsonField &field);
    std::int32_t add(AddedToken token, const JsonField &field, Missing missing);

    const JsonField &m_config;
    const Model &m_model;
    std::vector<AddedToken> m_tokens;
    std::int32_t m_nextId;
};

} // namespace apiary::text
