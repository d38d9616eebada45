#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace apiary::text {

/// A token and its id.
struct TokenEntry {
    std::string text;
    std::int32_t id = 0;
};

/// Tokens in one flat hash table that answers which is the longest at the front of a text: the hash of every prefix
/// comes from one pass, the longest is tried first, and a common word is found by one probe. Immutable.
class Vocabulary {
public:
    struct Match {
        std::int32_t id = -1; ///< -1: none
        std::size_t length = 0;
    };

    Vocabulary() = default;

    void reserve(std::size_t tokens, std::size_t bytes);
    /// Adds a token; false where it is there already (it keeps its id).
    bool add(std::string_view token, std::int32_t id);

    /// The id of a token, -1 where there is none.
    std::int32_t find(std::string_view token) const;
    /// The longest token, at least one byte long, that `text` starts with. Between well-formed texts a match ends at
    /// the end of a character.
    Match longest(std::string_view text) const;

    std::size_t size() const { return m_tokens.size(); }
    std::size_t longestToken() const { return m_longest; }

private:
    struct Slot {
        std::uint32_t tag = 0;   ///< upper half of the hash
        std::uint32_t token = 0; ///< index in m_tokens + 1; 0: empty
    };
    struct Token {
        std::uint64_t offset;
        std::uint32_t length;
        std::int32_t id;
    };

    const Token *lookUp(std::string_view token, std::uint64_t hash) const;
    void insert(std::uint64_t hash, std::uint32_t token);
    void rehash(std::size_t slots);
    std::string_view view(const Token &token) const
    {
        return std::string_view(m_bytes).substr(token.offset, token.length);
    }

    std::string m_bytes;
    std::vector<Token> m_tokens;
    std::vector<Slot> m_slots;
    std::size_t m_longest = 0;
};

} // namespace apiary::text
