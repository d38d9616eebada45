#pragma once

#include "text/pre_tokenizer.h"

#include <string>

namespace apiary::text {

/// Writes spaces as a visible character (sentencepiece's U+2581), sets one in front, and starts a word at each.
class Metaspace final : public PreTokenizer {
public:
    enum class Prepend { Always, First, Never }; ///< First: where the piece begins the text
    struct Options {
        std::string replacement = "\xE2\x96\x81"; ///< one character
        Prepend prepend = Prepend::Always;
        bool split = true; ///< else the whole piece stays one word
    };

    explicit Metaspace(Options options) : m_options(std::move(options)) {}

    bool split(std::string_view text, bool atStart, WordSink take) const override;
    bool asksForStart() const override { return m_options.prepend == Prepend::First; }

private:
    std::size_t delimiterAt(std::string_view text, std::size_t position) const;
    std::size_t nextDelimiter(std::string_view text, std::size_t position) const;
    bool wants(std::string_view text, bool atStart) const;

    Options m_options;
};

} // namespace apiary::text
