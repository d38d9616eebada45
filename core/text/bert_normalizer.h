#pragma once

#include "text/lazy_pages.h"
#include "text/normalizer.h"

#include <cstdint>
#include <optional>

namespace apiary::text {

/// BERT's: drops controls and makes white space plain (cleanText), sets spaces around ideographs (chineseChars), takes
/// nonspacing marks off the canonical decomposition (stripAccents; by default where lowercase is on), lower case.
class BertNormalizer final : public Normalizer {
public:
    struct Options {
        bool cleanText = true;
        bool chineseChars = true;
        std::optional<bool> stripAccents;
        bool lowercase = true;
    };

    explicit BertNormalizer(const Options &options);
    ~BertNormalizer() override;

    void normalize(std::string_view text, std::string &out) const override;

private:
    struct Page;
    struct Pending;

    std::unique_ptr<const Page> makePage(char32_t first) const;
    std::uint32_t actionFor(char32_t scalar, std::string &pool) const;
    std::u32string expansion(char32_t scalar) const;
    void appendLowered(std::string &out, char32_t scalar) const;
    void appendInOrder(char32_t scalar, Pending &pending, std::string &out) const;
    void flush(Pending &pending, std::string &out) const;
    std::size_t appendAscii(std::string_view text, std::size_t begin, std::string &out) const;

    bool m_clean;
    bool m_chinese;
    bool m_strip;
    bool m_lower;
    struct AsciiRule {
        char to;
        bool keep;
    };
    std::array<AsciiRule, 128> m_ascii{};
    LazyPages<Page> m_pages;
};

} // namespace apiary::text
