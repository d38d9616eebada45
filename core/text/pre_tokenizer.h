#pragma once

#include "text/lazy_pages.h"

#include <cstdint>
#include <string_view>

namespace apiary::text {

/// The second stage of a tokenizer: normal text → words. Immutable and safe to share between threads.
class PreTokenizer {
public:
    virtual ~PreTokenizer() = default;

    /// The next word of `text`, well-formed UTF-8, from `position` on; moves `position` behind it. An empty view at
    /// the end. A cursor rather than a list, so that what truncation cuts off is never split.
    virtual std::string_view next(std::string_view text, std::size_t &position) const = 0;
};

/// BERT's: white space separates words and is lost; every punctuation character is a word of its own.
class BertPreTokenizer final : public PreTokenizer {
public:
    BertPreTokenizer();

    std::string_view next(std::string_view text, std::size_t &position) const override;

private:
    enum class Kind : std::uint8_t { Word, Space, Punctuation };
    using Page = std::array<Kind, 256>;

    static Kind classify(char32_t scalar);
    Kind kindAt(std::string_view text, std::size_t &position) const;

    Page m_ascii{};
    LazyPages<Page> m_pages;
};

} // namespace apiary::text
