#pragma once

#include "text/function_ref.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace apiary::text {

/// Takes a stretch of a text, in order and without gaps; returns false once nothing more is wanted.
using StretchSink = FunctionRef<bool(std::size_t begin, std::size_t end, bool isMatch)>;

/// Cuts a text into matches and what lies between. Immutable and safe to share between threads.
class Pattern {
public:
    virtual ~Pattern() = default;

    /// Hands on the stretches of well-formed UTF-8; a match may be empty. Returns false as soon as `take` did. Throws
    /// Error where a regular expression takes too long or too much memory for this text.
    virtual bool stretches(std::string_view text, StretchSink take) const = 0;
};

/// A text as it stands, not empty.
std::unique_ptr<const Pattern> makeLiteral(std::string text);

/// A regular expression. Those of GPT-2, Qwen and Llama 3 and the one for spaces in a row have matchers of their own,
/// anything else goes to ICU. Throws InputError (at `where`) for what ICU does not understand.
std::unique_ptr<const Pattern> makeRegex(const std::string &regex, const std::string &where);

/// GPT-2's words: contractions, letters, numbers or other characters in a row with a space in front, white space.
std::unique_ptr<const Pattern> makeGpt2Pattern();

} // namespace apiary::text
