#include "text/word_pattern.h"

#include "text/lazy_pages.h"
#include "text/unicode.h"
#include "text/utf8.h"

#include <cstdint>

namespace apiary::text {

namespace {

enum class Class : std::uint8_t { End, Letter, Number, Newline, Space, Other };

Class classify(char32_t scalar)
{
    if (scalar == '\r' || scalar == '\n')
        return Class::Newline;
    if (unicode::isWhitespace(scalar))
        return Class::Space;
    switch (unicode::patternClass(scalar)) {
    case unicode::PatternClass::Letter:
        return Class::Letter;
    case unicode::PatternClass::Number:
        return Class::Number;
    case unicode::PatternClass::Other:
        break;
    }
    return Class::Other;
}

using Page = std::array<Class, 256>;

/// Reads classes off a text.
class Reader {
public:
    explicit Reader(std::string_view text) : m_text(text) {}

    /// The class at `position`, which moves behind the character; End at the end.
    Class next(std::size_t &position) const
    {
        if (position >= m_text.size())
            return Class::End;
        const auto byte = static_cast<unsigned char>(m_text[position]);
        if (byte < 0x80) {
            ++position;
            return ascii()[byte];
        }
        const char32_t scalar = nextScalar(m_text, position);
        static const LazyPages<Page> pages;
        const Page &page = pages.at(scalar, [](char32_t first) {
            auto made = std::make_unique<Page>();
            for (char32_t i = 0; i < 256; ++i)
                (*made)[i] = classify(first + i);
            return made;
        });
        return page[scalar & 0xFF];
    }

    Class at(std::size_t position) const { return next(position); }

    /// Behind the characters of a class from `position` on.
    std::size_t run(Class wanted, std::size_t position) const
    {
        for (std::size_t end = position; next(end) == wanted; position = end) {}
        return position;
    }

    bool isAt(std::size_t position, char character) const
    {
        return position < m_text.size() && m_text[position] == character;
    }

    /// \s+(?!\S)|\s+ from `begin` on, where a white space stands: all of it, but for the last before something else.
    /// `lastNewline` gets the place behind the last line end in it, 0 where there is none.
    std::size_t whiteSpace(std::size_t begin, std::size_t &lastNewline) const
    {
        std::size_t last = begin; // where the last one starts
        std::size_t position = begin;
        lastNewline = 0;
        for (;;) {
            std::size_t after = position;
            const Class found = next(after);
            if (found == Class::End)
                return position;
            if (found != Class::Space && found != Class::Newline)
                return last > begin ? last : position;
            if (found == Class::Newline)
                lastNewline = after;
            last = position;
            position = after;
        }
    }

private:
    static const std::array<Class, 128> &ascii()
    {
        static const std::array<Class, 128> classes = [] {
            std::array<Class, 128> made{};
            for (char32_t c = 0; c < made.size(); ++c)
                made[c] = classify(c);
            return made;
        }();
        return classes;
    }

    std::string_view m_text;
};

/// Length of 's, 't, 're, 've, 'm, 'll or 'd at the front of a text, 0 where none stands there. Where case does not
/// matter, the long s is an s as well (Unicode's case folding).
std::size_t contraction(std::string_view text, bool anyCase)
{
    if (text.size() < 2 || text[0] != '\'')
        return 0;
    const auto letter = [&](std::size_t i) {
        const char c = i < text.size() ? text[i] : '\0';
        return anyCase && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    switch (letter(1)) {
    case 's':
    case 't':
    case 'm':
    case 'd':
        return 2;
    case 'r':
    case 'v':
        return letter(2) == 'e' ? 3 : 0;
    case 'l':
        return letter(2) == 'l' ? 3 : 0;
    default:
        return anyCase && text.substr(1).starts_with("\xC5\xBF") ? 3 : 0;
    }
}

std::size_t gpt2Match(const Reader &read, std::string_view text, std::size_t begin)
{
    if (const std::size_t length = contraction(text.substr(begin), false))
        return begin + length;
    const std::size_t word = begin + read.isAt(begin, ' ');
    const Class kind = read.at(word);
    if (kind == Class::Letter || kind == Class::Number || kind == Class::Other)
        return read.run(kind, word);
    std::size_t lastNewline = 0;
    return read.whiteSpace(begin, lastNewline);
}

std::size_t wordMatch(const Reader &read, std::string_view text, std::size_t begin, int mostDigits)
{
    if (const std::size_t length = contraction(text.substr(begin), true))
        return begin + length;
    std::size_t second = begin;
    const Class kind = read.next(second);
    if (kind == Class::Letter)
        return read.run(Class::Letter, second);
    if (kind == Class::Number) {
        std::size_t end = second;
        for (int digits = 1; digits < mostDigits && read.next(second) == Class::Number; ++digits)
            end = second;
        return end;
    }
    if (kind != Class::Newline && read.at(second) == Class::Letter)
        return read.run(Class::Letter, second);
    const std::size_t word = begin + read.isAt(begin, ' ');
    if (read.at(word) == Class::Other)
        return read.run(Class::Newline, read.run(Class::Other, word));
    std::size_t lastNewline = 0;
    const std::size_t end = read.whiteSpace(begin, lastNewline);
    return lastNewline > 0 ? lastNewline : end;
}

} // namespace

bool Gpt2Pattern::stretches(std::string_view text, StretchSink take) const
{
    const Reader read(text);
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = gpt2Match(read, text, begin);
        if (!take(begin, end, true))
            return false;
        begin = end;
    }
    return true;
}

bool WordPattern::stretches(std::string_view text, StretchSink take) const
{
    const Reader read(text);
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = wordMatch(read, text, begin, m_mostDigits);
        if (!take(begin, end, true))
            return false;
        begin = end;
    }
    return true;
}

} // namespace apiary::text
