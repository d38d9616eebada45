#pragma once

#include "text/model.h"
#include "text/vocabulary.h"

#include <string>

namespace apiary::text {

/// A word is a token, or else unknown.
class WordLevel final : public Model {
public:
    /// Throws InputError (at `where`) for a token that comes twice, an id below 0, or an unknown token that is not in
    /// the vocabulary.
    WordLevel(const std::vector<TokenEntry> &tokens, const std::string &unknown, const std::string &where);

    void tokenize(std::string_view word, std::vector<std::int32_t> &ids) const override
    {
        const std::int32_t id = m_vocabulary.find(word);
        ids.push_back(id < 0 ? m_unknownId : id);
    }
    std::int32_t idOf(std::string_view token) const override { return m_vocabulary.find(token); }
    std::int32_t maxId() const override { return m_maxId; }

private:
    Vocabulary m_vocabulary;
    std::int32_t m_unknownId = -1;
    std::int32_t m_maxId = -1;
};

} // namespace apiary::text
