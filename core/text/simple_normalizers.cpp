#include "text/simple_normalizers.h"

#include "text/unicode.h"
#include "text/utf8.h"

#include <algorithm>

namespace apiary::text {

struct CharacterMap::Page {
    struct Entry {
        std::uint32_t offset;
        std::uint32_t length;
    };
    std::array<Entry, 256> entries{};
    std::string pool;
};

CharacterMap::CharacterMap(Map map) : m_map(map) {}

CharacterMap::~CharacterMap() = default;

std::unique_ptr<const CharacterMap::Page> CharacterMap::makePage(char32_t first) const
{
    auto page = std::make_unique<Page>();
    std::u32string mapped;
    for (char32_t i = 0; i < 256; ++i) {
        const std::size_t before = page->pool.size();
        mapped.clear();
        m_map(mapped, first + i);
        for (const char32_t scalar : mapped)
            appendScalar(page->pool, scalar);
        page->entries[i] = {static_cast<std::uint32_t>(before), static_cast<std::uint32_t>(page->pool.size() - before)};
    }
    return page;
}

void CharacterMap::normalize(std::string_view text, std::string &out) const
{
    out.reserve(out.size() + text.size());
    for (std::size_t position = 0; position < text.size();) {
        const char32_t scalar = nextScalar(text, position);
        const Page &page = m_pages.at(scalar, [this](char32_t first) { return makePage(first); });
        const Page::Entry entry = page.entries[scalar & 0xFF];
        out.append(page.pool, entry.offset, entry.length);
    }
}

std::unique_ptr<const Normalizer> makeLowercase()
{
    return std::make_unique<CharacterMap>(unicode::appendLower);
}

std::unique_ptr<const Normalizer> makeStripAccents()
{
    return std::make_unique<CharacterMap>([](std::u32string &out, char32_t scalar) {
        if (!unicode::isMark(scalar))
            out += scalar;
    });
}

std::unique_ptr<const Normalizer> makeNmt()
{
    return std::make_unique<CharacterMap>([](std::u32string &out, char32_t c) {
        const bool isDropped =
            (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F;
        if (isDropped)
            return;
        const bool isSpace = c == 0x09 || c == 0x0A || c == 0x0C || c == 0x0D || c == 0x1680 ||
                             (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xFEFF ||
                             c == 0xFFFD;
        out += isSpace ? U' ' : c;
    });
}

void Strip::normalize(std::string_view text, std::string &out) const
{
    std::size_t begin = 0, end = text.size();
    for (std::size_t after = 0; m_left && begin < end; begin = after)
        if (!unicode::isWhitespace(nextScalar(text, after)))
            break;
    for (std::size_t before = end; m_right && begin < end; end = before)
        if (!unicode::isWhitespace(previousScalar(text, before)))
            break;
    out += text.substr(begin, end - begin);
}

std::size_t Strip::origin(std::string_view text, std::size_t position) const
{
    std::size_t begin = 0;
    for (std::size_t after = 0; m_left && begin < text.size(); begin = after)
        if (!unicode::isWhitespace(nextScalar(text, after)))
            break;
    return begin + position;
}

void Prepend::normalize(std::string_view text, std::string &out) const
{
    if (!text.empty())
        out += m_text;
    out += text;
}

std::size_t Prepend::origin(std::string_view, std::size_t position) const
{
    return position - std::min(position, m_text.size());
}

void Replace::normalize(std::string_view text, std::string &out) const
{
    m_pattern->stretches(text, [&](std::size_t begin, std::size_t end, bool isMatch) {
        out += isMatch ? std::string_view(m_content) : text.substr(begin, end - begin);
        return true;
    });
}

/// A replacement comes from the last character that it replaces; so the package has it.
std::size_t Replace::origin(std::string_view text, std::size_t position) const
{
    std::size_t origin = text.size();
    m_pattern->stretches(text, [&](std::size_t begin, std::size_t end, bool isMatch) {
        const std::size_t length = isMatch ? m_content.size() : end - begin;
        if (position >= length) {
            position -= length;
            return true;
        }
        origin = isMatch ? end : begin + position;
        if (isMatch && end > begin)
            previousScalar(text, origin);
        return false;
    });
    return origin;
}

} // namespace apiary::text
