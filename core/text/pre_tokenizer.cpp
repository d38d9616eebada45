#include "text/pre_tokenizer.h"

#include "text/unicode.h"
#include "text/utf8.h"

namespace apiary::text {

BertPreTokenizer::BertPreTokenizer()
{
    for (char32_t c = 0; c < 0x80; ++c)
        m_ascii[c] = classify(c);
}

BertPreTokenizer::Kind BertPreTokenizer::classify(char32_t scalar)
{
    if (unicode::isWhitespace(scalar))
        return Kind::Space;
    return unicode::isBertPunctuation(scalar) ? Kind::Punctuation : Kind::Word;
}

/// The kind of the scalar at `position`; moves `position` behind it.
BertPreTokenizer::Kind BertPreTokenizer::kindAt(std::string_view text, std::size_t &position) const
{
    const auto byte = static_cast<unsigned char>(text[position]);
    if (byte < 0x80) {
        ++position;
        return m_ascii[byte];
    }
    const char32_t scalar = nextScalar(text, position);
    const Page &page = m_pages.at(scalar, [](char32_t first) {
        auto made = std::make_unique<Page>();
        for (char32_t i = 0; i < 256; ++i)
            (*made)[i] = classify(first + i);
        return made;
    });
    return page[scalar & 0xFF];
}

std::string_view BertPreTokenizer::next(std::string_view text, std::size_t &position) const
{
    std::size_t begin = position;
    Kind kind = Kind::Space;
    while (kind == Kind::Space) {
        begin = position;
        if (begin >= text.size())
            return {};
        kind = kindAt(text, position);
    }
    if (kind == Kind::Word) {
        for (std::size_t end = position; end < text.size(); position = end)
            if (kindAt(text, end) != Kind::Word)
                break;
    }
    return text.substr(begin, position - begin);
}

} // namespace apiary::text
