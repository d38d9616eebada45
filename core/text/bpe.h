#pragma once

#include "text/merges.h"
#include "text/model.h"
#include "text/vocabulary.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

namespace apiary::text {

/// Byte pair encoding: a word starts as characters; of all neighbours that make a token the pair that stands first in
/// the list of merges is joined, the leftmost first, until there is none.
class Bpe final : public Model {
public:
    struct Options {
        std::optional<std::string> unknown; ///< for characters that are no token; without it they are left out
        std::string continuationPrefix;     ///< in front of every character but the first
        std::string wordSuffix;             ///< behind the last character
        bool fuseUnknown = false;           ///< unknown characters in a row are one
        bool byteFallback = false;          ///< unknown characters become the tokens <0x00> … of their bytes
        bool ignoreMerges = false;          ///< a word that is a token stays whole
    };
    using Pair = std::pair<std::string, std::string>;

    /// Throws InputError (at `where`) for an empty vocabulary, an id below 0, and a merge whose parts or whole are not
    /// in it.
    Bpe(const std::vector<TokenEntry> &tokens, const std::vector<Pair> &merges, const Options &options,
        const std::string &where);

    void tokenize(std::string_view word, std::vector<std::int32_t> &ids) const override;
    std::int32_t idOf(std::string_view token) const override { return m_vocabulary.find(token); }
    std::int32_t maxId() const override { return m_maxId; }

private:
    void addMerges(const std::vector<Pair> &merges, const std::string &where);
    void appendSymbols(std::string_view word, std::vector<std::int32_t> &symbols) const;
    std::int32_t symbolOf(std::string_view character, bool isFirst, bool isLast) const;
    void mergeShort(std::vector<std::int32_t> &symbols) const;
    void mergeLong(std::vector<std::int32_t> &symbols) const;

    std::uint64_t m_number;
    Vocabulary m_vocabulary;
    Merges m_merges;
    Options m_options;
    std::int32_t m_unknownId = -1;
    std::int32_t m_maxId = -1;
    std::array<std::int32_t, 0x180> m_characters{}; ///< the first blocks, which byte-level words are made of
    std::array<std::int32_t, 256> m_byteIds{};
};

} // namespace apiary::text
