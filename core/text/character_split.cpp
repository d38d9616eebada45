#include "text/character_split.h"

#include "text/unicode.h"
#include "text/utf8.h"

namespace apiary::text {

using Kind = CharacterSplit::Kind;

CharacterSplit::CharacterSplit(std::function<Kind(char32_t)> classify, SplitBehavior behavior)
    : m_classify(std::move(classify))
    , m_behavior(behavior)
{
    for (char32_t c = 0; c < m_ascii.size(); ++c)
        m_ascii[c] = m_classify(c);
}

/// The kind of the scalar at `position`; moves `position` behind it.
Kind CharacterSplit::kindAt(std::string_view text, std::size_t &position) const
{
    const auto byte = static_cast<unsigned char>(text[position]);
    if (byte < 0x80) {
        ++position;
        return m_ascii[byte];
    }
    const char32_t scalar = nextScalar(text, position);
    const Page &page = m_pages.at(scalar, [this](char32_t first) {
        auto made = std::make_unique<Page>();
        for (char32_t i = 0; i < 256; ++i)
            (*made)[i] = m_classify(first + i);
        return made;
    });
    return page[scalar & 0xFF];
}

template <typename Take>
bool CharacterSplit::stretches(std::string_view text, const Take &take) const
{
    for (std::size_t position = 0; position < text.size();) {
        const std::size_t begin = position;
        const Kind kind = kindAt(text, position);
        if (kind == Kind::Drop)
            continue;
        if (kind != Kind::Alone)
            for (std::size_t end = position; end < text.size(); position = end)
                if (kindAt(text, end) != kind)
                    break;
        if (!take(begin, position, kind == Kind::Alone))
            return false;
    }
    return true;
}

bool CharacterSplit::split(std::string_view text, bool atStart, WordSink take) const
{
    const bool merges = m_behavior == SplitBehavior::MergedWithPrevious || m_behavior == SplitBehavior::MergedWithNext;
    if (!merges)
        return stretches(text, [&](std::size_t begin, std::size_t end, bool) {
            return take(text.substr(begin, end - begin), atStart && begin == 0);
        });
    SplitJoiner joiner(text, atStart, m_behavior, take);
    const auto add = [&](std::size_t begin, std::size_t end, bool isAlone) { return joiner.add(begin, end, isAlone); };
    return stretches(text, add) && joiner.finish();
}

std::unique_ptr<const PreTokenizer> makeBertPreTokenizer()
{
    return std::make_unique<CharacterSplit>([](char32_t c) {
        if (unicode::isWhitespace(c))
            return Kind::Drop;
        return unicode::isBertPunctuation(c) ? Kind::Alone : Kind::Run;
    });
}

std::unique_ptr<const PreTokenizer> makeWhitespaceSplit()
{
    return std::make_unique<CharacterSplit>(
        [](char32_t c) { return unicode::isWhitespace(c) ? Kind::Drop : Kind::Run; });
}

std::unique_ptr<const PreTokenizer> makeWhitespacePreTokenizer()
{
    return std::make_unique<CharacterSplit>([](char32_t c) {
        if (unicode::isWordCharacter(c))
            return Kind::Run;
        return unicode::isWhitespace(c) ? Kind::Drop : Kind::OtherRun;
    });
}

std::unique_ptr<const PreTokenizer> makeDigits(bool individual)
{
    return std::make_unique<CharacterSplit>([individual](char32_t c) {
        if (!unicode::isNumber(c))
            return Kind::Run;
        return individual ? Kind::Alone : Kind::OtherRun;
    });
}

std::unique_ptr<const PreTokenizer> makePunctuation(SplitBehavior behavior)
{
    const Kind kind = behavior == SplitBehavior::Removed      ? Kind::Drop
                      : behavior == SplitBehavior::Contiguous ? Kind::OtherRun
                                                              : Kind::Alone;
    return std::make_unique<CharacterSplit>(
        [kind](char32_t c) { return unicode::isBertPunctuation(c) ? kind : Kind::Run; }, behavior);
}

std::unique_ptr<const PreTokenizer> makeDelimiterSplit(char32_t delimiter)
{
    return std::make_unique<CharacterSplit>(
        [delimiter](char32_t c) { return c == delimiter ? Kind::Drop : Kind::Run; });
}

} // namespace apiary::text
