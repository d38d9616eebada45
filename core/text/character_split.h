#pragma once

#include "text/lazy_pages.h"
#include "text/split_joiner.h"

#include <functional>

namespace apiary::text {

/// Splits by what kind of character stands where.
class CharacterSplit final : public PreTokenizer {
public:
    enum class Kind : std::uint8_t {
        Drop,     ///< separates words and is lost
        Alone,    ///< is a word of its own
        Run,      ///< makes one word with its like
        OtherRun, ///< another sort of these
    };

    /// `behavior` says what becomes of those of kind Alone; only the merging ones matter here.
    explicit CharacterSplit(std::function<Kind(char32_t)> classify, SplitBehavior behavior = SplitBehavior::Isolated);

    bool split(std::string_view text, bool atStart, WordSink take) const override;

private:
    using Page = std::array<Kind, 256>;

    Kind kindAt(std::string_view text, std::size_t &position) const;
    template <typename Take>
    bool stretches(std::string_view text, const Take &take) const;

    std::function<Kind(char32_t)> m_classify;
    SplitBehavior m_behavior;
    std::array<Kind, 128> m_ascii{};
    LazyPages<Page> m_pages;
};

/// BERT's: white space separates words and is lost; every punctuation character is a word of its own.
std::unique_ptr<const PreTokenizer> makeBertPreTokenizer();
/// White space separates words.
std::unique_ptr<const PreTokenizer> makeWhitespaceSplit();
/// \w+|[^\w\s]+
std::unique_ptr<const PreTokenizer> makeWhitespacePreTokenizer();
/// Numbers (any of Unicode's) are words, each digit by itself or all in a row.
std::unique_ptr<const PreTokenizer> makeDigits(bool individual);
std::unique_ptr<const PreTokenizer> makePunctuation(SplitBehavior behavior);
/// One character separates words and is lost.
std::unique_ptr<const PreTokenizer> makeDelimiterSplit(char32_t delimiter);

} // namespace apiary::text
