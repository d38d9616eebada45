#pragma once

#include "text/model.h"
#include "text/prefix_tree.h"
#include "text/vocabulary.h"

#include <array>
#include <string>

namespace apiary::text {

/// A token with its score, the logarithm of its share.
struct ScoredToken {
    std::string text;
    double score = 0;
};

/// Unigram: of all ways to write a word as tokens the one with the largest sum of scores (Viterbi; of equal ones that
/// which was found first). A character that no token is gets the unknown token with the least score less ten; unknown
/// ones in a row are one. Source: sentencepiece's unigram model, as the package has it.
class Unigram final : public Model {
public:
    struct Options {
        std::int64_t unknownId = 0;
        bool byteFallback = false; ///< unknown text becomes the tokens <0x00> … of its bytes, if all are there
    };

    /// A token's id is its place. Of a token that comes twice the later id and score count. Throws InputError for an
    /// empty vocabulary, too much text in it, and an unknown id that is not in it.
    Unigram(const std::vector<ScoredToken> &tokens, const Options &options, const std::string &where);

    void tokenize(std::string_view word, std::vector<std::int32_t> &ids) const override;
    std::int32_t idOf(std::string_view token) const override { return m_vocabulary.find(token); }
    std::int32_t maxId() const override { return static_cast<std::int32_t>(m_scores.size()) - 1; }

private:
    void search(std::string_view word, std::vector<std::int32_t> &ids) const;
    void appendUnknown(std::string_view text, std::vector<std::int32_t> &ids) const;

    std::uint64_t m_number;
    PrefixTree m_tree;
    Vocabulary m_vocabulary;
    std::vector<double> m_scores;
    double m_unknownScore = 0;
    std::int32_t m_unknownId = -1;
    bool m_byteFallback = false;
    std::array<std::int32_t, 256> m_byteIds{};
};

} // namespace apiary::text
