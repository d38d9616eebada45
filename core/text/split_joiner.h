#pragma once

#include "text/pre_tokenizer.h"

#include <cstdint>

namespace apiary::text {

/// What becomes of the delimiters between words.
enum class SplitBehavior : std::uint8_t {
    Removed,            ///< they are lost
    Isolated,           ///< each is a word
    MergedWithPrevious, ///< each belongs to the word before it
    MergedWithNext,     ///< each belongs to the word behind it
    Contiguous,         ///< delimiters in a row are one word
};

/// Makes words of the stretches that a pattern cuts a text into, each a match (a delimiter) or what lies between.
class SplitJoiner {
public:
    SplitJoiner(std::string_view text, bool atStart, SplitBehavior behavior, WordSink take)
        : m_text(text)
        , m_take(take)
        , m_behavior(behavior)
        , m_atStart(atStart)
    {
    }

    /// The next stretch. Returns false once nothing more is wanted.
    bool add(std::size_t begin, std::size_t end, bool isMatch);
    /// After the last.
    bool finish() { return flush(); }

private:
    bool handOn(std::size_t begin, std::size_t end);
    bool flush();
    bool keep(std::size_t begin, std::size_t end);

    std::string_view m_text;
    WordSink m_take;
    SplitBehavior m_behavior;
    bool m_atStart;
    bool m_previousMatch = false;
    bool m_hasPending = false; ///< a word that may still grow
    std::size_t m_begin = 0;
    std::size_t m_end = 0;
};

} // namespace apiary::text
