#pragma once

#include <cstdint>
#include <string>

/// Characters as the `tokenizers` package sees them: ICU's data, cut to the Unicode versions behind that package's
/// tables, with a small table of exceptions (unicode_exceptions.inc, made by tests/golden/unicode_exceptions.py).
/// The functions ask ICU and are not fast: normalizers and pre-tokenizers keep pages of answers (lazy_pages.h).
namespace apiary::text::unicode {

enum class Category : std::uint8_t {
    None,
    Control,     ///< Cc, Cf and Co (private use), but for tab, line feed and carriage return
    Mark,        ///< Mn, nonspacing marks
    Punctuation, ///< P*, beyond ASCII
};

Category category(char32_t scalar);

/// The property White_Space.
bool isWhitespace(char32_t scalar);

/// An ideograph that BERT sets between spaces.
bool isChinese(char32_t scalar);

/// \w of a regular expression: alphabetic, mark, decimal number, connector punctuation, join control.
bool isWordCharacter(char32_t scalar);

/// A mark of any kind, as StripAccents sees it.
bool isMark(char32_t scalar);

/// A number of any kind: digit, letter or other.
bool isNumber(char32_t scalar);

/// What regular expressions tell apart, by \p{L} and \p{N}.
enum class PatternClass : std::uint8_t { Letter, Number, Other };
PatternClass patternClass(char32_t scalar);

/// The character itself, or for one that regular expressions see otherwise than ICU does another of the category that
/// they see, of the same length in UTF-16.
char32_t standIn(char32_t scalar);

/// Whether ICU's normalization forms hold for a character; others stay as they are, as if not assigned.
bool isInNormalizationData(char32_t scalar);

/// Properties that grapheme clusters depend on.
enum class Break : std::uint8_t {
    Other,
    Control,
    CR,
    LF,
    L,
    V,
    T,
    LV,
    LVT,
    Extend,
    ZWJ,
    SpacingMark,
    Prepend,
    RegionalIndicator,
};
enum class Conjunct : std::uint8_t { None, Consonant, Linker, Extend };
struct ClusterProperties {
    Break kind = Break::Other;
    Conjunct conjunct = Conjunct::None;
    bool pictographic = false;
};
ClusterProperties clusterProperties(char32_t scalar);

/// ASCII punctuation (every printing character that is no letter, digit or space) or category Punctuation.
bool isBertPunctuation(char32_t scalar);

/// Appends the lower case of one character without looking at its neighbours: no final sigma, no language.
void appendLower(std::u32string &out, char32_t scalar);

/// Appends the full canonical decomposition, the character itself where it has none.
void appendDecomposed(std::u32string &out, char32_t scalar);

/// Canonical combining class, 0 for starters.
std::uint8_t combiningClass(char32_t scalar);

} // namespace apiary::text::unicode
