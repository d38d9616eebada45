#pragma once

#include "text/added_tokens.h"
#include "text/model.h"
#include "text/normalizer.h"
#include "text/pre_tokenizer.h"
#include "text/tokenizer.h"

namespace apiary::text {

/// The stages of a tokenizer, as its files describe them.
struct PipelineParts {
    std::unique_ptr<const Normalizer> normalizer;     ///< null: text stays as it is
    std::unique_ptr<const PreTokenizer> preTokenizer; ///< null: a piece of text is one word
    std::unique_ptr<const Model> model;
    AddedTokens addedTokens;
    std::vector<std::int32_t> before; ///< special tokens before every text
    std::vector<std::int32_t> after;  ///< and behind it
    bool truncateLeft = false;        ///< what is too long loses its beginning
    std::int32_t padId = 0;
    std::int32_t maxId = 0; ///< over the model's and the added tokens
};

/// Added tokens → normalizer → added tokens again → pre-tokenizer → model → special tokens around.
class Pipeline final : public Tokenizer {
public:
    explicit Pipeline(PipelineParts parts);

    std::int32_t padId() const override { return m_parts.padId; }
    std::int64_t vocabularySize() const override { return std::int64_t{m_parts.maxId} + 1; }
    std::int64_t specialTokenCount() const override;

protected:
    void append(std::string_view text, std::int64_t maxTokens, std::vector<std::int32_t> &ids) const override;

private:
    void appendOrdinary(std::string_view text, bool atStart, std::size_t full, std::vector<std::int32_t> &ids) const;
    void appendWords(std::string_view text, bool atStart, std::size_t full, std::vector<std::int32_t> &ids) const;

    PipelineParts m_parts;
    bool m_asksForStart;
};

} // namespace apiary::text
