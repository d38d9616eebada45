#pragma once

#include "text/model.h"
#include "text/vocabulary.h"

#include <string>

namespace apiary::text {

/// WordPiece: the longest token at the front of the word, then the longest of the tokens that continue a word, and so
/// on. A word that cannot be covered, or of more than maxCharacters characters, is one unknown token as a whole.
class WordPiece final : public Model {
public:
    struct Options {
        std::string unknown = "[UNK]";
        std::string continuationPrefix = "##";
        std::size_t maxCharacters = 100;
    };

    /// `where` names the file and field for errors. Throws InputError for an empty vocabulary, a token or an id that
    /// comes twice, an id below 0, and an unknown token that is not in the vocabulary.
    WordPiece(const std::vector<TokenEntry> &tokens, const Options &options, const std::string &where);

    void tokenize(std::string_view word, std::vector<std::int32_t> &ids) const override;
    std::int32_t idOf(std::string_view token) const override { return m_whole.find(token); }
    std::int32_t maxId() const override { return m_maxId; }

private:
    Vocabulary m_whole;        ///< all tokens as they are written
    Vocabulary m_continuation; ///< those with the prefix, without it
    std::size_t m_maxCharacters;
    std::int32_t m_unknownId = -1;
    std::int32_t m_maxId = -1;
};

} // namespace apiary::text
