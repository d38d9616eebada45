#pragma once

#include "text/normalizer.h"
#include "text/pattern.h"
#include "text/pre_tokenizer.h"

#include <array>
#include <string>

namespace apiary::text {

/// GPT-2's way to write bytes as characters: printing ones of Latin-1 stand for themselves, the others for U+0100 on.
void appendByteLevel(std::string_view bytes, std::string &out);

/// Byte-level words: each byte of the text is a character of its own. Splits at GPT-2's pattern first (useRegex) and
/// sets a space in front of a piece that has none (addPrefixSpace).
class ByteLevel final : public PreTokenizer {
public:
    ByteLevel(bool addPrefixSpace, bool useRegex);

    bool split(std::string_view text, bool atStart, WordSink take) const override;

private:
    bool m_addPrefixSpace;
    std::unique_ptr<const Pattern> m_pattern; ///< null: no splitting
};

/// The same as a normalizer, without splitting.
class ByteLevelNormalizer final : public Normalizer {
public:
    void normalize(std::string_view text, std::string &out) const override { appendByteLevel(text, out); }
};

} // namespace apiary::text
