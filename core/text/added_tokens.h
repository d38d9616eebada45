#pragma once

#include "text/normalizer.h"
#include "text/vocabulary.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace apiary::text {

/// A token that is found in the text before (or, where `normalized`, after) normalization, whatever the model thinks.
struct AddedToken {
    std::string content;
    std::int32_t id = 0;
    bool special = false;
    bool singleWord = false; ///< not found with a word's character right beside it
    bool stripLeft = false;  ///< takes the white space before it along
    bool stripRight = false; ///< takes the white space behind it along
    bool normalized = true;  ///< looked for in the normal text, by its own normal form
};

/// Finds added tokens: from left to right, of several at one place the longest. Immutable.
class AddedTokens {
public:
    /// A piece of text: one added token, or what lies between them.
    struct Piece {
        std::string_view text; ///< empty for an added token
        std::int32_t id = -1;  ///< -1: ordinary text
    };

    AddedTokens() = default;
    /// `normalizer` may be null. Throws InputError (at `where`) for an empty token, or one that comes twice in
    /// different kinds, or whose normal form is empty.
    AddedTokens(const std::vector<AddedToken> &tokens, const Normalizer *normalizer, const std::string &where);

    bool anyNormalized() const { return !m_normalized.isEmpty(); }

    /// Splits raw text at the tokens that are not normalized. Appends to `pieces`.
    void splitRaw(std::string_view text, std::vector<Piece> &pieces) const { m_raw.split(text, pieces); }
    /// Splits normal text at the tokens that are normalized.
    void splitNormal(std::string_view text, std::vector<Piece> &pieces) const { m_normalized.split(text, pieces); }

private:
    class Matcher {
    public:
        bool isEmpty() const { return m_tokens.empty(); }
        void add(const std::string &pattern, const AddedToken &token);
        void split(std::string_view text, std::vector<Piece> &pieces) const;

    private:
        std::size_t nextStart(std::string_view text, std::size_t from) const;

        std::vector<AddedToken> m_tokens;
        Vocabulary m_patterns; ///< pattern → index in m_tokens
        std::array<bool, 256> m_isFirst{};
        std::string m_firsts; ///< the distinct first bytes
    };

    Matcher m_raw;
    Matcher m_normalized;
};

} // namespace apiary::text
