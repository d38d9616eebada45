#include "text/icu_pattern.h"

#include "base/error.h"
#include "text/unicode.h"
#include "text/utf8.h"

#include <limits>
#include <unicode/uregex.h>

namespace apiary::text {

namespace {

/// Of ICU's units, some milliseconds each. A match of a word takes far less than one.
constexpr std::int32_t longestMatch = 2000;
constexpr std::int32_t largestStack = 64 << 20;
/// Far longer than any in use.
constexpr std::size_t longestRegex = 16384;

std::u16string toUtf16(std::string_view text, bool standIns)
{
    std::u16string out;
    out.reserve(text.size());
    for (std::size_t position = 0; position < text.size();) {
        char32_t scalar = nextScalar(text, position);
        if (standIns)
            scalar = unicode::standIn(scalar);
        if (scalar < 0x10000) {
            out += static_cast<char16_t>(scalar);
        } else {
            out += static_cast<char16_t>(0xD7C0 + (scalar >> 10));
            out += static_cast<char16_t>(0xDC00 + (scalar & 0x3FF));
        }
    }
    return out;
}

/// How the package's engine means \w, \W, \h (a hexadecimal digit) and \H; empty for other letters. ICU's \w has joiners,
/// which its own has not; outside brackets it has the digits and fractions of Latin-1, too.
std::string_view itsClass(char letter, bool inBrackets)
{
    switch (letter) {
    case 'w':
        return inBrackets ? R"([\p{Alphabetic}\p{M}\p{Nd}\p{Pc}])" : R"([\p{Alphabetic}\p{M}\p{Nd}\p{Pc}²³¹¼-¾])";
    case 'W':
        return inBrackets ? R"([^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}])" : R"([^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}²³¹¼-¾])";
    case 'h':
        return "[0-9a-fA-F]";
    case 'H':
        return "[^0-9a-fA-F]";
    default:
        return {};
    }
}

/// The expression with the classes that the package's engine means otherwise than ICU written out.
std::string withItsClasses(std::string_view regex)
{
    std::string out;
    int brackets = 0;
    for (std::size_t i = 0; i < regex.size(); ++i) {
        const char c = regex[i];
        if (c == '\\' && i + 1 < regex.size()) {
            const std::string_view known = itsClass(regex[++i], brackets > 0);
            out += known.empty() ? std::string(regex.substr(i - 1, 2)) : std::string(known);
            continue;
        }
        if (c == '[')
            ++brackets;
        else if (c == ']' && brackets > 0)
            --brackets;
        out += c;
    }
    return out;
}

/// A copy of a compiled expression, for one thread.
class Matcher {
public:
    Matcher(const URegularExpression *regex, const std::u16string &text) : m_regex(uregex_clone(regex, &m_error))
    {
        uregex_setText(m_regex, text.data(), static_cast<std::int32_t>(text.size()), &m_error);
        check();
    }
    ~Matcher() { uregex_close(m_regex); }
    Matcher(const Matcher &) = delete;
    Matcher &operator=(const Matcher &) = delete;

    bool find(std::int32_t from, std::int32_t &begin, std::int32_t &end)
    {
        const bool found = uregex_find(m_regex, from, &m_error) != 0;
        check();
        if (!found)
            return false;
        begin = uregex_start(m_regex, 0, &m_error);
        end = uregex_end(m_regex, 0, &m_error);
        return true;
    }

private:
    void check() const
    {
        if (U_FAILURE(m_error))
            throw Error(std::string("the tokenizer's pattern gives up on a text: ") + u_errorName(m_error), "tokenizer",
                        "leave that text out, or choose another encoder");
    }

    UErrorCode m_error = U_ZERO_ERROR;
    URegularExpression *m_regex;
};

} // namespace

IcuPattern::IcuPattern(const std::string &regex, const std::string &where)
{
    if (regex.empty() || regex.size() > longestRegex)
        throw InputError("this regular expression is empty or too long", where, "get the encoder's files again");
    const std::u16string pattern = toUtf16(withItsClasses(regex), false);
    UErrorCode error = U_ZERO_ERROR;
    UParseError place{};
    m_regex = uregex_open(pattern.data(), static_cast<std::int32_t>(pattern.size()), UREGEX_MULTILINE, &place, &error);
    if (U_SUCCESS(error))
        uregex_setTimeLimit(m_regex, longestMatch, &error);
    if (U_SUCCESS(error))
        uregex_setStackLimit(m_regex, largestStack, &error);
    if (U_SUCCESS(error))
        return;
    uregex_close(m_regex);
    m_regex = nullptr;
    throw InputError("ICU does not understand this regular expression (" + std::string(u_errorName(error)) + ")", where,
                     "choose another encoder");
}

IcuPattern::~IcuPattern()
{
    uregex_close(m_regex);
}

bool IcuPattern::stretches(std::string_view text, StretchSink take) const
{
    if (text.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        throw Error("a text is too long for the tokenizer's pattern", "tokenizer", "shorten it");
    const std::u16string units = toUtf16(text, true);
    const auto size = static_cast<std::int32_t>(units.size());
    Matcher matcher(m_regex, units);

    // Matches come in order, so that the place in UTF-8 follows the place in UTF-16.
    std::int32_t unit = 0;
    std::size_t byte = 0;
    const auto byteAt = [&](std::int32_t wanted) {
        while (unit < wanted)
            unit += nextScalar(text, byte) < 0x10000 ? 1 : 2;
        return byte;
    };
    std::size_t done = 0;
    std::int32_t lastEnd = -1;
    for (std::int32_t from = 0, begin = 0, end = 0; from <= size && matcher.find(from, begin, end);) {
        if (begin == end && begin == lastEnd) { // an empty match right behind the last: no match
            if (from >= size)
                break;
            from += from + 1 < size && (units[static_cast<std::size_t>(from)] & 0xFC00) == 0xD800 ? 2 : 1;
            continue;
        }
        from = lastEnd = end;
        const std::size_t first = byteAt(begin);
        if (done < first && !take(done, first, false))
            return false;
        done = byteAt(end);
        if (!take(first, done, true))
            return false;
    }
    return done == text.size() || take(done, text.size(), false);
}

} // namespace apiary::text
